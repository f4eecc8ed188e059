import type { Channel, LeftOver } from '../alerts/channel.ts'
import type { AlertSubject } from '../alerts/episode.ts'
import type { AlertRule, Silence } from '../alerts/rule.ts'
import type { SealedSecret } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'

/** Everything that changes who is told of what. */
export type AlertCommand =
  | {
      kind: 'channel-put'
      namespace: number
      name: string
      change: ChannelChange
      by: string
      ifVersion?: number | 'new'
    }
  | { kind: 'channel-delete'; channel: number; ifVersion?: number }
  | { kind: 'channel-test'; channel: number; by: string }
  | {
      kind: 'alert-rule-put'
      namespace: number
      name: string
      change: AlertRuleChange
      by: string
      ifVersion?: number | 'new'
    }
  | { kind: 'alert-rule-delete'; rule: number; ifVersion?: number }
  | ({ kind: 'silence-put'; by: string } & Pick<Silence, 'namespace' | 'match' | 'from' | 'until' | 'reason'>)
  | { kind: 'silence-delete'; silence: string }
  /** What the leader's watches saw. Seen twice it changes nothing. */
  | { kind: 'alerts-observed'; observations: AlertObservation[] }
  /** Episodes that go on and whose channels are to be told again; one that is not due is left out. */
  | { kind: 'alerts-repeated'; episodes: string[] }
  /** Without `error`, or `partly`, it was delivered; without `nextAt` it is not sent again, or to those `left` alone. */
  | {
      kind: 'alert-messages-sent'
      results: { message: number; error?: string; nextAt?: Millis; partly?: boolean; left?: LeftOver }[]
    }
  /** What rules remembered that are gone. */
  | { kind: 'alert-tallies-forget'; tallies: string[] }
  /** Channels whose window is over and that have something to sum up. */
  | { kind: 'alert-summaries'; channels: number[] }

export type ChannelChange = Pick<Channel, 'target' | 'messagesMax' | 'windowMs' | 'template'> & {
  /** `null` for none; absent: as it was, if the channel is of the same kind. */
  secret?: SealedSecret | null
}

export type AlertRuleChange = Pick<
  AlertRule,
  'scope' | 'condition' | 'channels' | 'notifyResolved' | 'repeatMs' | 'enabled'
>

/** How something is that a rule watches and no entry tells of. */
export interface AlertObservation {
  rule: number
  subject: AlertSubject
  firing: boolean
  /** What happened, one sentence. */
  summary: string
  /** The run that is slow: it must still be open. */
  run?: string
  /** The instant by which something was to have happened: judged once. */
  instant?: Millis
  /** Since when, if that is known better than by the entry; with `until` it is over already. */
  since?: Millis
  until?: Millis
  /** Under which channels were told of it, where that was not by an entry: recorded once. */
  key?: string
  /** They were told that it began. */
  isSaid?: boolean
  /** What it was about is there no more. */
  gone?: boolean
}

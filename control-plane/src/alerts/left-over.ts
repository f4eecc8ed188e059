import { ofEpisode } from '../state/alert-messages.ts'
import type { State } from '../state/state.ts'
import type { Channel, LeftOver, Sent } from './channel.ts'
import { cut } from './cut.ts'
import type { AlertMessage } from './episode.ts'

/** Characters of what is remembered of refusals. */
const REFUSED_MAX = 600

/**
 * The channel for those alone whom a server refused for now, when a message that others have already is sent again;
 * undefined when nobody is to be told any more: they are recipients no longer, or what came later of the same alert
 * tells them more.
 */
export function channelFor(message: AlertMessage, channel: Channel, state: State): Channel | undefined {
  const { left, about } = message
  if (!left) return channel
  if ('episode' in about && ofEpisode(state, channel.uid, about.episode).some((id) => id > message.id)) return undefined
  return channelOnlyFor(left, channel)
}

/** The channel for those alone who are left; undefined when none of them is a recipient any more. */
export function channelOnlyFor(left: LeftOver, channel: Channel): Channel | undefined {
  const { target } = channel
  if (target.kind !== 'email') return undefined
  const to = target.to.filter((address) => left.to.includes(address))
  return to.length === 0 ? undefined : { ...channel, target: { ...target, to } }
}

/** What came of a message that others have already, in the end or up to now: never that nobody got it. */
export function sentToLeft(left: LeftOver, sent: Sent): Sent {
  const before = left.refused
  const joined = (error: string) => (before === undefined ? error : cut(`${before}; ${error}`, REFUSED_MAX))
  switch (sent.kind) {
    case 'delivered':
      return before === undefined ? sent : { kind: 'partly', error: before }
    case 'retry':
      return { kind: 'partly', error: joined(sent.error), left, ...afterOf(sent) }
    case 'failed':
      return { kind: 'partly', error: joined(sent.error) }
    case 'partly': {
      if (!sent.left) return { kind: 'partly', error: joined(sent.error) }
      const { to, refused } = sent.left
      const all = refused === undefined ? before : joined(refused)
      return { kind: 'partly', error: joined(sent.error), left: { to, ...(all === undefined ? {} : { refused: all }) } }
    }
  }
}

function afterOf({ afterMs }: { afterMs?: number }): { afterMs?: number } {
  return afterMs === undefined ? {} : { afterMs }
}

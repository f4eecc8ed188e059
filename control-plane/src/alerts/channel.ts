import type { SealedSecret } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import type { AlertSubject } from './episode.ts'

/** How a channel reaches people. Whatever is secret stands in `Channel.secret`. */
export type ChannelTarget =
  | {
      kind: 'email'
      host: string
      port: number
      /** `starttls`: refused when the server does not offer it. `tls`: from the first byte. Certificates are verified. */
      security: 'starttls' | 'tls' | 'none'
      user?: string
      from: string
      to: string[]
    }
  /** Signed by Standard Webhooks with the channel's secret. Its URL may be one too: it is sealed, but for scheme and host. */
  | { kind: 'webhook'; origin: string }
  /** The URL of an incoming webhook is its own secret: it is sealed. */
  | { kind: 'slack' | 'dingtalk' | 'feishu' | 'wecom' }

/** Words of a channel's own, with placeholders such as `{{subject}}`. */
export interface AlertTemplate {
  /** In place of the title. */
  title?: string
  /** In place of the summary; what was tried still stands below it. */
  body?: string
}

export interface Channel {
  uid: number
  name: string
  /** 0 for those of the cluster, which rules of every namespace may use. */
  namespace: number
  target: ChannelTarget
  /** SMTP password, signing secret, or secret URL, as JSON `{ password?, secret?, url? }`, sealed. */
  secret?: SealedSecret
  /** Messages within `windowMs`; what is more goes into one summary. @default 10 */
  messagesMax: number
  /** @default 60_000 */
  windowMs: number
  version: number
  createdAt: Millis
  updatedAt: Millis
  createdBy: string
  /** In place of the usual words. Placeholders: `alerts/template.ts`. */
  template?: AlertTemplate
  /** The present window: what has gone out, and what waits for the summary. */
  window?: {
    from: Millis
    sent: number
    firing: number
    resolved: number
    episodes: string[]
    /** Of a channel of the cluster: what of it went to the rules of which namespace. */
    shares?: Record<number, number>
  }
  /** Since when nothing could be delivered. */
  trouble?: { since: Millis; error: string }
}

/** What is said, before it takes the form of a mail or a payload: plain text throughout, escaped by who renders it. */
export interface AlertText {
  /** Of this message and no other, and the same each time that it is sent: letters, digits, `-` and `_`. */
  id: string
  cluster: string
  /** Stable over repeats: for threads and de-duplication. */
  key: string
  kind: 'firing' | 'resolved' | 'repeated' | 'summary' | 'test'
  /** One line. */
  title: string
  /** What happened. */
  summary: string
  /** Name of the rule that fired. */
  rule?: string
  subject?: AlertSubject
  /** Times that it happened; of a summary, episodes that began. */
  count?: number
  since?: Millis
  until?: Millis
  /** Label and value, e.g. what was tried: attempt by attempt. */
  facts: { label: string; value: string }[]
  /** To the run, the job or the page of alerts. */
  link?: string
}

/** Recipients whom a server refused for now, while others have the message. */
export interface LeftOver {
  to: string[]
  /** What it said of those whom it refused for good. */
  refused?: string
}

export type Sent =
  | { kind: 'delivered' }
  /** Some recipients were refused: for good, but for those that are left. */
  | { kind: 'partly'; error: string; left?: LeftOver; afterMs?: number }
  | { kind: 'retry'; error: string; afterMs?: number }
  | { kind: 'failed'; error: string }

/** Sends one message by one channel. Never throws. */
export interface ChannelSender {
  send(channel: Channel, secret: string | undefined, text: AlertText): Promise<Sent>
  close(): Promise<void>
}

/** Channels of a cluster. */
export const CHANNELS_MAX = 1000
/** Channels of a namespace, or of the cluster itself. */
export const CHANNELS_OF_NAMESPACE_MAX = 50

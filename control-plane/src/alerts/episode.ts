import type { Millis } from '../runtime/clock.ts'
import type { LeftOver } from './channel.ts'

/** What an episode is about, in words that stay true when the thing has gone. */
export interface AlertSubject {
  kind: 'job' | 'executor' | 'service' | 'node' | 'sink' | 'channel' | 'certificate' | 'token' | 'cluster'
  /** Uid or id, unique within its kind. */
  id: string
  name: string
  /** Name of the namespace, where there is one. */
  namespace?: string
}

/** From the moment a rule fires for a subject until it is over: told once, and once more when it is over. */
export interface Episode {
  id: string
  rule: number
  /** Copied, for the rule may change or go. */
  ruleName: string
  namespace: number
  subject: AlertSubject
  state: 'firing' | 'resolved'
  since: Millis
  resolvedAt?: Millis
  /** Times that it happened during the episode. */
  count: number
  lastAt: Millis
  /** What happened, one sentence of plain text, at most 1,000 characters. */
  summary: string
  /** The run that it began with, and the newest. */
  run?: string
  lastRun?: string
  /** Id of the silence under which it began: nobody was told, until that is over. */
  silenced?: string
  /** When its channels were told last. */
  toldAt?: Millis
  /** Under which channels were told of it before it was recorded; else that is its id. */
  key?: string
  /** Why it is over, where it did not get well: what it was about has gone, or its rule has, or watches something else. */
  closed?: 'subject-gone' | 'rule-changed'
  /** Its place among those that are over. */
  order?: number
}

/** What a rule remembers of something between entries, while nothing fires. */
export interface AlertTally {
  rule: number
  kind: AlertSubject['kind']
  /** Id of the subject. */
  subject: string
  /** When what it counts happened, oldest first, no more often than it takes to fire. */
  times?: Millis[]
  /** When the thing that must happen in time happened last. */
  lastAt?: Millis
  /** The last instant that was judged to be missed. */
  instant?: Millis
}

/** What a rule has at most one open episode and one tally of. */
export function watchKey(rule: number, kind: AlertSubject['kind'], id: string): string {
  return `${rule}/${kind}/${id}`
}

export function watchKeyOf({ rule, kind, subject }: AlertTally): string {
  return watchKey(rule, kind, subject)
}

/** Something to be told to one channel. Replicated until it is delivered or given up. */
export interface AlertMessage {
  id: number
  channel: number
  about:
    | { kind: 'firing' | 'resolved' | 'repeated'; episode: string }
    /** In place of messages that were too many: how many episodes began or ended, and some of them. */
    | { kind: 'summary'; firing: number; resolved: number; episodes: string[]; from: Millis; to: Millis }
    | { kind: 'test'; by: string }
  at: Millis
  state: 'open' | 'delivered' | 'failed'
  attempts: number
  nextAt?: Millis
  endedAt?: Millis
  error?: string
  /** Who is still to get it, while others have it already. */
  left?: LeftOver
}

/** Episodes of a namespace that are kept once they are over; the oldest give way. */
export const EPISODES_KEPT_MAX = 10_000
/** Episodes of a namespace that are open; what begins beyond them is not recorded, and told of by its number alone. */
export const EPISODES_OPEN_MAX = 10_000
/** How long an episode that is over is kept, in milliseconds. */
export const EPISODE_KEPT_MS = 90 * 24 * 3_600_000
/** Tallies of a cluster. */
export const TALLIES_MAX = 200_000
/** How long a message that has ended is kept, in milliseconds. */
export const MESSAGE_KEPT_MS = 14 * 24 * 3_600_000
/** Characters of a summary and of an error. */
export const SUMMARY_MAX = 1000
/** Messages that are kept, those that have ended included, of each channel. */
export const MESSAGES_MAX = 1000
/** Episodes named in a summary. */
export const SUMMARY_EPISODES_MAX = 50

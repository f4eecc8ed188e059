import type { Millis } from '../runtime/clock.ts'

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
  /** Began under a silence: nobody was told. */
  silenced?: string
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
}

/** Episodes that are kept once they are over; the oldest give way. */
export const EPISODES_KEPT_MAX = 10_000
/** Messages that are kept, those that have ended included, of each channel. */
export const MESSAGES_MAX = 1000
/** Episodes named in a summary. */
export const SUMMARY_EPISODES_MAX = 50

import type { EndedRunState, SkipReason } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'

/** What a rule watches: the whole cluster, or part of it. Uids; a rule ends with what it watches. */
export type AlertScope =
  | { kind: 'cluster' }
  | { kind: 'namespace'; namespace: number }
  | { kind: 'service'; namespace: number; service: number }
  | { kind: 'job'; namespace: number; job: number }

/** When a rule fires, and thereby when it resolves. */
export type AlertCondition =
  /** Runs of one job ended so, `count` of them within `windowMs`; over when one succeeds. */
  | { kind: 'run-ended'; states: Exclude<EndedRunState, 'succeeded' | 'skipped'>[]; count: number; windowMs: number }
  /** That many of one job failed, timed out or were lost one after the other; over when one succeeds. */
  | { kind: 'failures-in-row'; count: number }
  /** Fires of one job did not start, for one of these reasons, `count` within `windowMs`; over when one starts. */
  | { kind: 'missed'; reasons: SkipReason[]; count: number; windowMs: number }
  /** At each instant of `cron` in `zone`: nothing of the job started, or succeeded, within the `withinMs` before it. */
  | { kind: 'not-started' | 'not-finished'; cron: string; zone: string; withinMs: number }
  /** A run took longer than that, also one that is still open; over when one that ended took less. */
  | { kind: 'slow'; durationMs: number }
  /** A run began that much after it was due; over when one begins in time. */
  | { kind: 'late'; latenessMs: number }
  /** The job was quarantined, or paused by itself after failures; over when it is neither. */
  | { kind: 'stopped' }
  /** An executor has been unreachable, unhealthy or gone for so long. */
  | { kind: 'executor-gone'; forMs: number }
  /** A service has no executor that may be called, for so long. */
  | { kind: 'service-gone'; forMs: number }
  /** An executor refused a call's signature. */
  | { kind: 'signature-refused' }
  | SystemCondition

/** Health of the system itself; of the cluster as a whole. */
export type SystemCondition =
  | { kind: 'node-gone' | 'no-leader' | 'sink-gone' | 'channel-failing'; forMs: number }
  /** Rows left the ledger before a sink got them. */
  | { kind: 'sink-gap' }
  | { kind: 'disk-full' | 'clock-skew' }
  | { kind: 'certificate-ends' | 'token-ends'; beforeMs: number }

export interface AlertRule {
  uid: number
  /** Unique within the namespace, or within the cluster for those of the cluster. */
  name: string
  /** 0 for those of the cluster. */
  namespace: number
  scope: AlertScope
  condition: AlertCondition
  /** Uids of channels, of the same namespace or of the cluster. */
  channels: number[]
  /** Tells the channels also when it is over. */
  notifyResolved: boolean
  /** Sent again while it goes on, that often; never when absent. */
  repeatMs?: number
  enabled: boolean
  /** Since when it watches what it watches. */
  since: Millis
  version: number
  createdAt: Millis
  updatedAt: Millis
  createdBy: string
}

/** Nobody is told of what begins to fire meanwhile; it is recorded all the same. */
export interface Silence {
  id: string
  namespace: number
  /** What it silences; several narrow it down. Uids. */
  match: { rule?: number; job?: number; service?: number; node?: string }
  from: Millis
  until: Millis
  reason: string
  createdBy: string
}

/** Rules of a cluster. */
export const RULES_MAX = 10_000
/** Rules of a namespace, or of the cluster itself. */
export const RULES_OF_NAMESPACE_MAX = 200
export const SILENCES_MAX = 1000
export const SILENCES_OF_NAMESPACE_MAX = 100
/** Times that something must happen before a rule fires, at most. */
export const COUNT_MAX = 100
/** Channels of a rule. */
export const RULE_CHANNELS_MAX = 10

/** Every kind of condition, in the order in which people are shown them. */
export const CONDITION_KINDS = [
  'run-ended',
  'failures-in-row',
  'missed',
  'not-started',
  'not-finished',
  'slow',
  'late',
  'stopped',
  'executor-gone',
  'service-gone',
  'signature-refused',
  'node-gone',
  'no-leader',
  'sink-gone',
  'sink-gap',
  'channel-failing',
  'disk-full',
  'clock-skew',
  'certificate-ends',
  'token-ends',
] as const satisfies readonly AlertCondition['kind'][]

import type { FormerJob } from './former-jobs.ts'
import type { Channel } from '../alerts/channel.ts'
import type { AlertMessage, AlertTally, Episode } from '../alerts/episode.ts'
import type { AlertRule, Silence } from '../alerts/rule.ts'
import type { Executor, Service } from '../discovery/executor.ts'
import type { ServiceManifest } from '../discovery/manifest.ts'
import type { Job, RetentionRule } from '../jobs/job.ts'
import type { Sink } from '../logs/sink.ts'
import type { Backfill } from '../runs/backfill.ts'
import type { Notice } from '../runs/notice.ts'
import type { OpenRun } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { type AlertIndex, emptyAlertIndex } from './alert-index.ts'
import type { HourCounters } from './counters.ts'
import type { Pause } from './pauses.ts'
import type { KvSpace, Lease, Lock } from './kv-types.ts'
import type { KeyPair } from './signing-keys.ts'

/** What a token may do. `read` reads every namespace. */
export type Scope = 'admin' | 'read' | `namespace:${string}` | `service:${string}/${string}`

export interface Namespace {
  uid: number
  name: string
  description: string
  slots: number
  queuedRunsMax: number
  /** For jobs that say nothing themselves. */
  retention?: RetentionRule
  version: number
  createdAt: Millis
  updatedAt: Millis
  /** The last order to stop its schedules. */
  pause?: Pause
  /** Every run of it with a later fire time is still in the ledger; absent while none has left. */
  goneUpTo?: Millis
  /** Slots in use and runs waiting; derived, not stored. */
  held: number
  queued: number
}

export interface Token {
  id: string
  /** Lower-case hex SHA-256 of the token. */
  hash: string
  name: string
  scope: Scope
  createdBy: string
  createdAt: Millis
  expiresAt?: Millis
}

export interface IdempotencyRecord {
  key: string
  bodyHash: string
  run: string
  at: Millis
}

/** A member of the cluster. Whether it votes is the consensus' to say. */
export interface Member {
  /** Of its data folder: drawn once, never used again. */
  id: string
  name: string
  /** `host:port` of its peer port; empty until it has joined. */
  address: string
  /** Where its API is reached, if it said so. */
  apiUrl?: string
  addedAt: Millis
  /** Absent while its join token has not been used. */
  joinedAt?: Millis
  /** Until when its join token is good. */
  joinBy?: Millis
  /** Id that the data folder of its node had when it showed the token: nobody else may show it again. */
  joinedFrom?: string
  /** It was added as a learner and is not promoted by itself. */
  staysLearner?: boolean
}

/** A process that is, or was, a member. */
export interface NodeRecord {
  incarnation: number
  /** Given up by the leader; it comes back under a new incarnation. */
  down?: boolean
  /** What it said of itself when it came up. */
  about?: NodeAbout
}

export interface NodeAbout {
  /** Of the build. */
  version: string
  /** Highest cluster version that the build knows. */
  clusterVersion: number
  /** Version of the time zone database, e.g. `2026b`. */
  tzdata: string
}

/** The replicated state that lives in memory. `apply` is its only writer. */
export interface State {
  /** Last applied log position. */
  index: number
  term: number
  /** Replicated time: the greatest `at` applied. */
  now: Millis
  cluster: string
  /** Last fencing token given. */
  fencingToken: number
  /** Rows that the ledger was given so far, those that have gone included. */
  ledgerRows: number
  /** How many of them have gone. */
  ledgerGone: number
  /** Notices made so far. */
  noticeSerial: number
  /** What services are told although nothing runs, by serial number, oldest first. */
  notices: Map<number, Notice>
  /** Namespace uid to the serial numbers of its notices, oldest first; derived, not stored. */
  noticesOf: Map<number, Set<number>>
  /** Databases that get every row of the ledger, by uid. */
  sinks: Map<number, Sink>
  /** Jobs that are gone, by uid, while they have rows in the ledger. */
  formerJobs: Map<number, FormerJob>
  /** The last order to stop all schedules. */
  pause?: Pause
  namespaces: Map<number, Namespace>
  namespaceNames: Map<string, number>
  services: Map<number, Service>
  /** `<namespace uid>/<name>` to uid. */
  serviceNames: Map<string, number>
  /** Service uid, then executor id. */
  executors: Map<number, Map<string, Executor>>
  /** What is known of the program of a service, by its uid. */
  manifests: Map<number, ServiceManifest>
  jobs: Map<number, Job>
  /** `<namespace uid>/<name>` to uid. */
  jobNames: Map<string, number>
  /** `<namespace uid>/<name>` of a child to the uids of the jobs that name it; derived, not stored. */
  parents: Map<string, Set<number>>
  runs: Map<string, OpenRun>
  /** Open attempt id to run id; derived, not stored. */
  attempts: Map<string, string>
  /** Member id to what is known of its process. */
  nodes: Map<string, NodeRecord>
  members: Map<string, Member>
  /** Version of the command vocabulary that all members know. */
  clusterVersion: number
  /** Of everything that the entries so far have changed; see `digestAfter`. */
  digest: number
  /** By id, oldest first. */
  backfills: Map<string, Backfill>
  tokens: Map<string, Token>
  /** Token hash to id; derived, not stored. */
  tokenHashes: Map<string, string>
  /** By id, oldest first. */
  signingKeys: Map<string, KeyPair>
  /** `<namespace uid>/<principal>/<key>`, oldest first. */
  idempotency: Map<string, IdempotencyRecord>
  /** Namespace uid to how many of them are its; derived, not stored. */
  idempotencyCounts: Map<number, number>
  /** What namespaces keep under keys, by uid. */
  kv: Map<number, KvSpace>
  leases: Map<string, Lease>
  /** By `lockId`. */
  locks: Map<string, Lock>
  /** Days before this one, UTC, have rows of their own, made of their hourly counters. */
  countedTo: Millis
  /** Episodes and messages made so far, and episodes that are over. */
  alertSerial: number
  /** By uid, in that order. */
  alertRules: Map<number, AlertRule>
  channels: Map<number, Channel>
  /** By id, oldest first. */
  silences: Map<string, Silence>
  episodes: Map<string, Episode>
  alertMessages: Map<number, AlertMessage>
  /** By `watchKey`. */
  alertTallies: Map<string, AlertTally>
  /** What of the above is looked up otherwise; derived, not stored. */
  alertIndex: AlertIndex
  /** Counters of the present hour, by uid of job or namespace. Older hours are in Level only. */
  counters: Map<number, HourCounters>
}

export function emptyState(): State {
  return {
    index: 0,
    term: 0,
    now: 0,
    cluster: '',
    fencingToken: 0,
    ledgerRows: 0,
    ledgerGone: 0,
    noticeSerial: 0,
    notices: new Map(),
    noticesOf: new Map(),
    sinks: new Map(),
    formerJobs: new Map(),
    namespaces: new Map(),
    namespaceNames: new Map(),
    services: new Map(),
    serviceNames: new Map(),
    executors: new Map(),
    manifests: new Map(),
    jobs: new Map(),
    jobNames: new Map(),
    parents: new Map(),
    runs: new Map(),
    attempts: new Map(),
    nodes: new Map(),
    members: new Map(),
    clusterVersion: 1,
    digest: 0,
    backfills: new Map(),
    tokens: new Map(),
    tokenHashes: new Map(),
    signingKeys: new Map(),
    idempotency: new Map(),
    idempotencyCounts: new Map(),
    kv: new Map(),
    leases: new Map(),
    locks: new Map(),
    alertSerial: 0,
    alertRules: new Map(),
    channels: new Map(),
    silences: new Map(),
    episodes: new Map(),
    alertMessages: new Map(),
    alertTallies: new Map(),
    alertIndex: emptyAlertIndex(),
    countedTo: 0,
    counters: new Map(),
  }
}

import type { Consensus, Outcome } from '../cluster/consensus.ts'
import type { ExecutorsPort } from '../registration/registry.ts'
import type { EgressPolicy } from '../dispatch/egress.ts'
import type { Job } from '../jobs/job.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Output } from '../output/output.ts'
import type { SinksPort } from '../logs/sinks-port.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { LoginCodes } from '../auth/login-codes.ts'
import type { Explanation } from '../scheduler/explain.ts'
import type { QueueFigures } from '../scheduler/queue-figures.ts'
import type { Sealer } from '../signing/seal.ts'
import type { Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { Ledger } from '../store/ledger.ts'
import type { StateExport } from '../store/state-export.ts'
import type { ClusterPort } from './cluster.ts'
import type { Feed } from './feed.ts'

/** Everything that the API stands on; joined in node.ts. */
export interface ApiContext {
  clock: Clock
  random: Random
  /** Memory as it stands now; read, never written. */
  state(): State
  /** Orders a command, makes it durable, applies it; rejects with `NotCommitted` when that is uncertain. */
  submit(command: Command): Promise<Outcome>
  /** Lets a lease live on for its whole time; a Problem when there is none, or nobody to ask. */
  keepLease(lease: string): Promise<void>
  /** Tells the leader that the executor of an attempt is at work: whether it knows the attempt as open. */
  heartbeat(attempt: string): Promise<boolean>
  /** How far reads have to wait that ask for more than what is here. */
  consensus: Pick<Consensus, 'leadership' | 'readIndex' | 'waitApplied'>
  ledger: Pick<
    Ledger,
    | 'run'
    | 'runs'
    | 'count'
    | 'definitions'
    | 'attempt'
    | 'attempts'
    | 'lateResults'
    | 'stretches'
    | 'counted'
    | 'eachCounted'
    | 'oldestHour'
    | 'oldestDay'
  >
  /** Hands out lines that are kept outside of the log. */
  output: Pick<Output, 'lines'>
  feed: Feed
  sealer: Pick<Sealer, 'seal' | 'open'>
  egress: Pick<EgressPolicy, 'checkUrl'>
  explain(job: Job, at: Millis): Promise<Explanation>
  /** What Prometheus is told, and where requests are counted. */
  metrics: Pick<Metrics, 'routes' | 'text'>
  /** The state as of now, durable, on its way out. */
  exportState(): Promise<StateExport>
  cluster: ClusterPort
  /** What the leader has to schedule, wherever it is, and its id; a Problem when there is none. */
  queues(): Promise<{ leader: string; figures: QueueFigures }>
  sinks: SinksPort
  executors: ExecutorsPort
  /** What the node does; counts are read from the state. */
  status(): NodeStatus
  /** Why the node takes no requests yet, or undefined when it is ready. */
  notReady(): string | undefined
  /** Address under which this node is reached. */
  baseUrl: string
  /** Names accepted in `Host` besides loopback, lower-case, without port. */
  hosts: readonly string[]
  version: string
  /** 32 bytes; seals session cookies. Every node of a cluster has the same. */
  sessionKey: Buffer
  /** 32 bytes; signs what executors report with. Every node of a cluster has the same. */
  callbackKey: Buffer
  codes: LoginCodes
  logger: ApiLogger
  limits?: Partial<ApiLimits>
}

export interface ApiLimits {
  /** Bytes of a body. @default 1_048_576 */
  bodyBytes: number
  /** Items on a page of a list that asks for none itself. @default 50 */
  page: number
  /** Event streams open at once. @default 256 */
  streams: number
}

export interface NodeStatus {
  node: string
  role: 'leader' | 'follower' | 'none'
  leader?: string
  startedAt: Millis
  /** Calls to executors under way, and those that wait for a permit. */
  inFlight: number
  waiting: number
  concurrencyMax: number
  /** Since this process started. */
  log: { entries: number; syncs: number; bytes: number; runsEnded: number }
  /** When the next job is due. */
  nextDue?: Millis
}

export interface ApiLogger {
  debug(fields: object, message: string): void
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
}

import type { ShardPlan } from '../state/commands.ts'
import type { NoPlace } from './board.ts'

/** Something of a job that is to be placed: the leader says that it may be now, a worker says where. */
export interface Evaluation {
  job: number
  wanted: Wanted
}

export type Wanted =
  /** So many fires that are due, of this version of the job. */
  | { kind: 'fires'; version: number; fires: number }
  /** A queued run. */
  | { kind: 'run'; run: string; line: string }
  /** A part of a run that waits for its first place, a retry, a failover or a redispatch. */
  | { kind: 'shard'; run: string; shard: number; attempts: number }

/** Who asks for evaluations. */
export interface Asker {
  /** Id of the member. */
  node: string
  incarnation: number
  /** Number of the worker on its node. */
  worker: number
}

export interface Ask extends Asker {
  /** Calls that its node has room for. */
  room: number
  /** Tokens of what it has and has not handed back; anything else that it was sent never came. */
  holds: readonly string[]
}

/** What an asker gets: evaluations to plan until a deadline, under a token that fences whoever comes too late. */
export interface Delivery {
  /** Empty when there is nothing to do. */
  token: string
  /** Log index at which it was handed out: it is planned on a state that has come as far, or further. */
  index: number
  evaluations: Evaluation[]
}

/** Where one evaluation's shards would go. */
export type Planned =
  /** Of fires: an executor each, in their order, or none. */
  | { places: (string | null)[] }
  /** Of fires of a job that splits its runs. */
  | { splits: (ShardPlan[] | null)[] }
  /** Of a run or a shard. */
  | { executor: string }
  /** Of a run that is split, by this version of its job. */
  | { shards: ShardPlan[]; version: number }
  | NoPlace
  /** There is nothing to place any more. */
  | { moot: true }
  /** Nothing was free for the one before it in its line, or the plan is long enough. */
  | { behind: true }
  /** It could not be planned; the reason is for people. */
  | { fault: string }

/** What a worker hands back: one entry for each evaluation of the delivery, in its order. */
export interface Plan extends Asker {
  token: string
  planned: Planned[]
}

/** What became of a plan. */
export interface Handed {
  /** False when somebody else has the evaluations by now, or this node does not lead. */
  known: boolean
  /** Log index at which it took effect; 0 when it changed nothing. */
  index: number
}

/** Where workers get work and bring plans: the leader's broker, on this node or another. */
export interface BrokerPort {
  /** Resolves with something to do, or empty after a while; rejects when nobody leads or answers. */
  ask(ask: Ask): Promise<Delivery>
  hand(plan: Plan): Promise<Handed>
}

export const NOTHING: Delivery = { token: '', index: 0, evaluations: [] }

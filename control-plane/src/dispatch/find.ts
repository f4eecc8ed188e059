import type { Executor, SealedSecret } from '../discovery/executor.ts'
import { addressOf, pulls } from '../discovery/pull.ts'
import type { OpenAttempt } from '../runs/run.ts'
import { OWN_URL } from '../state/executors.ts'
import type { State } from '../state/state.ts'
import { ended, type Verdict } from './outcome.ts'
import { splitBase, type Sending } from './request.ts'
import { type Scheme, schemeOf } from './scheme.ts'
import { targetTemplate } from './target-template.ts'

/** What the dispatcher is told of an attempt: the `attempt-started` event. */
export interface StartedAttempt {
  run: string
  shard: number
  attempt: OpenAttempt
}

/** An attempt with all that its request is made from; keys and time are filled in when it is made. */
export interface Found extends Sending {
  secrets: readonly SealedSecret[]
  /** Of a service that does not sign by HMAC. */
  scheme: Scheme | undefined
  /** `http://host:port` that is called first. */
  origin: string
  /** Whom it calls, for sentences. */
  who: string
}

/** An attempt with what it belongs to. */
export type Left = Pick<Sending, 'run' | 'shard' | 'attempt'>

/** What local state says about an attempt: what to send, that it has ended meanwhile, or why nothing can be sent. */
export type Finding = Found | { kind: 'closed' } | { kind: 'unsendable'; verdict: Verdict }

/** Open attempts of a node's process that no executor has accepted, each with the uid of its job. */
export function* heldBy(
  state: State,
  node: string,
  incarnation: number,
): Generator<{ started: StartedAttempt; job: number }> {
  for (const { id: run, job, shards } of state.runs.values()) {
    for (const { index: shard, attempt } of shards) {
      if (attempt?.node !== node || attempt.incarnation !== incarnation || attempt.acceptedAt !== undefined) continue
      yield { started: { run, shard, attempt }, job }
    }
  }
}

/** Looks an attempt up at the moment at which it is to be sent. */
export function findAttempt(state: State, { run: runId, shard: index, attempt }: StartedAttempt): Finding {
  const run = state.runs.get(runId)
  const shard = run?.shards[index]
  if (!run || shard?.attempt?.id !== attempt.id) return { kind: 'closed' }
  return describeAttempt(state, { run, shard, attempt })
}

/** Whom an attempt calls, open or not, as far as the state still knows. */
export function describeAttempt(state: State, { run, shard, attempt }: Left): Finding {
  const job = state.jobs.get(run.job)
  if (!job) return { kind: 'closed' }
  const { target } = job.spec
  const service = state.services.get(state.serviceNames.get(`${job.namespace}/${target.service ?? ''}`) ?? -1)
  const own = attempt.executor === OWN_URL
  const executor = own || !service ? undefined : state.executors.get(service.uid)?.get(attempt.executor)
  if (!own && !executor) return gone(attempt.executor, 'is not there any more')
  if (executor && attempt.supersedes.length > 0 && executor.bootId !== attempt.bootId) {
    return gone(attempt.executor, 'was started anew, so it cannot say how the earlier attempt ended')
  }
  const origin = executor
    ? splitBase(addressOf(executor)).origin
    : target.kind === 'http'
      ? targetTemplate(target).origin
      : undefined
  if (origin === undefined) return gone(attempt.executor, 'has no address')
  return {
    cluster: state.cluster,
    namespace: state.namespaces.get(job.namespace)?.name ?? '',
    service: service?.name,
    secrets: service?.secrets ?? [],
    scheme: schemeOf(state, service),
    executor,
    job,
    run,
    shard,
    attempt,
    keys: [],
    now: state.now,
    origin,
    who: nameOf(executor, origin),
  }
}

function nameOf(executor: Executor | undefined, origin: string): string {
  if (!executor) return origin
  return pulls(executor) ? `executor ${executor.id}, which polls,` : `executor ${executor.id} at ${origin}`
}

function gone(executor: string, what: string): Finding {
  return { kind: 'unsendable', verdict: ended('refused', 'executor-gone', `executor ${executor} ${what}`) }
}

import { createHash } from 'node:crypto'
import type { Principal } from '../auth/authenticator.ts'
import { JOB_LIMITS } from '../jobs/defaults.ts'
import type { Job, Json } from '../jobs/job.ts'
import { checkJson } from '../jobs/params.ts'
import { Problem } from '../problems.ts'
import { readTrace, type TraceContext } from '../runs/trace.ts'
import type { Idempotency } from '../state/commands.ts'
import { callsOwnUrl, executorsOf } from '../state/executors.ts'
import { rememberedRequest } from '../state/idempotency.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Incoming } from './incoming.ts'

type Params = { [key: string]: Json }

/** Parameters that a request puts over others, or a Problem when they are too many together. Absent when it gives none. */
export function paramsOver(base: Params, over: Record<string, unknown> | undefined): Params | undefined {
  if (over === undefined) return undefined
  const params = over as Params
  const merged = { ...base, ...params }
  const count = Object.keys(merged).length
  const objection =
    count > JOB_LIMITS.paramsEntries
      ? `has ${count} entries with those that are there, more than ${JOB_LIMITS.paramsEntries}`
      : checkJson(merged)
  if (objection !== undefined) throw invalid('/params', objection)
  return params
}

/** The executor that a request chose, or a Problem: it must be one of the job's service, and take the job's work. */
export function chosenExecutor(state: State, job: Job, id: string | undefined): { executor?: string } {
  if (id === undefined) return {}
  if (callsOwnUrl(job)) throw invalid('/executor', 'the target has a URL of its own: there is no executor to choose')
  const executor = executorsOf(state, job).get(id)
  if (!executor) {
    const detail = `service ${job.spec.target.service ?? '-'} has no executor ${id}`
    throw new Problem('executor-not-found', detail, [{ pointer: '/executor', detail }])
  }
  const { labels } = job.spec.routing
  const missing = Object.entries(labels).find(([key, value]) => executor.labels[key] !== value)
  if (missing) throw invalid('/executor', `${id} does not carry the label ${missing.join('=')} that the job asks for`)
  if (executor.weight === 0) throw invalid('/executor', `${id} has weight 0 and takes no work`)
  return { executor: id }
}

/** Where a run that is asked for belongs in a trace: where its caller is. */
export function traceOf(request: Pick<Incoming, 'header'>): { trace?: TraceContext } {
  const trace = readTrace(request.header('traceparent'), request.header('tracestate'))
  return trace === undefined ? {} : { trace }
}

/** What makes a repeat of a request answer what the first one made. `about` and the body must agree in a repeat. */
export function idempotencyOf(
  key: string | undefined,
  principal: Principal,
  operation: 'triggerJob' | 'rerunRun' | 'createBackfill',
  about: string | number,
  body: object | undefined,
): { idempotency?: Idempotency } {
  if (key === undefined) return {}
  const bodyHash = createHash('sha256')
    .update(`${operation} ${about} ${canonical(body ?? {})}`)
    .digest('base64url')
  const scope = operation === 'triggerJob' ? principal.token : `${principal.token}/${operation}`
  return { idempotency: { key, principal: scope, bodyHash } }
}

/**
 * The id of what the same request made before, if this node knows: a repeat is answered although it could not be made
 * any more. Where it does not know, the entry of the repeat finds out. Throws a Problem when it was another request.
 */
export function madeBefore(
  { state, clock }: Pick<ApiContext, 'state' | 'clock'>,
  namespace: number,
  { idempotency }: { idempotency?: Idempotency },
): string | undefined {
  const before = idempotency && rememberedRequest(state(), namespace, idempotency, clock.now())
  if (before?.isSame === false) {
    throw new Problem('idempotency-mismatch', `the key ${idempotency?.key} was used with another body`)
  }
  return before?.made
}

/** The answer to a repeat. */
export function replayed<Body>(body: Body) {
  return { status: 200 as const, body, headers: { 'idempotent-replayed': 'true' } }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid-request', undefined, [{ pointer, detail }])
}

import { segmentAt, zoneTable } from '../cron/zone.ts'
import type { Executor } from '../discovery/executor.ts'
import { addressOf, isPulled, pulls } from '../discovery/pull.ts'
import type { HandlerTarget, HttpTarget, Job, JobSpec } from '../jobs/job.ts'
import type { OpenAttempt, OpenRun, Shard } from '../runs/run.ts'
import { traceHeaders } from '../runs/trace.ts'
import { assert } from '../runtime/assert.ts'
import type { Millis } from '../runtime/clock.ts'
import { isoText } from '../runtime/iso-text.ts'
import type { ReplyKey } from '../signing/reply.ts'
import type { Callback } from './callback.ts'
import type { Parent } from './parent.ts'
import { RenderFault } from './placeholders.ts'
import type { GojobSigning, Signing } from './scheme.ts'
import { signCall } from './sign.ts'
import { targetTemplate } from './target-template.ts'

/** A request as it leaves: what is signed is what is sent. */
export interface WireRequest {
  /** `http://host:port` */
  origin: string
  method: string
  /** Path with query. */
  path: string
  /** Names (lower case) and values in turn. */
  headers: string[]
  body: Buffer | undefined
  /** Under which its reply is the executor's word. */
  replyKeys?: readonly ReplyKey[]
  /** Headers that are our signature. */
  signatures?: readonly string[]
}

/** What a request is made from. */
export interface Sending {
  cluster: string
  namespace: string
  service: string | undefined
  /** Absent when the target has a URL of its own. */
  executor: Executor | undefined
  job: Job
  run: OpenRun
  shard: Shard
  attempt: OpenAttempt
  /** What the service signs with; without keys: unsigned. */
  keys: Signing
  now: Millis
  /** Where the outcome may be reported, and with what. */
  callback?: Callback
  /** Of a run that another one started. */
  parent?: Parent
}

export const USER_AGENT = 'cronclave'
/** How long an executor may take before it had better accept the work and report of it later: less than proxies wait. */
const RESPOND_WAIT_MS = 25_000
const NO_BODY = Buffer.alloc(0)
const NO_HEADERS = {}

/** `run.dispatch` for a handler: everything that decides what runs stands in the signed body. */
export function handlerRequest(sending: Sending, target: HandlerTarget, executor: Executor): WireRequest {
  const { attempt, now, run } = sending
  const body = Buffer.from(dispatchText(sending, target, executor))
  const { id } = attempt
  const request = signedPost(splitBase(addressOf(executor)), { id, subject: sending.job.name, body }, sending.keys, now)
  if (run.trace !== undefined) request.headers.push(...traceHeaders(run.trace))
  return request
}

/** `run.cancel` for an attempt that an executor accepted. Its id differs from the attempt's, which was used already. */
export function cancelRequest(
  names: Record<'cluster' | 'namespace' | 'service' | 'executor' | 'runId' | 'attemptId', string>,
  reason: 'cancelled' | 'timed-out',
  url: string,
  keys: Signing,
  now: Millis,
): WireRequest {
  const message = { type: 'run.cancel', timestamp: new Date(now).toISOString(), data: { ...names, reason } }
  return signedMessage(url, `cancel_${names.attemptId}`, message, keys, now)
}

/** A message of ours to an executor, signed. */
export function signedMessage(
  url: string,
  id: string,
  message: { type: string; data?: object },
  keys: Signing,
  now: Millis,
): WireRequest {
  const { type, data = {} } = message
  const subject = 'job' in data && typeof data.job === 'string' ? data.job : type
  return signedPost(splitBase(url), { id, subject, body: Buffer.from(JSON.stringify(message)) }, keys, now)
}

/** The user's own request to an HTTP endpoint, signed when a service lends its secret. Throws `RenderFault`. */
export function httpRequest(sending: Sending, target: HttpTarget): WireRequest {
  const { run, attempt, shard, job, now } = sending
  const zone = zoneOf(job.spec, run)
  const fireTime = rfc3339(run.fireTime, zone)
  const part = partOf(run, shard)
  const rendered = targetTemplate(target).render({
    runId: run.id,
    attemptId: attempt.id,
    jobName: job.name,
    namespace: sending.namespace,
    fireTime,
    dueTime: rfc3339(run.dueTime, zone),
    attempt: attempt.ordinal,
    fencingToken: String(attempt.fencingToken),
    shard: part,
    params: run.params,
    ...(sending.parent ? { parent: sending.parent } : {}),
  })
  const base =
    rendered.origin === undefined ? splitBase(sending.executor?.url ?? '') : { origin: rendered.origin, path: '' }
  const path = joinPaths(base.path, rendered.path)
  const own = {
    'cronclave-run-id': run.id,
    'cronclave-attempt-id': attempt.id,
    'cronclave-attempt': String(attempt.ordinal),
    'cronclave-fire-time': fireTime,
    'cronclave-shard': `${part.index}/${part.total}`,
    'cronclave-fencing-token': String(attempt.fencingToken),
    ...(target.async && sending.callback
      ? { 'cronclave-callback-url': sending.callback.url, 'cronclave-callback-token': sending.callback.token }
      : {}),
  }
  const { method } = target
  const body = rendered.body ?? NO_BODY
  const call = { id: attempt.id, subject: job.name, method, origin: base.origin, path, body, headers: own }
  const { headers: signatures } = signCall(sending.keys, call, now)
  const signed = Object.keys(signatures)
  if (signed.length > 0 && rendered.body && isOwnMessage(rendered.body)) {
    throw new RenderFault('the body reads as a message of the scheduler, and a signed one would pass as genuine')
  }
  const taken = signed.find((name) => name in rendered.headers)
  if (taken !== undefined) throw new RenderFault(`the target sets ${taken}, which holds the signature of its service`)
  const headers = { 'user-agent': USER_AGENT, ...rendered.headers, ...own, ...signatures }
  const flat = Object.entries(headers).flat()
  // Whoever names one in the job has a reason to.
  if (run.trace !== undefined && !('traceparent' in headers)) flat.push(...traceHeaders(run.trace))
  return {
    origin: base.origin,
    method,
    path,
    headers: flat,
    body: rendered.body,
    signatures: signed,
  }
}

const OWN_MESSAGES = new Set<unknown>(['run.dispatch', 'run.cancel', 'run.skipped', 'manifest.get', 'ping'])

/**
 * Whether an executor could take a body for one of ours. Under Standard Webhooks the signature of a user's own request
 * is as good as that of a dispatch, so nobody may word a dispatch of their own, with a fencing token of their own.
 */
function isOwnMessage(body: Buffer): boolean {
  try {
    const message: unknown = JSON.parse(body.toString('utf8').trimStart())
    return typeof message === 'object' && message !== null && 'type' in message && OWN_MESSAGES.has(message.type)
  } catch {
    return false
  }
}

/** An instant as RFC 3339 with the zone's offset; the zone is one that schedules were checked with. */
export function rfc3339(at: Millis, zone: string): string {
  const table = zone === 'UTC' ? undefined : zoneTable(zone)
  const offset = table?.offsets[segmentAt(table, at)] ?? 0
  const text = isoText(at + offset)
  const wall = text.endsWith('.000Z') ? text.slice(0, -5) : text.slice(0, -1)
  if (offset === 0) return `${wall}Z`
  const minutes = Math.round(Math.abs(offset) / 60_000)
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

const bases = new Map<string, { origin: string; path: string }>()
/** Base URLs that are kept taken apart. */
const BASES_MAX = 10_000

/** An executor's URL taken apart; it was checked when it was saved. */
export function splitBase(url: string): { origin: string; path: string } {
  let base = bases.get(url)
  if (!base) {
    base = isPulled(url) ? { origin: url, path: '/' } : partsOf(url)
    if (bases.size >= BASES_MAX) bases.clear()
    bases.set(url, base)
  }
  return base
}

function partsOf(url: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(url)
  return { origin, path: pathname + search }
}

/** `/api/` and `/run?x` give `/api/run?x`; a query in the base is not taken over. */
function joinPaths(base: string, path: string): string {
  const [folder = ''] = base.split('?', 1)
  return folder.endsWith('/') ? folder.slice(0, -1) + path : folder + path
}

function signedPost(
  { origin, path }: { origin: string; path: string },
  call: { id: string; subject: string; body: Buffer },
  keys: Signing,
  now: Millis,
): WireRequest {
  assert(!isGojob(keys), 'executors are not called under the signature of gojob')
  const { id, subject, body } = call
  const signed = signCall(keys, { id, subject, method: 'POST', origin, path, body, headers: NO_HEADERS }, now)
  const headers = ['content-type', 'application/json', 'user-agent', USER_AGENT]
  for (const name in signed.headers) headers.push(name, signed.headers[name] ?? '')
  return { origin, method: 'POST', path, headers, body: call.body, replyKeys: signed.replyKeys }
}

/** Whether only `http` targets are called: what it proves is too little for anything else. */
export function isGojob(signing: Signing): signing is GojobSigning {
  return 'kind' in signing && signing.kind === 'legacy-gojob'
}

/** What is the same in every request of a job's definition, as JSON text. */
interface Constants {
  head: string
  params: JobSpec['params']
  paramsText: string
}

const constants = new WeakMap<JobSpec, Constants>()

function constantsOf({ cluster, namespace, service, job }: Sending, target: HandlerTarget): Constants {
  let found = constants.get(job.spec)
  if (!found) {
    const fixed = {
      cluster,
      namespace,
      service: service ?? target.service,
      job: job.name,
      handler: target.handler,
      maxAttempts: job.spec.retry.max + 1,
    }
    const { params } = job.spec
    found = { head: JSON.stringify(fixed).slice(0, -1), params, paramsText: JSON.stringify(params) }
    constants.set(job.spec, found)
  }
  return found
}

function dispatchText(sending: Sending, target: HandlerTarget, executor: Executor): string {
  const { job, run, shard, attempt, parent, now } = sending
  const fixed = constantsOf(sending, target)
  const zone = zoneOf(job.spec, run)
  const params = run.params === fixed.params ? fixed.paramsText : JSON.stringify(run.params)
  // Ids of runs and attempts, causes and times hold nothing that JSON escapes.
  return (
    `{"type":"run.dispatch","timestamp":"${isoText(now)}","data":${fixed.head}` +
    `,"executor":${JSON.stringify(executor.id)},"runId":"${run.id}","attemptId":"${attempt.id}"` +
    `,"supersedes":${attempt.supersedes.length === 0 ? '[]' : JSON.stringify(attempt.supersedes)}` +
    `,"attempt":${attempt.ordinal},"trigger":"${run.cause}","fireTime":"${rfc3339(run.fireTime, zone)}"` +
    (run.previousFire === undefined ? '' : `,"lastFireTime":"${rfc3339(run.previousFire, zone)}"`) +
    `,"deadline":"${isoText(attempt.deadline)}"` +
    `,"shard":${shardText(run, shard)}` +
    `,"params":${params},"parent":${parent ? JSON.stringify(parent) : 'null'},"fencingToken":"${attempt.fencingToken}"` +
    callbackText(sending) +
    (sending.callback
      ? `,"respond":{"mode":"auto","waitMs":${pulls(executor) ? 0 : RESPOND_WAIT_MS}}}}`
      : `,"respond":{"mode":"sync","waitMs":${Math.max(0, attempt.deadline - now)}}}}`)
  )
}

/** A URL that was configured may hold what JSON escapes; token and time hold nothing of the kind. */
function callbackText({ callback }: Sending): string {
  if (!callback) return ''
  const { url, token, expiresAt } = callback
  return `,"callback":{"url":${JSON.stringify(url)},"token":"${token}","expiresAt":"${isoText(expiresAt)}"}`
}

/** What an executor is told of its part. One that is done again is told the place that it had. */
function partOf(run: OpenRun, { index, items = [], was }: Shard): { index: number; total: number; items: string[] } {
  return { ...(was ?? { index, total: run.shards.length }), items }
}

function shardText(run: OpenRun, shard: Shard): string {
  return run.partsLeft === undefined && shard.items === undefined
    ? '{"index":0,"total":1,"items":[]}'
    : JSON.stringify(partOf(run, shard))
}

/** Zone of the first schedule that was due; UTC for runs that somebody asked for. */
function zoneOf(spec: JobSpec, run: OpenRun): string {
  const [due] = run.schedules
  if (due === undefined) return 'UTC'
  for (const schedule of spec.schedules) if (schedule.id === due) return schedule.zone
  return 'UTC'
}

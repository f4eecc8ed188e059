import type { Hono } from 'hono'
import type { Principal } from '../auth/authenticator.ts'
import { allows } from '../auth/scopes.ts'
import type { Routes } from '../metrics/routes.ts'
import { assert } from '../runtime/assert.ts'
import { type Fault, Problem, type ProblemCode } from '../problems.ts'
import type { ContractDocument, Operation } from './document.ts'
import type { Handlers, OperationId, RawBody, ReplyHeaders } from './handlers.ts'
import { FAULTS_MAX } from './faults.ts'
import { type AskedState, asksForMore, preparesChange } from './freshness.ts'
import { type Incoming, webIncoming } from './incoming.ts'
import { judgeBody, judgeBytes, readJson } from './json-body.ts'
import { createParameterReader, type ParameterReader } from './parameters.ts'
import { jsonHeaders, type PlainReply, toResponse } from './reply.ts'
import { createValidator, type Check, type Validator } from './validator.ts'

/** The caller of an operation that needs no credential: it may do nothing. */
export const ANYBODY: Principal = { name: 'anybody', scope: 'service:-/-', token: '', by: 'token' }

/** What mounting needs besides the contract and its handlers. */
export interface MountOptions {
  /** Who calls; throws a Problem when nobody that is known. */
  authenticate(request: Incoming): Principal
  /** Who reports of an attempt; undefined when the credential is none that came with a call. */
  reporter(request: Incoming): Principal | undefined
  /** Whether a `Host` header names this node. */
  isOwnHost(host: string): boolean
  /** The log index that replies reflect. */
  index(): number
  /** Resolves once this node is as far as a read asks. */
  caughtUp(asked: AskedState): Promise<void>
  /** Resolves once this node knows all that was acknowledged before a change came. */
  abreast(): Promise<void>
  bodyBytesMax: number
  /** Where requests are counted, and by which clock, in milliseconds. */
  routes: Routes
  elapsed(): number
  /** Told of each request. */
  answered(line: { method: string; path: string; status: number; ms: number }): void
  /** What is answered when something was thrown. */
  failure(error: unknown, operation?: OperationId): PlainReply
  /** By `x-cronclave-body-problem`: everything that is wrong with a body, found by those who know its meaning. */
  bodyFaults: Partial<Record<ProblemCode, (body: unknown) => Fault[]>>
}

/** Probes, and whoever collects figures, come by address, from machines that know no name. */
const PROBES: ReadonlySet<OperationId> = new Set(['getHealth', 'getReadiness', 'getVersion', 'getMetrics'])

/** An operation whose replies can be sent as they are, with or without the router. */
export interface Served extends Pick<Operation, 'method' | 'path'> {
  /** Never rejects. `parts` are those of the path, decoded. */
  serve(request: Incoming, parts: Record<string, string>): Promise<PlainReply>
}

/**
 * Serves every operation of the contract. A request is judged in this order: host, credential, scope, parameters, body.
 * A handler that is missing, or answers with a status or body that is not declared, is a type error.
 */
export function mount(app: Hono, document: ContractDocument, handlers: Handlers, options: MountOptions): Served[] {
  const validator = createValidator(document)
  const methods = new Map<string, string[]>()
  const all: Served[] = []
  for (const operation of document.operations) {
    const { method, path, isPlain } = operation
    methods.set(path, [...(methods.get(path) ?? []), method])
    const answer = counted(operation, answerer(operation, handlers, validator, options), options)
    app.on(method, path, async (context) => {
      const reply = await answer(webIncoming(context.req.raw), context.req.param())
      return reply instanceof Response ? reply : toResponse(reply)
    })
    const serve = async (request: Incoming, parts: Record<string, string>) => {
      const reply = await answer(request, parts)
      assert(!(reply instanceof Response), 'a plain operation answers without a stream')
      return reply
    }
    if (isPlain) all.push({ method, path, serve })
  }
  for (const [path, known] of methods) app.all(path, () => methodNotAllowed(known, options))
  return all
}

/** A handler as the router calls it: that call and reply fit is what the contract's types have checked. */
type AnyHandler = (call: unknown) => AnyReply | Promise<AnyReply>
type AnyReply =
  | { status: number; body?: unknown; headers?: ReplyHeaders }
  | { status: number; bytes: Uint8Array; headers: ReplyHeaders }
  | { status: number; response: Response }

type Answerer = (request: Incoming, parts: Record<string, string>) => Promise<PlainReply | Response>

/** Counts what is answered under the route as the contract writes it: paths would have no end. */
function counted({ method, path }: Operation, answer: Answerer, options: MountOptions): Answerer {
  const { routes, elapsed, answered } = options
  const tally = routes.route(method, path.replaceAll(/:(\w+)/g, '{$1}'))
  return async (request, parts) => {
    const since = elapsed()
    const reply = await answer(request, parts)
    const ms = elapsed() - since
    tally.add(reply.status, ms)
    answered({ method, path: pathOf(request.url), status: reply.status, ms })
    return reply
  }
}

/** Without the origin, and without the query, which is for the handler alone. */
function pathOf(url: string): string {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2)
  const query = url.indexOf('?')
  return url.slice(start, query < 0 ? url.length : query)
}

function answerer(operation: Operation, handlers: Handlers, validator: Validator, options: MountOptions): Answerer {
  const handler = handlers[operation.id] as unknown as AnyHandler | undefined
  assert(handler, `operation ${operation.id} has a handler`)
  const parameters = createParameterReader(operation, validator)
  const body = operation.body && validator.body(operation.body.schema)
  return async (request, parts) => {
    try {
      const call = await readCall(request, parts, operation, parameters, body, options)
      return answer(await handler(call), options)
    } catch (error) {
      return options.failure(error, operation.id)
    }
  }
}

async function readCall(
  request: Incoming,
  path: { namespace?: string; service?: string; attempt?: string },
  operation: Operation,
  parameters: ParameterReader,
  checkBody: Check | undefined,
  options: MountOptions,
): Promise<unknown> {
  const { host } = request
  if (!options.isOwnHost(host) && !PROBES.has(operation.id)) throw new Problem('host-refused')
  let principal = callerOf(request, path, operation, options)
  const { path: parts, query, header } = parameters(path, request)
  const prepares = preparesChange(operation)
  if (prepares || asksForMore(query)) {
    await (asksForMore(query) ? options.caughtUp(query) : options.abreast())
    // What was waited for may have ended the credential.
    principal = callerOf(request, path, operation, options)
  }
  const body = checkBody
    ? await readBody(request, operation, checkBody, options)
    : operation.rawBytesMax === undefined
      ? undefined
      : await readRaw(request, operation.rawBytesMax)
  return { path: parts, query, header, body, principal, host, request }
}

function callerOf(
  request: Incoming,
  path: { namespace?: string; service?: string; attempt?: string },
  { scope }: Operation,
  options: MountOptions,
): Principal {
  if (scope === 'public') return ANYBODY
  const reporter = scope === 'attempt' ? options.reporter(request) : undefined
  if (reporter?.attempt) {
    if (reporter.attempt.attempt === path.attempt) return reporter
    throw new Problem('forbidden', 'the token is that of another attempt')
  }
  const principal = options.authenticate(request)
  if (allows(principal.scope, scope, path)) return principal
  throw new Problem('forbidden', `the credential has scope ${principal.scope}`)
}

async function readRaw(request: Incoming, bytesMax: number): Promise<RawBody> {
  judgeBytes(request, bytesMax)
  return { bytes: await request.read(bytesMax), type: request.header('content-type') }
}

async function readBody(
  request: Incoming,
  operation: Operation,
  check: Check,
  { bodyBytesMax, bodyFaults }: MountOptions,
): Promise<unknown> {
  judgeBody(request, bodyBytesMax)
  const body = await readJson(request, bodyBytesMax, operation.scope === 'attempt')
  if (body === undefined) {
    if (!operation.body?.required) return undefined
    throw new Problem('invalid-request', undefined, [{ pointer: '', detail: 'a JSON body is needed' }])
  }
  const faults = check(body)
  if (faults.length === 0) return body
  const code = operation.body?.problem ?? 'invalid-request'
  const known = bodyFaults[code]?.(body) ?? []
  const pointers = new Set(known.map(({ pointer }) => pointer))
  const all = [...known, ...faults.filter(({ pointer }) => !pointers.has(pointer))]
  throw new Problem(code, undefined, all.slice(0, FAULTS_MAX))
}

function answer(reply: AnyReply, options: MountOptions): PlainReply | Response {
  if ('response' in reply) return reply.response
  const headers = jsonHeaders(options.index())
  if (reply.headers) Object.assign(headers, reply.headers)
  if ('bytes' in reply) return { status: reply.status, headers, body: reply.bytes }
  if (reply.body !== undefined) return { status: reply.status, headers, body: JSON.stringify(reply.body) }
  delete headers['content-type']
  return { status: reply.status, headers }
}

function methodNotAllowed(known: readonly string[], options: MountOptions): Response {
  options.routes.elsewhere.add(405, 0)
  const reply = options.failure(new Problem('method-not-allowed', `it knows ${known.join(', ')}`))
  reply.headers.allow = known.join(', ')
  return toResponse(reply)
}

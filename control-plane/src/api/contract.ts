import type { Context, Hono } from 'hono'
import type { Principal } from '../auth/authenticator.ts'
import { allows } from '../auth/scopes.ts'
import { assert } from '../runtime/assert.ts'
import { type Fault, Problem, type ProblemCode } from '../problems.ts'
import type { ContractDocument, Operation } from './document.ts'
import type { Handlers, OperationId, ReplyHeaders } from './handlers.ts'
import { FAULTS_MAX } from './faults.ts'
import { judgeBody, readJson } from './json-body.ts'
import { createParameterReader, type ParameterReader } from './parameters.ts'
import { createValidator, type Check, type Validator } from './validator.ts'

/** The caller of an operation that needs no credential: it may do nothing. */
export const ANYBODY: Principal = { name: 'anybody', scope: 'service:-/-', token: '', by: 'token' }

/** What mounting needs besides the contract and its handlers. */
export interface MountOptions {
  /** Who calls; throws a Problem when nobody that is known. */
  authenticate(request: Request, host: string): Principal
  /** Whether a `Host` header names this node. */
  isOwnHost(host: string): boolean
  /** The log index that replies reflect. */
  index(): number
  bodyBytesMax: number
  /** What is answered when something was thrown. */
  failure(error: unknown, operation?: OperationId): Response
  /** By `x-cronclave-body-problem`: everything that is wrong with a body, found by those who know its meaning. */
  bodyFaults: Partial<Record<ProblemCode, (body: unknown) => Fault[]>>
}

/** Probes come by address, from machines that know no name. */
const PROBES: ReadonlySet<OperationId> = new Set(['getHealth', 'getReadiness', 'getVersion'])

/**
 * Serves every operation of the contract. A request is judged in this order: host, credential, scope, parameters, body.
 * A handler that is missing, or answers with a status or body that is not declared, is a type error.
 */
export function mount(app: Hono, document: ContractDocument, handlers: Handlers, options: MountOptions): void {
  const validator = createValidator(document)
  const methods = new Map<string, string[]>()
  for (const operation of document.operations) {
    methods.set(operation.path, [...(methods.get(operation.path) ?? []), operation.method])
    app.on(operation.method, operation.path, route(operation, handlers, validator, options))
  }
  for (const [path, known] of methods) app.all(path, () => methodNotAllowed(known, options))
}

/** A handler as the router calls it: that call and reply fit is what the contract's types have checked. */
type AnyHandler = (call: unknown) => AnyReply | Promise<AnyReply>
type AnyReply = { status: number; body?: unknown; headers?: ReplyHeaders } | { status: number; response: Response }

function route(operation: Operation, handlers: Handlers, validator: Validator, options: MountOptions) {
  const handler = handlers[operation.id] as unknown as AnyHandler | undefined
  assert(handler, `operation ${operation.id} has a handler`)
  const parameters = createParameterReader(operation, validator)
  const body = operation.body && validator.body(operation.body.schema)
  return async (context: Context): Promise<Response> => {
    try {
      const call = await readCall(context, operation, parameters, body, options)
      return answer(await handler(call), options)
    } catch (error) {
      return options.failure(error, operation.id)
    }
  }
}

async function readCall(
  context: Context,
  operation: Operation,
  parameters: ParameterReader,
  checkBody: Check | undefined,
  options: MountOptions,
): Promise<unknown> {
  const request = context.req.raw
  const host = request.headers.get('host') ?? new URL(request.url).host
  if (!options.isOwnHost(host) && !PROBES.has(operation.id)) throw new Problem('host-refused')
  const path = context.req.param() as { namespace?: string; service?: string }
  const principal = operation.scope === 'public' ? ANYBODY : options.authenticate(request, host)
  if (operation.scope !== 'public' && !allows(principal.scope, operation.scope, path)) {
    throw new Problem('forbidden', `the credential has scope ${principal.scope}`)
  }
  const { path: parts, query, header } = parameters(path, request)
  const body = checkBody && (await readBody(request, operation, checkBody, options))
  return { path: parts, query, header, body, principal, host, request }
}

async function readBody(
  request: Request,
  operation: Operation,
  check: Check,
  { bodyBytesMax, bodyFaults }: MountOptions,
): Promise<unknown> {
  judgeBody(request, bodyBytesMax)
  const body = await readJson(request, bodyBytesMax)
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

/** Headers of every JSON reply. */
export function jsonHeaders(index: number): ReplyHeaders {
  return {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-cronclave-index': String(index),
  }
}

function answer(reply: AnyReply, options: MountOptions): Response {
  if ('response' in reply) return reply.response
  const headers = reply.headers ? { ...jsonHeaders(options.index()), ...reply.headers } : jsonHeaders(options.index())
  if (reply.body === undefined) {
    delete headers['content-type']
    return new Response(null, { status: reply.status, headers })
  }
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers })
}

function methodNotAllowed(known: readonly string[], options: MountOptions): Response {
  const response = options.failure(new Problem('method-not-allowed', `it knows ${known.join(', ')}`))
  response.headers.set('allow', known.join(', '))
  return response
}

import type { operations } from '@cronclave/openapi'
import type { ClientOperations } from '@cronclave/openapi'
import type { Principal } from '../auth/authenticator.ts'
import type { Incoming } from './incoming.ts'

/** Operations that this server answers; those of `webhooks` are answered by executors and webhooks. */
export type OperationId = Exclude<
  keyof operations,
  | 'onRunDispatch'
  | 'onRunCancel'
  | 'onRunSkipped'
  | 'onPing'
  | 'onManifestGet'
  | `onAlert${'Fired' | 'Repeated' | 'Resolved' | 'Summary' | 'Test'}`
>

/** A request that was validated against the contract. */
export interface Call<Id extends OperationId> {
  path: Present<operations[Id]['parameters']['path']>
  query: Present<operations[Id]['parameters']['query']>
  header: Present<operations[Id]['parameters']['header']>
  body: BodyOf<Id>
  /** Who calls. For operations that need no credential it is `ANYBODY`, who may do nothing. */
  principal: Principal
  /** `Host` as it was sent. */
  host: string
  /** For the few that answer with something else than JSON, and for the login. */
  request: Incoming
}

/** What a handler may answer: a declared status, with the body that is declared for it. */
export type Reply<Id extends OperationId> = ReplyOf<operations[Id]['responses']>

export type Handler<Id extends OperationId> = (call: Call<Id>) => Reply<Id> | Promise<Reply<Id>>

/** One handler per operation of the contract: a missing one is a type error. */
export type Handlers = { [Id in OperationId]: Handler<Id> }

export type ReplyHeaders = Record<string, string>

type Present<T> = [Exclude<T, undefined>] extends [never] ? Record<never, never> : Exclude<T, undefined>

/** Bodies as a client may send them: fields with a default may be missing, the resource fills them in. */
type BodyOf<Id extends OperationId> = ClientOperations[Id] extends { requestBody: { content: infer Content } }
  ? JsonOf<Content>
  : ClientOperations[Id] extends { requestBody?: { content: infer Content } }
    ? JsonOf<Content> | undefined
    : undefined

/** A body of any type, as it was sent. */
export interface RawBody {
  bytes: Uint8Array
  type: string | undefined
}

type JsonOf<Content> = Content extends { 'application/json': infer Body }
  ? Body
  : Content extends { '*/*': unknown }
    ? RawBody
    : never

type ReplyOf<Responses> = { [Status in keyof Responses]: ReplyWith<Status, Responses[Status]> }[keyof Responses]

type ReplyWith<Status, Response> = Response extends { content: infer Content }
  ? Content extends { 'application/json': infer Body }
    ? { status: Status; body: Body; headers?: ReplyHeaders }
    : Content extends { 'application/problem+json': unknown }
      ? never
      : Content extends { '*/*': unknown }
        ? { status: Status; bytes: Uint8Array; headers: ReplyHeaders }
        : { status: Status; response: Response_ }
  : { status: Status; headers?: ReplyHeaders }

/** The web's Response, for replies that are not JSON. */
type Response_ = globalThis.Response

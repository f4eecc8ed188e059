import { BODY_BYTES_MAX } from './body-limit.ts'
import { resolveConfig, type ExecutorOptions } from './config.ts'
import { durationMs, type Duration } from './duration.ts'
import { ConfigError } from './errors.ts'
import type { Handler, JobOptions, Registered } from './handler.ts'
import type { JsonObject } from './json.ts'
import type { Manifest } from './manifest.ts'
import type { RawReply } from './problem.ts'
import { Receiver, type RawCall, type Runtime } from './receiver.ts'
import { readBody } from './read-body.ts'
import type { ListenOptions } from './listen.ts'
import type { StartOptions, Started } from './registration.ts'
import type { ParamsSchema, SchemaOutput, SchemaPair, StandardSchema } from './schema.ts'

/** Handlers by name, with the types of their parameters and results. */
export type JobTypes = Record<string, { params: unknown; result: unknown }>

/** A name that is not taken yet; a name that is taken fails to compile. */
type Unused<Name extends string, Jobs> = Name extends keyof Jobs ? never : Name

/** What adapters need of an executor. */
export interface Callable {
  /** Answers a call that a framework has taken apart. Never rejects. */
  receive(call: RawCall, runtime?: Runtime): Promise<RawReply>
}

/** A service's handlers, ready to be called by the control plane. */
export interface Executor<Jobs = Record<never, never>> extends Callable {
  /** Adds a handler. */
  job<Name extends string, Result>(
    name: Unused<Name, Jobs>,
    handler: Handler<JsonObject, Result>,
  ): Executor<Jobs & Record<Name, { params: JsonObject; result: Awaited<Result> }>>
  /** Adds a handler whose parameters are checked by a schema, or for which the control plane keeps a job: `schedule` and others. */
  job<Name extends string, Schema extends ParamsSchema, Result>(
    name: Unused<Name, Jobs>,
    options: JobOptions<Schema>,
    handler: Handler<SchemaParams<Schema>, Result>,
  ): Executor<Jobs & Record<Name, { params: SchemaParams<Schema>; result: Awaited<Result> }>>
  /**
   * Answers a call. Bound, so that it can be passed on: `Deno.serve(executor.fetch)`; what servers hand over beside a request
   * is left alone. Never rejects.
   */
  readonly fetch: (request: Request, runtime?: Runtime | object) => Promise<Response>
  /** Handlers at work. */
  readonly inFlight: number
  /**
   * Announces itself to the control plane and keeps doing so, until `stop`. Resolves once it is registered, or when no node
   * can be reached: then it goes on trying. Rejects when it is refused. Call it once the executor can be called. It knows no
   * signals: on Node, `start` of `@cronclave/sdk/node` drains on SIGTERM as well.
   */
  start(options: StartOptions): Promise<Started>
  /**
   * Announces itself as one that nothing can call, and asks for its calls instead: for networks that nothing may enter. It
   * needs no server and no URL; the rest is as with `start`.
   */
  listen(options: ListenOptions): Promise<Started>
  /** What it can do, and the jobs that it keeps: what `cronclave diff` and `cronclave apply` take. */
  manifest(): Promise<Manifest>
  /**
   * Refuses new work, waits for handlers until `timeout`, then aborts the rest with `DrainError`; what has not ended 5 s
   * later has failed. @default '25s'
   */
  drain(options?: { timeout?: Duration }): Promise<void>
}

/** Parameters as a handler sees them: what the schema makes of them, or any JSON object. */
export type SchemaParams<Schema> = ParamsSchema extends Schema
  ? JsonObject
  : Schema extends StandardSchema
    ? SchemaOutput<Schema>
    : Schema extends SchemaPair<infer Output>
      ? Output
      : JsonObject

const DRAIN_TIMEOUT = '25s'

/**
 * An executor of a service. Mount it with an adapter, or hand `executor.fetch` to a runtime that speaks Web APIs.
 * Throws a `ConfigError` that names every wrong option.
 * @example
 * const executor = createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET })
 *   .job('nightly-report', async (ctx) => {
 *     ctx.log.info('started', { fire: ctx.fireTime })
 *     return { rows: await writeReport(ctx.params, ctx.signal) }
 *   })
 */
export function createExecutor(options: ExecutorOptions): Executor {
  return new RealExecutor(options)
}

class RealExecutor implements Executor {
  readonly #config
  readonly #handlers = new Map<string, Registered>()
  readonly #receiver: Receiver

  constructor(options: ExecutorOptions) {
    this.#config = resolveConfig(options)
    this.#receiver = new Receiver(this.#config, this.#handlers)
  }

  get inFlight(): number {
    return this.#receiver.inFlight
  }

  job(name: string, ...rest: unknown[]): never {
    const [options, run] = rest.length > 1 ? rest : [{}, rest[0]]
    if (typeof name !== 'string' || name === '') throw new ConfigError('a handler needs a name')
    if (typeof run !== 'function') throw new ConfigError(`${name} is not a function`)
    if (this.#handlers.has(name)) throw new ConfigError(`there are two handlers named ${name}`)
    this.#handlers.set(name, { options, run } as Registered)
    return this as never
  }

  receive(call: RawCall, runtime: Runtime = {}): Promise<RawReply> {
    return this.#receiver.receive(call, runtime)
  }

  readonly fetch = async (request: Request, runtime: Runtime = {}): Promise<Response> => {
    const { headers, method, signal } = request
    const body = await readBody(request, BODY_BYTES_MAX)
    const call: RawCall = { method, body, signal, header: (name) => headers.get(name), mount: 'fetch' }
    const reply = await this.#receiver.receive(call, runtime)
    return new Response(reply.body, reply)
  }

  async start(options: StartOptions): Promise<Started> {
    const { start } = await import('./registration.ts')
    return start({ config: this.#config, handlers: this.#handlers, executor: this, ConfigError }, options)
  }

  async listen(options: ListenOptions): Promise<Started> {
    const { listen } = await import('./listen.ts')
    return listen({ config: this.#config, handlers: this.#handlers, executor: this, ConfigError }, options)
  }

  async manifest(): Promise<Manifest> {
    return (await import('./manifest.ts')).manifestOf(this.#config, this.#handlers)
  }

  async drain({ timeout = DRAIN_TIMEOUT }: { timeout?: Duration } = {}): Promise<void> {
    await this.#receiver.drain(durationMs(timeout))
  }
}

import type { Auth, CheckCall } from './auth.ts'
import { systemClock, type ExecutorClock } from './clock.ts'
import { durationMs, type Duration } from './duration.ts'
import { ConfigError } from './errors.ts'
import type { Kv } from './keys-and-locks.ts'
import { createKeyring, type SecretSource } from './keys.ts'
import { silentLogger, type Logger } from './logger.ts'
import type { Outbox } from './outbox.ts'
import type { Reports } from './reports.ts'
import { checkSecrets } from './signature.ts'

/** How an executor is set up. */
export interface ExecutorOptions {
  /** The service that it belongs to; calls for another one are answered 421. */
  service: string
  /** @default 'default' */
  namespace?: string | undefined
  /** Its id within the service. When given, calls for another executor are answered 421. */
  id?: string | undefined
  /**
   * The service's signing secret (`whsec_…`); several while it is rotated; on edge runtimes a function of the request's
   * environment. There is no default; the one way to do without is `auth`.
   */
  secret?: SecretSource | undefined
  /** Instead of a secret: `jwt({ issuer })` of `@cronclave/sdk/jwt`. Nothing else is accepted then. */
  auth?: Auth | undefined
  /** Handlers at work at once; beyond it calls are answered 429 and go elsewhere. @default Infinity @minimum 1 */
  concurrency?: number | undefined
  /**
   * How long a handler goes on after the connection of its call broke, so that a control plane that restarts can join it.
   * Then its signal aborts with `LeaseLostError`. 0 aborts at once. @default '10s'
   */
  orphanGrace?: Duration | undefined
  /**
   * Nodes of the control plane, e.g. `https://cron-1.example.com`: tried when the one that called cannot be reached, and
   * where `start` registers.
   */
  controlPlane?: string | readonly string[] | undefined
  /**
   * How long a call is kept waiting for its outcome, at most; then it is answered 202 and the outcome is reported later.
   * Lower it below what proxies between here and the control plane allow. @default what the call says: 25 s
   */
  respondWithin?: Duration | undefined
  /**
   * Whether handlers may go on after their call was answered 202. Without it a call waits until its handler has ended.
   * @default where the runtime has `waitUntil`, with the adapters for Node, and after `start`
   */
  reportLater?: boolean | undefined
  /** Keys and locks for handlers: `kv({ url, token })` of `@cronclave/sdk/kv`. */
  kv?: Kv | undefined
  /** Takes the SDK's own lines; when given, those of handlers too. `false` is silence. @default console */
  logger?: Logger | false | undefined
  /** @default globalThis.fetch */
  fetch?: typeof fetch | undefined
  /** Of the program: a version, a commit. `start` may say another one. */
  revision?: string | undefined
  /** Which of two revisions is newer: the larger, e.g. the time of its commit. @default the one that is seen first later */
  revisionOrder?: number | undefined
  /** For tests. */
  clock?: ExecutorClock | undefined
}

/** The options with every field present and checked. */
export interface ExecutorConfig {
  service: string
  namespace: string
  id: string | undefined
  check: CheckCall
  concurrency: number
  orphanMs: number
  controlPlane: readonly string[]
  respondMs: number
  reportLater: boolean | undefined
  fetch: typeof fetch
  kv: Kv | undefined
  logger: Logger
  tee: Logger | undefined
  /** As they were given: which program it is. */
  options: Pick<ExecutorOptions, 'revision' | 'revisionOrder'>
  clock: ExecutorClock
  /** Of the process, once it was started. */
  bootId: string | undefined
  /** Of one that listens: where outcomes are kept, and that the nodes it names are reported to first. */
  outbox?: Outbox | undefined
  nodesFirst?: boolean
  /** Loaded when the first one is made. */
  reports?: Promise<Reports>
}

const ORPHAN_GRACE = '10s'
/** Longer than any call says. */
const RESPOND_WITHIN = '1d'

/** Checks the options once; throws a `ConfigError` that names every fault. */
export function resolveConfig(options: ExecutorOptions): ExecutorConfig {
  const faults: string[] = []
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read()
    } catch (error) {
      faults.push((error as Error).message)
      return undefined
    }
  }
  const { service, namespace = 'default', id, concurrency = Infinity, logger = console } = options
  if (typeof service !== 'string' || service === '') faults.push('`service` is missing: its name')
  if (!(concurrency >= 1)) faults.push('`concurrency` is below 1')
  const orphanMs = attempt(() => durationMs(options.orphanGrace ?? ORPHAN_GRACE))
  const respondMs = attempt(() => durationMs(options.respondWithin ?? RESPOND_WITHIN))
  const clock = options.clock ?? systemClock
  const check = attempt(
    () => options.auth?.bind({ ...options, clock }) ?? checkSecrets(createKeyring(options.secret), clock),
  )
  const controlPlane = [options.controlPlane ?? []].flat()
  if (!controlPlane.every((url) => /^https?:\/\//.test(url)))
    faults.push('`controlPlane` is not a list of http(s) URLs')
  if (faults.length > 0 || !check || orphanMs === undefined || respondMs === undefined)
    throw new ConfigError(faults.join('; '))
  return {
    service,
    namespace,
    id,
    check,
    concurrency,
    orphanMs,
    controlPlane,
    respondMs,
    reportLater: options.reportLater,
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    kv: options.kv,
    logger: logger || silentLogger,
    tee: options.logger || undefined,
    options,
    clock,
    bootId: undefined,
  }
}

export { BODY_BYTES_MAX } from './body-limit.ts'
export { createExecutor, type Callable, type Executor, type JobTypes, type SchemaParams } from './executor.ts'
export type { ExecutorOptions } from './config.ts'
export type { ExecutorClock } from './clock.ts'
export type { JobContext } from './context.ts'
export type { Duration } from './duration.ts'
export {
  CancelledError,
  ConfigError,
  CronclaveError,
  DrainError,
  isCronclaveError,
  LeaseLostError,
  NonRetryableError,
  RetryAfterError,
  SignatureError,
  SkipError,
  TimeoutError,
  type ErrorKind,
  type ErrorOptions,
  type SignatureFault,
} from './errors.ts'
export type { Handler, JobOptions } from './handler.ts'
export type { Hmac, HmacKey } from './hmac.ts'
export type { KeptJobOptions, MisfirePolicy, RoutingStrategy, Schedule } from './job-options.ts'
export type { Json, JsonObject } from './json.ts'
export type { Env, SecretSource } from './keys.ts'
export type { Held, Kv, KvEntry, KvValue, LockOptions, PutOptions } from './keys-and-locks.ts'
export type { ListenOptions } from './listen.ts'
export type { Logger } from './logger.ts'
export type { DescribedHandler, Manifest } from './manifest.ts'
export type { Outbox, OutboxEntry } from './outbox.ts'
export { LOG_BYTES_MAX, LOG_LINES_MAX, type LogLevel, type RunLogger } from './run-log.ts'
export { RESULT_BYTES_MAX } from './outcome.ts'
export type { RawReply } from './problem.ts'
export type { Started, StartOptions } from './registration.ts'
export type { RawCall, Runtime } from './receiver.ts'
export type { JsonSchema, ParamsSchema, SchemaIssue, SchemaPair, SchemaResult, StandardSchema } from './schema.ts'
export type { Shard } from './shard.ts'

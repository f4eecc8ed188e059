export { randomSecret as testSecret, type SignedCall } from './testing-call.ts'
export { testClock, type TestClock } from './testing-clock.ts'
export type { CallOptions } from './testing-dispatch.ts'
export {
  harness,
  type Harness,
  type HarnessOptions,
  type RetryOptions,
  type Running,
  type RunResult,
  type ShardOptions,
  type Target,
} from './testing-harness.ts'
export type { OutcomeError, OutcomeName, Progress } from './outcome.ts'
export type { LogLine } from './run-log.ts'
export { testControlPlane, type Report, type TestControlPlane } from './testing-plane.ts'
export type { AttemptResult } from './testing-result.ts'
export { testTokens, type TestTokens, type TokenCall } from './testing-tokens.ts'
export {
  schedule,
  type Played,
  type PlayedFire,
  type PlayedSkip,
  type PlayOptions,
  type ScheduledDefinition,
  type TestSchedule,
} from './testing-schedule.ts'

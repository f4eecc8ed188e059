import type { Executor } from '../discovery/executor.ts'

/** The executor whose last attempt began longest ago; one that never had any comes first. */
export function leastRecentlyUsed(executors: readonly Executor[]): Executor | undefined {
  let oldest: Executor | undefined
  for (const executor of executors) {
    if (oldest === undefined || (executor.lastToken ?? 0) < (oldest.lastToken ?? 0)) oldest = executor
  }
  return oldest
}

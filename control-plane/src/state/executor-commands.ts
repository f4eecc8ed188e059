import type { Executor, ExecutorManifest } from '../discovery/executor.ts'
import type { ManifestCommand } from './manifest-commands.ts'

/** What is said of executors, besides what a person lists. */
export type ExecutorCommand =
  | ExecutorRegistration
  /** By somebody's order; `boot`: only if that process has the id. */
  | { kind: 'executor-order'; service: number; id: string; order: ExecutorOrder; boot?: string; ifVersion?: number }
  /** What the leader found of registered executors; of those that another process has taken over meanwhile it says nothing. */
  | { kind: 'executors-found'; executors: ExecutorFinding[] }
  | ManifestCommand

/** An executor announces itself. */
export interface ExecutorRegistration extends Pick<Executor, 'url' | 'weight' | 'slots' | 'labels'> {
  kind: 'executor-register'
  service: number
  id: string
  boot: string
  manifest: ExecutorManifest
  ifVersion?: number
}

export type ExecutorOrder = 'online' | 'offline' | 'draining'

export interface ExecutorFinding {
  service: number
  id: string
  boot: string
  /** `offline`: nothing was heard of it. */
  status: 'online' | 'offline' | 'draining' | 'suspect'
}

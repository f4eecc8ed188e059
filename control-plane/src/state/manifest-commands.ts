import type { Manifest, ManifestName } from '../discovery/manifest.ts'
import type { Fault } from '../problems.ts'
import type { JobPut } from './commands.ts'

/** What becomes of what the program of a service says of itself. */
export type ManifestCommand = ManifestReconcile | ManifestNote

/** Brings the jobs of a service to what its code says: all of them, or none. */
export interface ManifestReconcile {
  kind: 'manifest-reconcile'
  /** Uid of the service. */
  service: number
  manifest: Manifest
  /** Who brought it. */
  by: string
  /** Of what is known of its manifests; 0 when nothing is. */
  ifVersion: number
  /** Take it although a newer one is known. */
  rollback?: boolean
  /** Jobs that are made or changed, each with the version it was worked out for; those that stay as they are, are not among them. */
  jobs: JobPut[]
  /** Jobs that the code names no more and that go. */
  prune?: { job: number; version: number }[]
}

/** A manifest that changes nothing: it is older than what is known, or something in it is not valid. */
export interface ManifestNote {
  kind: 'manifest-note'
  service: number
  manifest: ManifestName
  outcome: 'older' | 'refused'
  faults?: Fault[]
  ifVersion: number
}

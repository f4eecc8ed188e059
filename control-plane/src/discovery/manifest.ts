import type { Json } from '../jobs/job.ts'
import type { Fault } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'

/** A handler as the program of a service describes it. */
export interface ManifestHandler {
  name: string
  description?: string
  /** JSON Schema of its parameters. */
  params?: { [keyword: string]: Json }
  /** The job that the code keeps for it, in the API's form; see `manifests/read-manifest.ts`. */
  job?: { [field: string]: Json }
}

/** Which program it is that a manifest speaks of. */
export interface ManifestName {
  /** SHA-256 of its canonical JSON, lower-case hex. */
  hash: string
  revision?: string
  /** The larger is the newer, where both say one. */
  order?: number
}

/** What the program of a service says of itself. */
export interface Manifest extends ManifestName {
  handlers: ManifestHandler[]
}

/** A manifest that was seen, and what became of it. */
export interface SeenManifest extends ManifestName {
  outcome: 'reconciled' | 'older' | 'refused'
  /** When it was seen first. */
  at: Millis
  /** Of one that was refused. */
  faults?: Fault[]
}

/** What is known of the program of a service. */
export interface ServiceManifest {
  /** Uid of the service. */
  service: number
  version: number
  /** The one that was reconciled last. */
  current?: Manifest & { at: Millis; by: string }
  /** In the order in which they were seen first, the last `SEEN_MAX`. */
  seen: SeenManifest[]
  /** Uids of the jobs that were ever made or taken over for it, and are still there. */
  kept: number[]
}

/** The name of the job that the code keeps for a handler; undefined when it keeps none. */
export function keptJobName({ name, job }: ManifestHandler): string | undefined {
  if (job === undefined) return undefined
  return typeof job['name'] === 'string' ? job['name'] : name
}

/** How people call a revision: the first digits of the hash where the program names none. */
export function revisionText({ revision, hash }: ManifestName): string {
  return revision ?? hash.slice(0, HASH_DIGITS)
}

const HASH_DIGITS = 12

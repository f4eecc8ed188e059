import type { ServiceManifest } from '../discovery/manifest.ts'
import type { Job } from '../jobs/job.ts'

/** What of the manifests of a service goes into the digest: the hashes stand for what is in them. */
export function manifestFields(of: ServiceManifest | undefined): (string | number | undefined)[] {
  if (!of) return [undefined]
  const { current, kept, seen, version } = of
  const fields = [version, current?.hash, current?.at, current?.by, kept.length, kept.at(-1)]
  return [...fields, ...seen.flatMap(({ hash, outcome, at, faults }) => [hash, outcome, at, faults?.length])]
}

/** Who keeps a job, as text. */
export function jobKeeping(job: Job | undefined): string | undefined {
  const keeping = job?.keeping
  return keeping && `${keeping.service}${keeping.detached ? '-' : ''}`
}

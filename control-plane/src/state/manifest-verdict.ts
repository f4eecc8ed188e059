import type { ManifestName, ServiceManifest } from '../discovery/manifest.ts'

/** `same`: it is the one that was taken last. `newer`: it is to be taken. `older`: it is not, unless somebody rolls back. */
export type ManifestVerdict = 'same' | 'newer' | 'older'

/**
 * Whether a manifest is newer than the one that was taken last. Of two that say their order the larger is the newer;
 * otherwise the one that was seen first later. One that has had its turn never gets another by itself: that is what keeps
 * an executor that is about to be replaced from turning jobs back. One that was refused may be tried again for as long as
 * nothing newer was taken.
 */
export function judgeManifest(known: ServiceManifest | undefined, manifest: ManifestName): ManifestVerdict {
  const { current, seen = [] } = known ?? {}
  if (!current) return 'newer'
  if (current.hash === manifest.hash) return 'same'
  const isBehind = current.order !== undefined && manifest.order !== undefined && manifest.order < current.order
  if (isBehind) return 'older'
  const place = seen.findIndex(({ hash }) => hash === manifest.hash)
  if (place < 0) return 'newer'
  const isLater = place > seen.findIndex(({ hash }) => hash === current.hash)
  return seen[place]?.outcome === 'refused' && isLater ? 'newer' : 'older'
}

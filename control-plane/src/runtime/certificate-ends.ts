import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Millis } from './clock.ts'

/** Until when the certificates in these files are good; one that cannot be read says nothing. */
export async function certificateEnds(
  files: readonly { name: string; path: string }[],
): Promise<{ name: string; endsAt: Millis }[]> {
  const ends = await Promise.all(
    files.map(async ({ name, path }) => {
      try {
        const endsAt = Date.parse(new X509Certificate(await readFile(path)).validTo)
        return Number.isNaN(endsAt) ? [] : [{ name, endsAt }]
      } catch {
        return []
      }
    }),
  )
  return ends.flat()
}

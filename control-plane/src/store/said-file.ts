import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Said } from '../cluster/node-report.ts'
import type { Logger } from '../runtime/logger.ts'
import { writePrivate } from './data-folder.ts'
import type { SaidKeeper } from '../alerts/said.ts'

/** Keeps what a node has said in `said.json` of its data folder. One that cannot be read is as good as none. */
export function saidFile(folder: string, logger: Pick<Logger, 'warn'>): SaidKeeper {
  const path = join(folder, 'said.json')
  return {
    async load() {
      try {
        const said: unknown = JSON.parse(await readFile(path, 'utf8'))
        return Array.isArray(said) ? said.filter(isSaid) : []
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          logger.warn({ path, error: String(error) }, 'what this node had said of missing leaders could not be read')
        return []
      }
    },
    async save(said) {
      try {
        await writePrivate(folder, path, `${JSON.stringify(said)}\n`)
      } catch (error) {
        logger.warn({ path, error: String(error) }, 'what this node said of a missing leader could not be kept')
      }
    },
  }
}

function isSaid(value: unknown): value is Said {
  const { key, rule, subject, since, until } = (value ?? {}) as Partial<Record<keyof Said, unknown>>
  const { kind, id, name } = (subject ?? {}) as Partial<Record<keyof Said['subject'], unknown>>
  return (
    typeof key === 'string' &&
    typeof rule === 'number' &&
    typeof since === 'number' &&
    (until === undefined || typeof until === 'number') &&
    (kind === 'node' || kind === 'cluster') &&
    typeof id === 'string' &&
    typeof name === 'string'
  )
}

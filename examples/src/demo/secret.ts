import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface DemoSecret {
  secret: string
  /** Just made: services of an earlier start, if there are any, do not know it. */
  isNew: boolean
}

/**
 * The signing secret of the demo's services. It is made on the first start and kept beside the data, for its owner only:
 * the control plane keeps it sealed and never tells it again.
 */
export async function demoSecret(dataFolder: string): Promise<DemoSecret> {
  const path = join(dataFolder, 'demo.secret')
  try {
    return { secret: (await readFile(path, 'utf8')).trim(), isNew: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  await mkdir(dataFolder, { recursive: true })
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  return { secret, isNew: true }
}

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The signing secret of the demo's services. It is made on the first start and kept beside the data, for its owner only:
 * the control plane keeps it sealed and never tells it again.
 */
export async function demoSecret(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'demo.secret')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  await mkdir(dataFolder, { recursive: true })
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  return secret
}

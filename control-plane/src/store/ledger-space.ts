import { readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { folderBytes } from './folder-bytes.ts'

/** What the ledger takes, with all else that a state has, of the disk that it is on. */
export interface LedgerSpace {
  ledgerBytes: number
  diskBytes: number
}

/** Looks at the data folder. */
export async function ledgerSpace(dataFolder: string): Promise<LedgerSpace> {
  const [ledgerBytes, { blocks, bsize }] = await Promise.all([statesBytes(dataFolder), statfs(dataFolder)])
  return { ledgerBytes, diskBytes: blocks * bsize }
}

/** Everything in the data folder that is a state; the log is counted apart. */
export async function statesBytes(dataFolder: string): Promise<number> {
  const names = await readdir(dataFolder).catch(() => [])
  const sizes = names.filter((name) => name.startsWith('state')).map((name) => folderBytes(join(dataFolder, name)))
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

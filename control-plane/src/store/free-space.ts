import { statfs } from 'node:fs/promises'
import { type LedgerSpace, ledgerSpace } from './ledger-space.ts'

/** The disk that a data folder is on, as its node looks at it. */
export function diskOf(folder: string, reserveBytes: number) {
  return {
    free: () => freeBytes(folder),
    space: (): Promise<LedgerSpace> => ledgerSpace(folder),
    reserveBytes,
  }
}

/** Bytes that a file in a folder could still take, for a process without privileges. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

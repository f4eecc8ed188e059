import { statfs } from 'node:fs/promises'

/** Bytes that a file in a folder could still take, for a process without privileges. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

import { constants, write } from 'node:fs'
import { open, readdir, rename, rm, type FileHandle as NodeHandle } from 'node:fs/promises'
import { makeFolderDurably, syncFolder } from '../runtime/durable-folder.ts'
import type { FileHandle, FileSystem } from './file-system.ts'

const ZEROES = Buffer.alloc(1024 * 1024)
const FLAGS = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR | constants.O_DSYNC,
  create: constants.O_RDWR | constants.O_DSYNC | constants.O_CREAT | constants.O_EXCL,
} as const

/** The machine's file system. Writes go through `O_DSYNC`: they return when the disk has them. */
export const nodeFileSystem: FileSystem = {
  async list(folder) {
    return (await readdir(folder)).sort()
  },
  makeFolder: (path) => makeFolderDurably(path),
  async open(path, mode) {
    return handleOf(path, await open(path, FLAGS[mode], 0o600))
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path),
  syncFolder,
}

function handleOf(path: string, handle: NodeHandle): FileHandle {
  return {
    async read(position, length) {
      const buffer = Buffer.allocUnsafeSlow(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return filled === length ? buffer : buffer.subarray(0, filled)
    },
    writeDurably: (position, bytes) => writeAll(handle.fd, bytes, position),
    allocate: (size) => fill(path, size),
    sync: () => handle.sync(),
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  }
}

/** The callback of `fs.write` costs a third of what the promise of a file handle does. */
function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (from: number): void => {
      write(fd, bytes, from, bytes.length - from, position + from, (error, written) => {
        if (error !== null) reject(error)
        else if (from + written < bytes.length) next(from + written)
        else resolve()
      })
    }
    next(0)
  })
}

/** Writes zeroes to the file, so that later writes find their blocks allocated; a handle of its own spares a sync per write. */
async function fill(path: string, size: number): Promise<void> {
  const handle = await open(path, constants.O_WRONLY)
  try {
    for (let position = 0; position < size; position += ZEROES.length) {
      const length = Math.min(ZEROES.length, size - position)
      let written = 0
      while (written < length) {
        const { bytesWritten } = await handle.write(ZEROES, written, length - written, position + written)
        written += bytesWritten
      }
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
}

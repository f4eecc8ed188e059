import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CorruptLog, StorageFailed } from './errors.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { openWal } from './open-wal.ts'
import type { Wal } from './wal.ts'

const SEGMENT_BYTES = 256 * 1024
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cronclave-wal-'))
})

afterAll(() => rm(folder, { recursive: true }))

test('the log survives a close on a real disk, over several segments', async () => {
  const path = join(folder, 'log')
  const wal = await open(path)
  for (let i = 0; i < 200; i++) await append(wal, 16)
  await wal.close()
  const again = await open(path)
  expect(again.lastIndex).toBe(3200)
  expect(await contents(again)).toBe(3200)
  await again.compact(3000)
  expect(again.firstIndex).toBeGreaterThan(1000)
  await append(again, 1)
  await again.close()
})

test('a file is written and read where it was asked, and read short at its end', async () => {
  const path = join(folder, 'file')
  const handle = await nodeFileSystem.open(path, 'create')
  await handle.allocate(3_000_000)
  expect(await handle.size()).toBe(3_000_000)
  await handle.writeDurably(2_999_990, Buffer.from('abcdefghij'))
  expect(Buffer.from(await handle.read(2_999_995, 100)).toString()).toBe('fghij')
  await handle.close()
  await expect(nodeFileSystem.open(path, 'create')).rejects.toMatchObject({ code: 'EEXIST' })
})

test('a folder that cannot be written to is a StorageFailed with its code', async () => {
  const path = join(folder, 'a-file')
  await writeFile(path, '')
  const error: unknown = await open(join(path, 'log')).catch((fault: unknown) => fault)
  expect(error).toBeInstanceOf(StorageFailed)
  expect(error).toMatchObject({ code: 'ENOTDIR', folder: join(path, 'log') })
})

test('a file that is no segment of this log is a CorruptLog', async () => {
  const path = join(folder, 'strange')
  await nodeFileSystem.makeFolder(path)
  await writeFile(join(path, '0000000000000001.wal'), 'this is not a log')
  await expect(open(path)).rejects.toThrow(CorruptLog)
})

const small = mountSmall()
if (small === undefined) {
  console.warn(
    'a small file system cannot be mounted here (it takes root on Linux): the test of a really full disk is left out',
  )
}

test.skipIf(small === undefined)(
  'a disk that is really full: StorageFailed, and nothing acknowledged is missing',
  async () => {
    const path = join(small!, 'log')
    const wal = await open(path)
    let acknowledged = 0
    const error: unknown = await (async () => {
      for (;;) {
        await append(wal, 16)
        acknowledged = wal.lastIndex
      }
    })().catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(StorageFailed)
    expect(error).toMatchObject({ code: 'ENOSPC', folder: path, message: expect.stringContaining('the disk is full') })
    expect(acknowledged).toBeGreaterThan(1000)
    await expect(append(wal, 1)).rejects.toBe(error)
    await wal.close()
    const again = await open(path)
    expect(again.lastIndex).toBeGreaterThanOrEqual(acknowledged)
    expect(await contents(again)).toBe(again.lastIndex)
    // Compaction gives space back, so the node clears by itself once the store has caught up.
    await again.compact(again.lastIndex)
    for (let i = 0; i < 100; i++) await append(again, 16)
    await again.close()
  },
)

function open(path: string): Promise<Wal> {
  return openWal({ fileSystem: nodeFileSystem, folder: path, segmentBytes: SEGMENT_BYTES })
}

function append(wal: Wal, count: number): Promise<void> {
  const next = wal.lastIndex + 1
  return wal.append(Array.from({ length: count }, (_, i) => ({ index: next + i, term: 1, payload: payload(next + i) })))
}

function payload(index: number): Buffer {
  return Buffer.alloc(200 + (index % 64), `${index} `)
}

/** How many records the log gives back as they were written. */
async function contents(wal: Wal): Promise<number> {
  let good = wal.firstIndex - 1
  for await (const record of wal.read(wal.firstIndex)) if (payload(record.index).equals(record.payload)) good++
  return good
}

/** A file system of 2 MiB, or undefined where none can be mounted. */
function mountSmall(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'cronclave-small-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  afterAll(() => {
    execFileSync('umount', [path], { stdio: 'ignore' })
    rmSync(path, { recursive: true })
  })
  return path
}

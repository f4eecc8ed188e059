import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { crc32c } from './crc32c.ts'
import { openLevelStore } from './level.ts'
import { CorruptStore } from './storage-errors.ts'
import { verifyFolder } from './verify.ts'

const ROWS = 3000
let root = ''
/** A folder with tables, a manifest of several edits and a log that no table has yet. */
let original = ''
let damagedFolders = 0

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'verify-'))
  original = join(root, 'original')
  for (const part of [0, 1, 2]) {
    const store = await openLevelStore({ folder: original, clock: systemClock(), onFatal: () => undefined })
    for (let batch = 0; batch < 30; batch++) {
      for (let row = 0; row < ROWS / 90; row++) {
        const key = `R/${part}/${String(batch).padStart(2, '0')}/${row}`
        store.stage({ type: 'put', key, value: valueOf(key) })
      }
      store.requestWrite()
      await store.flush()
    }
    await store.close()
  }
}, 60_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

function valueOf(key: string): unknown {
  return { key, text: key.repeat(4), number: key.length * 7919 }
}

/** A copy of the folder with one file changed. */
function damaged(file: string, change: (bytes: Buffer) => Buffer): string {
  const folder = join(root, `damaged-${damagedFolders++}`)
  mkdirSync(folder)
  for (const name of readdirSync(original)) copyFileSync(join(original, name), join(folder, name))
  writeFileSync(join(folder, file), change(readFileSync(join(original, file))))
  return folder
}

function fileWith(pattern: RegExp): string {
  const names = readdirSync(original).filter((name) => pattern.test(name))
  return names.sort(
    (a, b) => readFileSync(join(original, b)).length - readFileSync(join(original, a)).length,
  )[0] as string
}

/** What a start makes of a folder: it is refused, or everything that is served is as it was written. */
async function outcomeOf(folder: string): Promise<'refused' | 'whole' | 'lags'> {
  const onFatal = (): void => undefined
  const store = await openLevelStore({ folder, clock: systemClock(), onFatal }).catch((error: unknown) => error)
  if (store instanceof Error) {
    if (!(store instanceof CorruptStore)) throw store
    expect(store.message).toContain(folder)
    return 'refused'
  }
  const opened = store as Awaited<ReturnType<typeof openLevelStore>>
  let rows = 0
  for await (const [key, value] of opened.range({ gte: 'R/', lt: 'R0' })) {
    expect(value).toEqual(valueOf(key))
    rows += 1
  }
  await opened.close()
  return rows === Math.ceil(ROWS / 90) * 90 ? 'whole' : 'lags'
}

/** Offsets spread over a file, its ends included. */
function sample(length: number, count: number): number[] {
  const step = Math.max(1, Math.floor(length / count))
  const offsets = Array.from({ length: Math.min(count, length) }, (_, i) => i * step)
  return [
    ...new Set([...offsets, ...[1, 2, 8, 9, 20, 47, 48, 49].map((back) => length - back).filter((at) => at >= 0)]),
  ]
}

test('a sound folder is read whole', async () => {
  const verified = await verifyFolder(original)
  expect(verified.files).toBeGreaterThanOrEqual(5)
  expect(await outcomeOf(damaged('CURRENT', (bytes) => bytes))).toBe('whole')
})

test.each([
  ['a table', /\.ldb$/],
  ['the log', /\.log$/],
  ['the manifest', /^MANIFEST-/],
  ['CURRENT', /^CURRENT$/],
])('a flipped bit in %s is found at the start, or harmless, and never served', async (kind, pattern) => {
  const file = fileWith(pattern)
  const { length } = readFileSync(join(original, file))
  const found: Record<string, number> = {}
  for (const offset of sample(length, 60)) {
    const folder = damaged(file, (bytes) => {
      bytes[offset] = (bytes[offset] as number) ^ (1 << (offset % 8))
      return bytes
    })
    const outcome = await outcomeOf(folder)
    found[outcome] = (found[outcome] ?? 0) + 1
    rmSync(folder, { recursive: true })
  }
  expect(found['refused']).toBeGreaterThan(kind === 'the log' ? 50 : 5)
  // The last record of the newest log looks as if a crash had torn it; the write-ahead log has what it held.
  if (kind !== 'the log') expect(found['lags']).toBeUndefined()
})

test.each([
  ['a table', /\.ldb$/],
  ['the log', /\.log$/],
  ['the manifest', /^MANIFEST-/],
  ['CURRENT', /^CURRENT$/],
])('%s cut short is found at the start, or is an older state, and never served in part', async (kind, pattern) => {
  const file = fileWith(pattern)
  const { length } = readFileSync(join(original, file))
  const outcomes = new Set<string>()
  for (const offset of sample(length, 40)) {
    const folder = damaged(file, (bytes) => bytes.subarray(0, offset))
    outcomes.add(await outcomeOf(folder))
    rmSync(folder, { recursive: true })
  }
  expect(outcomes).toContain(kind === 'the log' ? 'lags' : 'refused')
  if (kind !== 'the log') expect(outcomes).not.toContain('lags')
})

test.each([
  ['a table', /\.ldb$/],
  ['the log', /\.log$/],
  ['the manifest', /^MANIFEST-/],
  ['CURRENT', /^CURRENT$/],
])('without %s the folder is refused, not begun anew', async (_kind, pattern) => {
  const folder = damaged('CURRENT', (bytes) => bytes)
  rmSync(join(folder, fileWith(pattern)))
  expect(await outcomeOf(folder)).toBe('refused')
})

test('a piece zeroed out of the middle of the log is found, its end zeroed is an older state', async () => {
  const file = fileWith(/\.log$/)
  const middle = damaged(file, (bytes) => bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 64))
  expect(await outcomeOf(middle)).toBe('refused')
  const end = damaged(file, (bytes) => bytes.fill(0, bytes.length - 64))
  expect(await outcomeOf(end)).toBe('lags')
})

test('a kill in the middle of the very first opening leaves a folder that starts', async () => {
  const folder = join(root, 'begun')
  mkdirSync(folder)
  // What LevelDB has written before its first log: comparator, log 0, next file 2, last sequence 0.
  const comparator = 'leveldb.BytewiseComparator'
  const edit = Buffer.from([1, comparator.length, ...Buffer.from(comparator), 2, 0, 3, 2, 4, 0])
  writeFileSync(join(folder, 'MANIFEST-000001'), logRecord(edit))
  writeFileSync(join(folder, 'CURRENT'), 'MANIFEST-000001\n')
  for (const log of [false, true]) {
    if (log) writeFileSync(join(folder, '000003.log'), '')
    await verifyFolder(folder)
  }
  writeFileSync(join(folder, '000005.ldb'), 'a table')
  await expect(verifyFolder(folder)).rejects.toThrow(/MANIFEST-000001: it is that of a new database, but 000005.ldb/)
  rmSync(join(folder, '000005.ldb'))
  const store = await openLevelStore({ folder, clock: systemClock(), onFatal: () => undefined })
  store.stage({ type: 'put', key: 'R/1', value: 1 })
  await store.close()
})

test('a crash that tore the log and a second one during the next opening leave an older state', async () => {
  const file = fileWith(/\.log$/)
  const next = `${String(Number.parseInt(file, 10) + 900).padStart(6, '0')}.log`
  const folder = damaged(file, (bytes) => bytes.subarray(0, bytes.length - 3))
  writeFileSync(join(folder, next), '')
  expect(await outcomeOf(folder)).toBe('lags')
})

test('a torn log that another one with records follows is refused', async () => {
  const file = fileWith(/\.log$/)
  const next = `${String(Number.parseInt(file, 10) + 900).padStart(6, '0')}.log`
  const folder = damaged(file, (bytes) => bytes.subarray(0, bytes.length - 3))
  copyFileSync(join(original, file), join(folder, next))
  expect(await outcomeOf(folder)).toBe('refused')
})

/** A record of LevelDB's log format that fits one block. */
function logRecord(payload: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from([1]), payload])
  const crc = crc32c(body)
  const head = Buffer.alloc(6)
  head.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
  head.writeUInt16LE(payload.length, 4)
  return Buffer.concat([head, body])
}

test('a whole batch taken out of the middle is found by the numbers of the batches', async () => {
  const folder = join(root, 'hole')
  const onFatal = (): void => undefined
  const store = await openLevelStore({ folder, clock: systemClock(), onFatal })
  for (let batch = 0; batch < 9; batch++) {
    store.requestWrite()
    await store.flush()
  }
  await store.close()
  const level = new ClassicLevel(folder)
  await level.del('b/04')
  await level.close()
  await expect(openLevelStore({ folder, clock: systemClock(), onFatal })).rejects.toThrow(
    /batch 4 is missing, 9 is there/,
  )
})

test('a value under another key is not served', async () => {
  const folder = join(root, 'moved')
  const onFatal = (): void => undefined
  const store = await openLevelStore({ folder, clock: systemClock(), onFatal })
  store.stage({ type: 'put', key: 'a', value: 1 })
  await store.flush()
  await store.close()
  const level = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' })
  await level.put('c', (await level.get('a')) as Uint8Array)
  await level.close()
  const again = await openLevelStore({ folder, clock: systemClock(), onFatal })
  expect(await again.get('a')).toBe(1)
  await expect(again.get('c')).rejects.toThrow(CorruptStore)
  await again.close()
})

test('a table of one huge batch is verified like any other', async () => {
  const folder = join(root, 'huge')
  const onFatal = (): void => undefined
  const store = await openLevelStore({ folder, clock: systemClock(), onFatal })
  const text = 'x'.repeat(5000)
  for (let row = 0; row < 130_000; row++) store.stage({ type: 'put', key: `R/${row}`, value: text })
  await store.close()
  const again = await openLevelStore({ folder, clock: systemClock(), onFatal })
  await again.close()
  expect((await verifyFolder(folder)).bytes).toBeGreaterThan(10_000_000)
}, 60_000)

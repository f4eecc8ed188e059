import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import type { LevelStore } from '../../control-plane/src/store/level-store.ts'
import { FolderLocked, StorageFailed, type StorageError } from '../../control-plane/src/store/storage-errors.ts'
import type { RangeOptions } from '../../control-plane/src/store/store.ts'
import { Faults } from './faulty-database.ts'

let folder = ''
let fatal: StorageError[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'))
  fatal = []
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function open(faults = new Faults(), path = join(folder, 'state')): Promise<LevelStore> {
  return openLevelStore({
    folder: path,
    clock: systemClock(),
    onFatal: (error) => fatal.push(error),
    openDatabase: faults.open,
  })
}

function gate(): { closed: Promise<void>; open: () => void } {
  let open = (): void => undefined
  const closed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { closed, open }
}

async function all(store: LevelStore, options: RangeOptions): Promise<[string, unknown][]> {
  const rows: [string, unknown][] = []
  for await (const row of store.range(options)) rows.push(row)
  return rows
}

test('a write is readable at once, while a batch is in flight and after it', async () => {
  const faults = new Faults()
  const store = await open(faults)
  const { closed, open: release } = gate()
  faults.gate = closed
  store.stage({ type: 'put', key: 'A/1', value: 1 })
  store.requestWrite()
  store.stage({ type: 'put', key: 'A/2', value: 2 })
  expect([await store.get('A/1'), await store.get('A/2')]).toEqual([1, 2])
  expect(await all(store, { gte: 'A/', lt: 'A0' })).toEqual([
    ['A/1', 1],
    ['A/2', 2],
  ])
  release()
  await store.flush()
  expect(await all(store, { gte: 'A/', lt: 'A0', reverse: true, limit: 1 })).toEqual([['A/2', 2]])
  await store.close()
})

test('many keys are read as one by one: on disk, in the batch under way, in the one that gathers, removed and unknown', async () => {
  const faults = new Faults()
  const store = await open(faults)
  const put = (key: string, value: unknown) => store.stage({ type: 'put', key, value })
  for (const key of ['A/1', 'A/2', 'A/3', 'A/4']) put(key, `disk ${key}`)
  store.requestWrite()
  await store.flush()
  const { closed, open: release } = gate()
  faults.gate = closed
  put('A/2', 'under way')
  store.stage({ type: 'del', key: 'A/3' })
  const written = store.flush()
  put('A/4', 'gathering')
  put('A/3', 'again')
  store.stage({ type: 'del', key: 'A/5' })
  const keys = ['A/4', 'A/9', 'A/1', 'A/3', 'A/2', 'A/5', 'A/1']
  const values = ['gathering', undefined, 'disk A/1', 'again', 'under way', undefined, 'disk A/1']
  expect((await store.getMany<string>(keys)).map((found) => found?.value)).toEqual(values)
  release()
  await written
  await store.flush()
  const found = await store.getMany<string>(keys)
  expect(found.map((one) => one?.value)).toEqual(values)
  expect(found[0]?.bytes).toBeGreaterThan('gathering'.length)
  await store.close()
})

test('requests made while a batch is in flight become one batch, gathered when it starts', async () => {
  const faults = new Faults()
  const store = await open(faults)
  const { closed, open: release } = gate()
  faults.gate = closed
  let index = 0
  const gathered: number[] = []
  store.gatherFrom(() => {
    gathered.push(index)
    return { writes: [{ type: 'put', key: 'm', value: index }], applied: { index, term: 1 } }
  })
  for (index = 1; index < 10; index++) store.requestWrite()
  expect(gathered).toEqual([1])
  release()
  await store.flush()
  expect(gathered).toEqual([1, 10])
  expect(store.applied).toEqual({ index: 10, term: 1 })
  await store.close()
  const again = await open()
  expect(again.applied).toEqual({ index: 10, term: 1 })
  expect(await again.get('m')).toBe(10)
  await again.close()
})

test('what lies in memory and what lies on disk read as one, in both directions, under any bounds', async () => {
  const key = fc.integer({ min: 0, max: 40 }).map((n) => `k/${String(n).padStart(2, '0')}`)
  const write = fc.oneof(
    fc.record({ type: fc.constant('put' as const), key, value: fc.nat() }),
    fc.record({ type: fc.constant('del' as const), key }),
  )
  const lower = fc.oneof(fc.record({ gte: key }), fc.record({ gt: key }), fc.constant({ gte: 'k/' }))
  const upper = fc.oneof(fc.record({ lt: key }), fc.record({ lte: key }), fc.constant({ lt: 'k0' }))
  const rest = fc.record({ reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 50 }) }, { requiredKeys: [] })
  const options = fc.tuple(lower, upper, rest).map(([from, to, more]) => ({ ...from, ...to, ...more }))
  const writes = fc.array(write, { maxLength: 60 })
  let round = 0
  await fc.assert(
    fc.asyncProperty(writes, writes, writes, options, async (durable, inFlight, gathering, options) => {
      const faults = new Faults()
      const store = await open(faults, join(folder, String(round++)))
      const model = new Map<string, unknown>()
      const stage = (some: typeof durable): void => {
        for (const one of some) {
          store.stage(one)
          if (one.type === 'put') model.set(one.key, one.value)
          else model.delete(one.key)
        }
      }
      stage(durable)
      await store.flush()
      const { closed, open: release } = gate()
      faults.gate = closed
      stage(inFlight)
      store.requestWrite()
      stage(gathering)
      expect(await all(store, options)).toEqual(modelRange(model, options))
      release()
      await store.close()
    }),
    { numRuns: 60 },
  )
})

function modelRange(model: ReadonlyMap<string, unknown>, options: RangeOptions): [string, unknown][] {
  const { gte = '', gt = '', lt = '~', lte = '~', reverse = false, limit = 1000 } = options
  const rows = [...model.entries()]
    .filter(([key]) => key >= gte && key > gt && key < lt && key <= lte)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
  return (reverse ? rows.reverse() : rows).slice(0, limit)
}

test('after a failed write everything that waits is refused, once and with a next step, and nothing more is written', async () => {
  const faults = new Faults()
  const store = await open(faults)
  faults.failAt = 1
  store.stage({ type: 'put', key: 'a', value: 1 })
  const flushed = store.flush()
  await expect(flushed).rejects.toThrow(StorageFailed)
  await expect(store.flush()).rejects.toThrow(/failed while writing a batch: IO error: No space left on device/)
  await expect(store.room()).rejects.toThrow(StorageFailed)
  store.requestWrite()
  expect(fatal).toHaveLength(1)
  expect(fatal[0]).toMatchObject({ exitCode: 74, nextStep: expect.stringContaining('Free some space') })
  expect(faults.batches).toBe(1)
  await store.close().catch(() => undefined)
})

test('a folder that this process has open is not opened twice', async () => {
  const store = await open()
  await expect(open()).rejects.toThrow(FolderLocked)
  store.stage({ type: 'put', key: 'a', value: 1 })
  await store.close()
  const again = await open()
  expect(await again.get('a')).toBe(1)
  await again.close()
})

test('the log waits for the disk when too much is staged', async () => {
  const faults = new Faults()
  const store = await open(faults)
  const { closed, open: release } = gate()
  faults.gate = closed
  const value = 'x'.repeat(1024 * 1024)
  for (let i = 0; i < 70; i++) store.stage({ type: 'put', key: `a/${i}`, value })
  let had = false
  const room = store.room().then(() => {
    had = true
  })
  await new Promise(setImmediate)
  expect(had).toBe(false)
  release()
  await room
  await store.close()
})

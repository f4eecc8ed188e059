import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Membership } from '../raft/types.ts'
import { systemClock } from '../runtime/clock.ts'
import { META_KEY } from './keys.ts'
import { openLevelStore } from './level.ts'
import type { LevelStore } from './level-store.ts'
import { openPaths } from './open-paths.ts'
import { exportState } from './state-export.ts'
import { importState } from './state-import.ts'
import { BrokenState } from './state-stream.ts'
import type { Write } from './store.ts'

const MEMBERSHIP: Membership = { voters: [3], learners: [5], votersOutgoing: [], learnersNext: [], autoLeave: false }
const ROWS = 6000
let root = ''
let folders = 0

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'states-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function newFolder(): string {
  return mkdtempSync(join(root, `${folders++}-`))
}

function open(folder: string): Promise<LevelStore> {
  return openLevelStore({ folder, clock: systemClock(), onFatal: () => undefined })
}

function row(number: number): Write & { type: 'put' } {
  return { type: 'put', key: `R/${String(number).padStart(6, '0')}`, value: { number, text: 'x'.repeat(200) } }
}

/** A store with rows, a cluster and a membership at index 70 of term 4. */
async function filled(folder = join(newFolder(), 'state')): Promise<LevelStore> {
  const store = await open(folder)
  store.gatherFrom(() => ({ writes: [], applied: { index: 70, term: 4 }, membership: MEMBERSHIP }))
  store.stage({ type: 'put', key: META_KEY, value: { cluster: 'c1', clusterVersion: 2 } })
  for (let number = 0; number < ROWS; number++) store.stage(row(number))
  await store.flush()
  return store
}

async function all(store: LevelStore): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>()
  for await (const [key, value] of store.range({ gte: 'c' })) rows.set(key, value)
  return rows
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk))
  return Buffer.concat(parts)
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('a state that was exported and imported is the same state at the same place, with the same members', async () => {
  const store = await filled()
  const { position, header, chunks } = await exportState(store, { tzdata: '2026b' })
  expect(position).toEqual({ index: 70, term: 4, membership: MEMBERSHIP })
  expect(header).toMatchObject({ cluster: 'c1', clusterVersion: 2, tzdata: '2026b', index: 70, term: 4 })
  const target = newFolder()
  const received = await importState(target, chunks)
  expect(received).toMatchObject({ position, stateFolder: 'state-70-4', trailer: { rows: ROWS + 2 } })
  const copy = await open(join(target, received.stateFolder))
  expect(copy.applied).toEqual({ index: 70, term: 4 })
  expect(copy.membership).toEqual(MEMBERSHIP)
  expect(await all(copy)).toEqual(await all(store))
  await copy.close()
  await store.close()
})

test('an export reflects one durable batch, whatever is written while it is read', async () => {
  const store = await filled()
  const before = await all(store)
  const { chunks, position } = await exportState(store, { tzdata: '' })
  let index = 71
  const target = newFolder()
  async function* disturbed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      const at = index++
      store.gatherFrom(() => ({ writes: [], applied: { index: at, term: 4 } }))
      store.stage({ type: 'del', key: row(at).key })
      store.stage({ type: 'put', key: row(ROWS + at).key, value: 'new' })
      await store.flush()
      yield chunk
    }
  }
  const received = await importState(target, disturbed())
  expect(received.position).toEqual(position)
  expect(store.applied.index).toBeGreaterThan(72)
  const copy = await open(join(target, received.stateFolder))
  expect(await all(copy)).toEqual(before)
  await copy.close()
  await store.close()
})

test('a view that is taken while a batch is being written has all of it or nothing of it, and says which', async () => {
  const store = await open(join(newFolder(), 'state'))
  for (let index = 1; index <= 30; index++) {
    store.gatherFrom(() => ({ writes: [{ type: 'put', key: 'x', value: index }], applied: { index, term: 1 } }))
    const flushed = store.flush()
    const view = await store.durableView()
    expect((await view.get('x')) ?? 0).toBe(view.position.index)
    await view.close()
    await flushed
  }
  await store.close()
})

test('the present view has what is not durable yet, and what a removal hides is not in it', async () => {
  const store = await filled()
  store.gatherFrom(() => ({ writes: [{ type: 'put', key: 'x', value: 'live' }], applied: { index: 99, term: 5 } }))
  store.stage({ type: 'del', key: row(3).key })
  store.stage({ type: 'put', key: row(ROWS).key, value: 'staged' })
  const view = store.presentView()
  store.stage({ type: 'put', key: 'y', value: 'later' })
  expect(view.position).toEqual({ index: 99, term: 5, membership: MEMBERSHIP })
  const keys: string[] = []
  for await (const rows of view.entries()) for (const [key] of rows) keys.push(key)
  expect(keys).toEqual([...keys].sort())
  expect(keys).toContain('x')
  expect(keys).toContain(row(ROWS).key)
  expect(keys).not.toContain(row(3).key)
  expect(keys).not.toContain('y')
  expect(keys.some((key) => key.startsWith('b/'))).toBe(false)
  expect(keys).toHaveLength(ROWS + 3)
  await view.close()
  await store.close()
})

test('the moment is let go when the stream ends, fails, is given up, or was never begun', async () => {
  const store = await filled()
  let open = 0
  const counting = {
    async durableView() {
      const view = await store.durableView()
      open += 1
      let closed = false
      const close = async (): Promise<void> => {
        await view.close()
        if (!closed) open -= 1
        closed = true
      }
      return { position: view.position, get: view.get.bind(view), entries: () => view.entries(), close }
    },
  }
  const begun = async () => (await exportState(counting, { tzdata: '' })).chunks[Symbol.asyncIterator]()
  await bytesOf((await exportState(counting, { tzdata: '' })).chunks)
  expect(open).toBe(0)
  await (await begun()).return?.()
  expect(open).toBe(0)
  const iterator = await begun()
  await iterator.next()
  await iterator.next()
  expect(open).toBe(1)
  await iterator.return?.()
  expect(open).toBe(0)
  const unread = await exportState(counting, { tzdata: '' })
  await unread.close()
  expect(open).toBe(0)
  await store.close()
})

test('however a stream is cut into pieces, it is read alike', async () => {
  const store = await filled()
  const { chunks } = await exportState(store, { tzdata: '' })
  const bytes = await bytesOf(chunks)
  for (const size of [7, 4096, bytes.length]) {
    const received = await importState(newFolder(), cut(bytes, size))
    expect(received.trailer.rows).toBe(ROWS + 2)
  }
  await store.close()
})

test('a stream that breaks off, or in which any byte is another, leaves nothing that a start would open', async () => {
  const store = await filled()
  const { chunks } = await exportState(store, { tzdata: '' })
  const bytes = await bytesOf(chunks)
  const target = newFolder()
  const refused = async (broken: Buffer) => {
    await expect(importState(target, cut(broken, 100_000))).rejects.toThrow(BrokenState)
    expect(readdirSync(target)).toEqual([])
  }
  for (const length of [0, 5, 100, bytes.length >> 1, bytes.length - 1]) await refused(bytes.subarray(0, length))
  for (let at = 0; at < bytes.length; at += Math.floor(bytes.length / 40)) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] as number) ^ 4
    await refused(flipped)
  }
  await refused(Buffer.concat([bytes, Buffer.of(0)]))
  await store.close()
})

test('a source that fails is told apart from a disk that does, and is told when nothing more is wanted', async () => {
  const store = await filled()
  const { chunks } = await exportState(store, { tzdata: '' })
  let ended = false
  async function* failing(): AsyncGenerator<Uint8Array> {
    try {
      let sent = 0
      for await (const chunk of chunks) {
        yield chunk
        if (++sent === 2) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      }
    } finally {
      ended = true
    }
  }
  const target = newFolder()
  await expect(importState(target, failing())).rejects.toThrow(/broke off/)
  expect(ended).toBe(true)
  const check = () => {
    throw new Error('not for me')
  }
  const again = await exportState(store, { tzdata: '' })
  await expect(importState(target, again.chunks, { check })).rejects.toThrow('not for me')
  expect(readdirSync(target)).toEqual([])
  expect([...openPaths].filter((path) => path.startsWith(target))).toEqual([])
  await store.close()
})

test('what an import that was killed left behind is replaced by the next, and never opened by itself', async () => {
  const store = await filled()
  const target = newFolder()
  const first = await exportState(store, { tzdata: '' })
  const partial = first.chunks[Symbol.asyncIterator]()
  await partial.next()
  await partial.return?.()
  const leftover = await open(join(target, 'state-70-4'))
  leftover.stage({ type: 'put', key: 'R/zzz', value: 'of another time' })
  await leftover.flush()
  await leftover.close()
  const { chunks } = await exportState(store, { tzdata: '' })
  const received = await importState(target, chunks)
  const copy = await open(join(target, received.stateFolder))
  expect(await copy.get('R/zzz')).toBeUndefined()
  await copy.close()
  expect(existsSync(join(target, 'state-70-4', 'CURRENT'))).toBe(true)
  await store.close()
})

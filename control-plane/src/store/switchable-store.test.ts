import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { openLevelStore } from './level.ts'
import type { LevelStore } from './level-store.ts'
import { openPaths } from './open-paths.ts'
import { SwitchableStore } from './switchable-store.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'switch-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A store in which every key from k0 to k99 has this value, at this index. */
async function filled(value: string, index: number): Promise<LevelStore> {
  const folder = mkdtempSync(join(root, 'store-'))
  const store = await openLevelStore({ folder, clock: systemClock(), onFatal: () => undefined })
  store.gatherFrom(() => ({ writes: [], applied: { index, term: 1 } }))
  for (let number = 0; number < 100; number++) store.stage({ type: 'put', key: `k${number}`, value })
  await store.flush()
  return store
}

function isOpen(store: LevelStore): boolean {
  return openPaths.has(store.folder)
}

test('what began on the old store ends on it; what begins later is on the new one', async () => {
  const [old, next] = [await filled('old', 5), await filled('new', 9)]
  const store = new SwitchableStore(old)
  const rows = store.range<string>({ gte: 'k', lt: 'l' })[Symbol.asyncIterator]()
  await rows.next()
  const view = await store.durableView()
  const closed = store.swap(next)
  expect(store.applied.index).toBe(9)
  expect(await store.get('k1')).toBe('new')
  const seen = new Set<string>()
  for (let row = await rows.next(); !row.done; row = await rows.next()) seen.add(row.value[1])
  expect([...seen]).toEqual(['old'])
  expect(view.position.index).toBe(5)
  expect(await view.get('k1')).toBe('old')
  expect(isOpen(old)).toBe(true)
  await view.close()
  await closed
  expect(isOpen(old)).toBe(false)
  await store.close()
  expect(isOpen(next)).toBe(false)
})

test('a range that is given up lets the old store go, and so does one that was never begun', async () => {
  const [old, next] = [await filled('old', 5), await filled('new', 9)]
  const store = new SwitchableStore(old)
  const begun = store.range({ gte: 'k', lt: 'l' })[Symbol.asyncIterator]()
  const never = store.range({ gte: 'k', lt: 'l' })[Symbol.asyncIterator]()
  await begun.next()
  await begun.return?.()
  await store.swap(next)
  expect(isOpen(old)).toBe(false)
  expect((await never.next()).value).toEqual(['k0', 'new'])
  await never.return?.()
  await store.close()
})

test('what waited for the old store to write is told that it is done, and nothing of the new state gets there', async () => {
  const [old, next] = [await filled('old', 5), await filled('new', 9)]
  const store = new SwitchableStore(old)
  let gathered = 0
  store.gatherFrom(() => {
    gathered += 1
    return { writes: [], applied: { index: 9, term: 1 } }
  })
  const view = await store.durableView()
  const closed = store.swap(next)
  const before = gathered
  old.stage({ type: 'put', key: 'k1', value: 'late' })
  const flushed = old.flush()
  await view.close()
  await closed
  await flushed
  expect(gathered).toBe(before)
  expect(old.applied.index).toBe(5)
  await store.close()
})

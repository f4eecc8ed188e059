import { expect, test } from 'vitest'
import { type Engine, startEngine } from '../../control-plane/src/cluster/engine.ts'
import { type Clock, systemClock } from '../../control-plane/src/runtime/clock.ts'
import { StorageError } from '../../control-plane/src/runtime/storage-error.ts'
import { MemoryStore } from './memory-store.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { VirtualClock } from './virtual-clock.ts'

const SEGMENT_BYTES = 4096

function start(disk: SimulatedDisk, store: MemoryStore, node = 'n1', clock: Clock = systemClock()): Promise<Engine> {
  return startEngine({
    clock,
    random: new SeededRandom(1),
    fileSystem: disk.mount(),
    walFolder: 'data/wal',
    walSegmentBytes: SEGMENT_BYTES,
    store,
    node,
    onEvent: () => undefined,
    onFatal: () => undefined,
  })
}

/** A node that has run `starts` times on a disk, with a store beside it. */
async function grown(starts: number, store = new MemoryStore()): Promise<{ disk: SimulatedDisk; store: MemoryStore }> {
  const disk = new SimulatedDisk({ seed: starts })
  for (let at = 1; at <= starts; at++) {
    const engine = await start(disk, store)
    await engine.consensus.propose({ kind: 'node-up', at, node: 'n1', incarnation: at })
    await engine.stop()
  }
  return { disk, store }
}

test('a start goes on where the last one stopped', async () => {
  const { disk, store } = await grown(3)
  const engine = await start(disk, store)
  expect(engine.state).toMatchObject({ index: 3, nodes: new Map([['n1', { incarnation: 3 }]]) })
  expect(engine.consensus.leadership().term).toBe(4)
  await engine.stop()
})

test('a log of another member is refused, and the id that it was written under is named', async () => {
  const { disk, store } = await grown(2)
  const error = await start(disk, store, 'n2').catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(StorageError)
  expect(error).toMatchObject({ message: expect.stringContaining('member n1, not of n2'), folder: 'data/wal' })
  expect((error as StorageError).nextStep).toContain('{"member":"n1"}')
  const again = await start(disk, store)
  expect(again.state.index).toBe(2)
  await again.stop()
})

test('a store of another history than the log is refused, never mixed with it', async () => {
  const { store } = await grown(3)
  const short = await grown(1)
  // The same length as the store's log, in one term.
  const engine = await start(short.disk, short.store)
  for (let at = 2; at <= 4; at++) {
    await engine.consensus.propose({ kind: 'node-up', at, node: 'n1', incarnation: at })
  }
  await engine.stop()
  const error = await start(short.disk, store).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(StorageError)
  expect((error as Error).message).toMatch(/entry 3 is of term 2 in the log, and was of term 3/)
  const again = await start(short.disk, new MemoryStore())
  expect(again.state.index).toBe(4)
  await again.stop()
})

test('what the store has is let go from the log within a second, and its space is used again', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const store = new MemoryStore()
  const clock = new VirtualClock(0)
  const engine = await start(disk, store, 'n1', clock)
  let most = 0
  for (let at = 1; at <= 60; at++) {
    const by = 'x'.repeat(500)
    await engine.consensus.propose({ kind: 'token-revoke', at, id: by })
    await store.flush()
    await clock.run(at * 200)
    most = Math.max(most, disk.paths().length)
  }
  expect(engine.state.index).toBe(60)
  // Nine segments were filled: there are the one in use, those of the last second, and spares.
  expect(most).toBeLessThanOrEqual(5)
  await engine.stop()
})

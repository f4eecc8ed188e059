import { expect, test } from 'vitest'
import type { Engine } from '../../control-plane/src/cluster/engine.ts'
import { type Clock, systemClock } from '../../control-plane/src/runtime/clock.ts'
import { StorageError } from '../../control-plane/src/runtime/storage-error.ts'
import { loneDeps, startLone } from '../support/lone-engine.ts'
import { MemoryStates } from './memory-states.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { VirtualClock } from './virtual-clock.ts'

const SEGMENT_BYTES = 4096
const N1 = '1'.repeat(16)
const N2 = '2'.repeat(16)

function start(disk: SimulatedDisk, states: MemoryStates, node = N1, clock: Clock = systemClock()): Promise<Engine> {
  return startLone({
    ...loneDeps(node),
    clock,
    random: new SeededRandom(1),
    fileSystem: disk.mount(),
    walFolder: 'data/wal',
    walSegmentBytes: SEGMENT_BYTES,
    states,
    onFatal: () => undefined,
  })
}

/** A node that has run `starts` times on a disk, with a store beside it. */
async function grown(
  starts: number,
  states = new MemoryStates(),
): Promise<{ disk: SimulatedDisk; states: MemoryStates }> {
  const disk = new SimulatedDisk({ seed: starts })
  for (let at = 1; at <= starts; at++) {
    const engine = await start(disk, states)
    await engine.consensus.propose({ kind: 'node-up', at, node: N1, incarnation: at })
    await engine.stop()
  }
  return { disk, states }
}

test('a start goes on where the last one stopped', async () => {
  const { disk, states } = await grown(3)
  const engine = await start(disk, states)
  expect(engine.state).toMatchObject({ nodes: new Map([[N1, { incarnation: 3 }]]) })
  expect(engine.consensus.leadership().term).toBe(5)
  await engine.stop()
})

test('a log of another member is refused, and the id that it was written under is named', async () => {
  const { disk, states } = await grown(2)
  const error = await start(disk, states, N2).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(StorageError)
  expect(error).toMatchObject({ message: expect.stringContaining(`member ${N1}, not of ${N2}`), folder: 'data/wal' })
  expect((error as StorageError).nextStep).toContain(`{"member":"${N1}"}`)
  const again = await start(disk, states)
  expect(again.state.index).toBe(6)
  await again.stop()
})

test('a store of another history than the log is refused, never mixed with it', async () => {
  const { states } = await grown(3)
  const short = await grown(1)
  // The same length as the store's log, in one term.
  const engine = await start(short.disk, short.states)
  for (let at = 2; at <= 4; at++) {
    await engine.consensus.propose({ kind: 'node-up', at, node: N1, incarnation: at })
  }
  await engine.stop()
  const error = await start(short.disk, states).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(StorageError)
  expect((error as Error).message).toMatch(/entry 7 is of term 3 in the log, and was of term 4/)
  const again = await start(short.disk, new MemoryStates())
  expect(again.state.index).toBe(8)
  await again.stop()
})

test('what the store has is let go from the log within a second, and its space is used again', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const states = new MemoryStates()
  const clock = new VirtualClock(0)
  const engine = await start(disk, states, N1, clock)
  let most = 0
  for (let at = 1; at <= 60; at++) {
    const by = 'x'.repeat(500)
    await engine.consensus.propose({ kind: 'token-revoke', at, id: by })
    await engine.store.flush()
    await clock.run(at * 200)
    most = Math.max(most, disk.paths().length)
  }
  expect(engine.state.index).toBe(62)
  // Nine segments were filled: there are the one in use, those of the last second, and spares.
  expect(most).toBeLessThanOrEqual(5)
  await engine.stop()
})

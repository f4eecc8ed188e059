import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeCommand, encodeCommand } from '../../control-plane/src/cluster/entry-codec.ts'
import { decodeMembership } from '../../control-plane/src/cluster/membership-codec.ts'
import { installState } from '../../control-plane/src/cluster/snapshot-install.ts'
import type { Membership } from '../../control-plane/src/raft/types.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import { Image, loadState } from '../../control-plane/src/state/image.ts'
import { emptyState, type State } from '../../control-plane/src/state/state.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import type { LevelStore } from '../../control-plane/src/store/level-store.ts'
import { exportState } from '../../control-plane/src/store/state-export.ts'
import { liveStateFolder, removeOtherStates } from '../../control-plane/src/store/state-folders.ts'
import { importState, type ReceivedState } from '../../control-plane/src/store/state-import.ts'
import type { Store } from '../../control-plane/src/store/store.ts'
import { SwitchableStore } from '../../control-plane/src/store/switchable-store.ts'
import { openWal } from '../../control-plane/src/wal/open-wal.ts'
import type { Wal } from '../../control-plane/src/wal/wal.ts'
import { MemoryStore } from './memory-store.ts'
import { SeededRandom } from './seeded-random.ts'
import { Crashed, SimulatedDisk, type Faults } from './simulated-file-system.ts'

const MEMBERSHIP: Membership = {
  voters: [1, 2, 3],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}
/** Entries in the follower's own log, and the place of the state that it receives. */
const OWN_ENTRIES = 40
const CLUSTER = 'c'.repeat(16)
const RECEIVED = { index: 90, term: 3, membership: MEMBERSHIP }
const HARD_STATE = { term: 3, vote: '', commit: 90 }
const FOLDER = 'state-90-3'

/** Entry `index` of the history that everybody agrees on. */
function command(index: number): Command {
  const change = { description: `as of ${index}`, slots: index, queuedRunsMax: 1 }
  return { kind: 'namespace-put', at: index * 1000, name: `n${index % 7}`, change }
}

function historyTo(index: number, store?: Store): State {
  const state = emptyState()
  const image = store && new Image(state, store, () => MEMBERSHIP)
  for (let at = 1; at <= index; at++) {
    const { changes } = apply(state, { index: at, term: at > OWN_ENTRIES ? 3 : 1, command: command(at) })
    image?.note(changes)
  }
  return state
}

async function replayed(wal: Wal, store: Store): Promise<State> {
  const state = await loadState(store)
  for await (const record of wal.read(Math.max(wal.firstIndex, state.index + 1))) {
    if (record.index > state.index)
      apply(state, { index: record.index, term: record.term, command: decodeCommand(record.payload) })
  }
  return state
}

/** A node over a simulated disk for its log, and states that are there or not, whole, as they are durable on disk. */
class Node {
  readonly disk: SimulatedDisk
  readonly states = new Map<string, MemoryStore>()
  #steps = 0
  #crashAt: number

  constructor(seed: number, crashAt = Number.POSITIVE_INFINITY) {
    this.disk = new SimulatedDisk({ seed })
    this.#crashAt = crashAt
  }

  openWal(seed = 1): Promise<Wal> {
    return openWal({
      fileSystem: this.disk.mount(),
      folder: '/data/wal',
      segmentBytes: 4096,
      random: new SeededRandom(seed),
    })
  }

  /** The log with its own entries, and a state that lags behind it. */
  async prepare(): Promise<Wal> {
    const wal = await this.openWal()
    for (let index = 1; index <= OWN_ENTRIES; index++) {
      const payload = encodeCommand(command(index))
      await wal.append([{ index, term: 1, payload }], { term: 1, vote: '', commit: index })
    }
    const old = new MemoryStore()
    historyTo(OWN_ENTRIES - 10, old)
    await old.flush()
    this.states.set('state', old)
    return wal
  }

  /** Takes a state in and installs it; crashes where it was told to. */
  async install(wal: Wal): Promise<State> {
    const received = new MemoryStore()
    historyTo(RECEIVED.index, received)
    await received.flush()
    await this.#step()
    this.states.set(FOLDER, received)
    const store = new SwitchableStore(this.states.get('state') as MemoryStore)
    const state = await replayed(wal, store)
    const about = { header: { cluster: CLUSTER } as ReceivedState['header'], trailer: { rows: 0, bytes: 0 } }
    const { cleaned } = await installState(
      {
        wal,
        store,
        state,
        states: {
          open: async (name) => {
            await this.#step()
            return this.states.get(name) as MemoryStore
          },
          keepOnly: async (name) => {
            for (const other of [...this.states.keys()]) {
              await this.#step()
              if (other !== name) this.states.delete(other)
            }
          },
        },
        onInstalled: () => expect(store.applied.index).toBe(state.index),
      },
      { position: RECEIVED, stateFolder: FOLDER, ...about },
      HARD_STATE,
    )
    await cleaned
    return state
  }

  /** What a start finds. */
  async restart(seed: number): Promise<{ state: State; stateFolder: string; wal: Wal }> {
    const wal = await this.openWal(seed)
    const stateFolder = wal.snapshot?.stateFolder || 'state'
    const store = this.states.get(stateFolder)
    expect(store, `the log names ${stateFolder}`).toBeDefined()
    return { state: await replayed(wal, store as MemoryStore), stateFolder, wal }
  }

  async #step(): Promise<void> {
    if (++this.#steps === this.#crashAt) throw new Crashed('crashed between two operations')
    await Promise.resolve()
  }
}

/** After any crash the old state counts or the new one, whole, and the log goes on after it. */
async function judge(node: Node, seed: number): Promise<'old' | 'new'> {
  const { state, stateFolder, wal } = await node.restart(seed)
  const which = stateFolder === FOLDER ? 'new' : 'old'
  const index = which === 'new' ? RECEIVED.index : OWN_ENTRIES
  expect(state).toEqual(historyTo(index))
  expect(wal.lastIndex).toBe(index)
  if (which === 'new') expect(decodeMembership(wal.snapshot?.membership ?? Buffer.of())).toEqual(MEMBERSHIP)
  const next = { index: index + 1, term: 3, payload: encodeCommand(command(index + 1)) }
  await wal.append([next], { term: 3, vote: '', commit: index })
  await wal.close()
  expect((await node.restart(seed + 1)).state).toEqual(historyTo(index + 1))
  return which
}

describe('a state is installed in one point', () => {
  test('without a crash the new state counts, at once and after a start', async () => {
    const node = new Node(1)
    const wal = await node.prepare()
    expect(await node.install(wal)).toEqual(historyTo(RECEIVED.index))
    expect(wal.identity.cluster).toBe(CLUSTER)
    await wal.close()
    expect([...node.states.keys()]).toEqual([FOLDER])
    expect(await judge(node, 2)).toBe('new')
  })

  test('a crash in any write of the log finds the old state or the new one, never a mixture', async () => {
    const probe = new Node(1)
    const probed = await probe.prepare()
    const before = probe.disk.operations
    await probe.install(probed)
    const writes = probe.disk.operations - before
    const found = { old: 0, new: 0 }
    const cases: NonNullable<Faults['crash']>[] = []
    for (let at = 1; at <= writes; at++) {
      for (const kind of ['process', 'power'] as const) {
        for (const tear of ['none', 'all', 'random', 'random'] as const) cases.push({ at: before + at, kind, tear })
      }
    }
    for (const [seed, crash] of cases.entries()) {
      const node = new Node(seed + 10)
      const wal = await node.prepare()
      node.disk.faults = { crash }
      // What the log does in the background may crash after the install is done.
      const ended = await node.install(wal).then(
        () => true,
        () => false,
      )
      node.disk.faults = {}
      node.disk.crash(crash.kind, crash.tear)
      const which = await judge(node, seed + 10)
      if (ended) expect(which).toBe('new')
      found[which] += 1
    }
    expect(writes).toBeGreaterThan(2)
    expect(found.old).toBeGreaterThan(0)
    expect(found.new).toBeGreaterThan(0)
  })

  test('so does a crash between any two of its steps', async () => {
    const found: string[] = []
    for (let at = 1; ; at++) {
      const node = new Node(at, at)
      const wal = await node.prepare()
      const ended = await node.install(wal).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Crashed)
          return false
        },
      )
      node.disk.crash('power')
      found.push(await judge(node, at))
      if (ended) break
    }
    expect(found).toEqual(['old', 'old', 'new', 'new', 'new'])
  })
})

describe('on a real disk', () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'install-'))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const open = (folder: string): Promise<LevelStore> =>
    openLevelStore({ folder, clock: systemClock(), onFatal: () => undefined })

  async function receivedIn(folder: string): Promise<ReceivedState> {
    const leader = await open(mkdtempSync(join(root, 'leader-')))
    historyTo(RECEIVED.index, leader)
    await leader.flush()
    const received = await importState(folder, (await exportState(leader, { tzdata: '' })).chunks)
    await leader.close()
    return received
  }

  test('reads end on the store that they began on, memory keeps its identity, and the old folder goes last', async () => {
    const folder = mkdtempSync(join(root, 'node-'))
    const node = new Node(7)
    const wal = await node.prepare()
    const old = await open(join(folder, 'state'))
    historyTo(OWN_ENTRIES, old)
    await old.flush()
    const store = new SwitchableStore(old)
    const state = await loadState(store)
    let image = new Image(state, store)
    const reading = store.range<{ version: number }>({ gte: 'n/', lt: 'n0' })[Symbol.asyncIterator]()
    const first = await reading.next()
    const received = await receivedIn(folder)
    const deps = { wal, store, state, states: { open: (name: string) => open(join(folder, name)), keepOnly } }
    function keepOnly(name: string): Promise<void> {
      return removeOtherStates(folder, name)
    }
    const onInstalled = (): void => {
      image = new Image(state, store, () => MEMBERSHIP)
    }
    const { cleaned } = await installState({ ...deps, onInstalled }, received, HARD_STATE)
    expect(state).toEqual(historyTo(RECEIVED.index))
    expect(store.membership).toEqual(MEMBERSHIP)
    expect(existsSync(join(folder, 'state'))).toBe(true)
    let rows = first.done ? 0 : 1
    for (let next = await reading.next(); !next.done; next = await reading.next()) rows += 1
    expect(rows).toBe(7)
    await cleaned
    expect(readdirSync(folder)).toEqual([FOLDER])
    image.note(apply(state, { index: 91, term: 3, command: command(91) }).changes)
    await store.flush()
    expect(store.applied).toEqual({ index: 91, term: 3 })
    await store.close()
    const again = await open(await liveStateFolder(folder, wal.snapshot?.stateFolder ?? ''))
    expect(await loadState(again)).toEqual(historyTo(91))
    await again.close()
  })

  test('an install whose record cannot be written leaves the node to stop, with the old state as it was', async () => {
    const folder = mkdtempSync(join(root, 'node-'))
    const old = await open(join(folder, 'state'))
    historyTo(OWN_ENTRIES, old)
    await old.flush()
    const store = new SwitchableStore(old)
    const state = await loadState(store)
    const received = await receivedIn(folder)
    const wal = { installSnapshot: () => Promise.reject(new Error('no space')) }
    const states = { open: (name: string) => open(join(folder, name)), keepOnly: () => Promise.resolve() }
    const installing = installState({ wal, store, state, states, onInstalled: () => undefined }, received, HARD_STATE)
    await expect(installing).rejects.toThrow('no space')
    expect(state).toEqual(historyTo(OWN_ENTRIES))
    expect(store.current).toBe(old)
    await store.close()
    await removeOtherStates(folder, await liveStateFolder(folder, ''))
    expect(readdirSync(folder)).toEqual(['state'])
  })
})

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeCommand } from '../../control-plane/src/cluster/entry-codec.ts'
import type { EndedAttempt, EndedRun, LateResult, StretchRow } from '../../control-plane/src/runs/run.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import type { Change } from '../../control-plane/src/state/applied.ts'
import { Image, loadState } from '../../control-plane/src/state/image.ts'
import { emptyCounters } from '../../control-plane/src/state/counters.ts'
import { cellsBetween } from '../../control-plane/src/stats/cells.ts'
import { countedIn } from '../../control-plane/src/stats/sum.ts'
import { emptyState, type State } from '../../control-plane/src/state/state.ts'
import { Ledger } from '../../control-plane/src/store/ledger.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import type { LevelStore } from '../../control-plane/src/store/level-store.ts'
import { StorageFailed } from '../../control-plane/src/store/storage-errors.ts'
import { Faults } from './faulty-database.ts'
import { play } from './one-node.ts'

const NAMESPACE = {
  name: 'default',
  description: '',
  slots: 1,
  queuedRunsMax: 1,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  held: 0,
  queued: 0,
}

/** The log of a simulated node, and what it comes to when nothing fails. */
interface Story {
  entries: readonly Uint8Array[]
  state: State
  rows: Rows
}

interface Rows {
  runs: Map<string, EndedRun>
  attempts: Map<string, EndedAttempt>
  stretches: StretchRow[]
  lateResults: LateResult[]
}

const SEEDS = [1, 2, 3, 4, 5, 6]
/** Entries that are applied between two requests for a batch. */
const GROUP = 7
const stories: Story[] = []
let root = ''
let folders = 0

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'image-'))
  for (const seed of SEEDS) {
    const { log } = await play(seed)
    const rows: Rows = { runs: new Map(), attempts: new Map(), stretches: [], lateResults: [] }
    const state = log.replayed((_entry, { changes }) => keep(rows, changes))
    stories.push({ entries: log.entries, state, rows })
  }
}, 120_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

function keep(rows: Rows, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.kind === 'ended-run') rows.runs.set(change.row.id, change.row)
    if (change.kind === 'ended-attempt') rows.attempts.set(change.row.id, change.row)
    if (change.kind === 'stretch') rows.stretches.push(change.row)
    if (change.kind === 'late-result') rows.lateResults.push(change.row)
  }
}

async function open(folder: string, faults = new Faults()): Promise<LevelStore> {
  return openLevelStore({ folder, clock: systemClock(), onFatal: () => undefined, openDatabase: faults.open })
}

/** Loads what is durable and applies the rest of the log, as a start does. Answers the state at the end. */
async function follow(store: LevelStore, { entries }: Story): Promise<State> {
  const state = await loadState(store)
  const image = new Image(state, store)
  for (let index = state.index + 1; index <= entries.length; index++) {
    const command = decodeCommand(entries[index - 1] as Uint8Array)
    image.note(apply(state, { index, term: 1, command }).changes)
    if (index % GROUP === 0) await store.room()
    if (index % (GROUP * 3) === 0) await store.flush()
  }
  await store.flush()
  return state
}

/** Without what memory may hold or lack in passing: counters of an hour that is over. */
function comparable(state: State): unknown {
  const hour = state.now - (state.now % 3_600_000)
  return { ...state, counters: new Map([...state.counters].filter(([, counters]) => counters.hour === hour)) }
}

async function expectLedger(store: LevelStore, { rows, state }: Story): Promise<void> {
  const ledger = new Ledger(store)
  for (const row of rows.runs.values()) assert.deepEqual(await ledger.run(row.id), row)
  for (const row of rows.attempts.values()) assert.deepEqual(await ledger.attempt(row.id), row)
  const namespace = [...state.namespaces.keys()][0] as number
  const page = await ledger.runs({ namespace, newestFirst: false, limit: 100_000 })
  assert.equal(page.rows.length, rows.runs.size)
  const from = (await ledger.oldestHour()) ?? 0
  const hours = cellsBetween([from, state.now + 1], { countedTo: 0, hoursFrom: from })
  let counted = 0
  for (const sum of await ledger.counted(namespace, hours)) {
    if (sum) for (const runs of Object.values(countedIn(sum).runs)) counted += runs
  }
  assert.equal(counted, rows.runs.size, 'the hourly counters of the namespace count every run')
  for (const row of rows.stretches) assert.deepEqual(await ledger.coveringStretch(row.job, row.from), row)
  const late = [...new Set(rows.lateResults.map(({ run }) => run))]
  const found = (await Promise.all(late.map((run) => ledger.lateResults(run)))).flat()
  assert.equal(found.length, rows.lateResults.length)
}

test('S008 what is loaded is what memory was, derived fields and indexes included, and the ledger is complete', async () => {
  for (const story of stories) {
    const folder = join(root, String(folders++))
    const store = await open(folder)
    assert.deepEqual(comparable(await follow(store, story)), comparable(story.state))
    await store.close()
    const again = await open(folder)
    assert.deepEqual(comparable(await loadState(again)), comparable(story.state))
    await expectLedger(again, story)
    await again.close()
  }
})

test('a start at any point of the log finds its open runs, its slots and its queues', async () => {
  let openRuns = 0
  let slots = 0
  for (const story of stories) {
    for (let cut = 1; cut <= 15; cut++) {
      const some = { ...story, entries: story.entries.slice(0, Math.floor((story.entries.length * cut) / 16)) }
      const folder = join(root, String(folders++))
      const store = await open(folder)
      const memory = await follow(store, some)
      assert.deepEqual(comparable(await loadState(store)), comparable(memory))
      openRuns += memory.runs.size
      for (const namespace of memory.namespaces.values()) slots += namespace.held
      await store.close()
    }
  }
  expect(openRuns).toBeGreaterThan(50)
  expect(slots).toBeGreaterThan(50)
})

test('maps come back in the order in which they were made', async () => {
  for (const story of stories) {
    const store = await open(join(root, String(folders++)))
    await follow(store, story)
    const loaded = await loadState(store)
    for (const map of ['namespaces', 'services', 'jobs', 'idempotency'] as const) {
      expect([...loaded[map].keys()]).toEqual([...story.state[map].keys()])
    }
    for (const [uid, job] of loaded.jobs) expect(job.openRuns).toEqual(story.state.jobs.get(uid)?.openRuns)
    await store.close()
  }
})

test('a store that fails at its n-th write, for every n, has lost nothing once the log is applied again', async () => {
  const story = stories.reduce((short, one) => (one.entries.length < short.entries.length ? one : short))
  const faults = new Faults()
  const whole = await open(join(root, String(folders++)), faults)
  await follow(whole, story)
  await whole.close()
  expect(faults.batches).toBeGreaterThan(5)
  for (let failAt = 1; failAt <= faults.batches; failAt++) await failAndRecover(story, failAt, failAt % 2 === 0)
})

async function failAndRecover(story: Story, failAt: number, failsAfterwards: boolean): Promise<void> {
  const folder = join(root, String(folders++))
  const failing = Object.assign(new Faults(), { failAt, failsAfterwards })
  const store = await open(folder, failing)
  let acknowledged = 0
  const failure = await follow(store, story).catch((error: unknown) => error)
  acknowledged = store.applied.index
  if (failing.batches >= failAt) expect(failure).toBeInstanceOf(StorageFailed)
  await store.close().catch(() => undefined)
  const again = await open(folder)
  expect(again.applied.index).toBeGreaterThanOrEqual(acknowledged)
  assert.deepEqual(comparable(await follow(again, story)), comparable(story.state))
  await expectLedger(again, story)
  await again.close()
  rmSync(folder, { recursive: true })
}

test('idempotency records come back in the order in which they were made, changed and forgotten ones included', async () => {
  const folder = join(root, String(folders++))
  const store = await open(folder)
  const state = emptyState()
  const image = new Image(state, store)
  const remember = (key: string, at: number): void => {
    state.idempotency.set(key, { key, bodyHash: 'h', run: key, at })
    image.note([{ kind: 'idempotency', id: key }])
  }
  for (const key of ['1/p/z', '1/p/a', '1/p/m']) remember(key, 5)
  state.idempotency.delete('1/p/a')
  image.note([{ kind: 'idempotency', id: '1/p/a' }])
  remember('1/p/b', 5)
  await store.close()
  const second = await open(folder)
  const loaded = await loadState(second)
  expect([...loaded.idempotency]).toEqual([...state.idempotency])
  loaded.idempotency.set('1/p/c', { key: '1/p/c', bodyHash: 'h', run: 'c', at: 5 })
  new Image(loaded, second).note([{ kind: 'idempotency', id: '1/p/c' }])
  await second.close()
  const third = await open(folder)
  expect([...(await loadState(third)).idempotency.keys()]).toEqual(['1/p/z', '1/p/m', '1/p/b', '1/p/c'])
  await third.close()
})

test('counters of an hour that ends between two batches are kept', async () => {
  const store = await open(join(root, String(folders++)))
  const state = emptyState()
  const image = new Image(state, store)
  const hour = 3_600_000
  state.namespaces.set(7, { ...NAMESPACE, uid: 7 })
  image.note([{ kind: 'namespace', id: 7 }])
  for (const at of [10 * hour, 11 * hour, 12 * hour]) {
    state.counters.set(7, { ...emptyCounters(at), attempts: at / hour })
    image.note([{ kind: 'counters', job: 7 }])
  }
  state.now = 12 * hour + 5
  image.note([])
  await store.flush()
  const hours = cellsBetween([10 * hour + 5, 13 * hour], { countedTo: 0, hoursFrom: 0 })
  const counted = await new Ledger(store).counted(7, hours)
  expect(counted.map((sum) => sum && countedIn(sum).attempts)).toEqual([10, 11, 12])
  expect((await loadState(store)).counters).toEqual(new Map([[7, state.counters.get(7)]]))
  await store.close()
})

test('an empty store loads as an empty state', async () => {
  const store = await open(join(root, String(folders++)))
  expect(await loadState(store)).toEqual(emptyState())
  await store.close()
})

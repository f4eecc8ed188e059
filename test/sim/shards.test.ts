import { strict as assert } from 'node:assert'
import { assert as check, asyncProperty, integer } from 'fast-check'
import { expect, test } from 'vitest'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import type { AttemptOutcome, EndedRun, OpenRun } from '../../control-plane/src/runs/run.ts'
import { Board } from '../../control-plane/src/scheduler/board.ts'
import { splitsRuns } from '../../control-plane/src/sharding/split-runs.ts'
import { Image, loadState } from '../../control-plane/src/state/image.ts'
import { ShardWorld } from '../../control-plane/src/state/shard-world.test-helper.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import { MemoryStore } from './memory-store.ts'
import { SeededRandom } from './seeded-random.ts'

const STEPS = 150
const EXECUTORS = ['e1', 'e2', 'e3', 'e4', 'e5']
const OUTCOMES: AttemptOutcome[] = ['succeeded', 'succeeded', 'failed', 'uncertain', 'refused', 'timed-out', 'skipped']
const ITEMS = 7

const DEFINITIONS = [
  { routing: { strategy: 'sharded' }, sharding: { count: ITEMS } },
  { routing: { strategy: 'sharded' }, sharding: { count: ITEMS, mode: 'per-item' }, retry: { max: 1, delay: '1s' } },
  { routing: { strategy: 'sharded' }, sharding: { count: ITEMS, mode: 'per-item' }, placement: 'all' },
  { routing: { strategy: 'sharded' }, sharding: { count: ITEMS }, failover: false },
  { routing: { strategy: 'sharded' }, sharding: { count: ITEMS }, onUncertain: 'fail' },
  { routing: { strategy: 'broadcast' }, retry: { max: 1, delay: '1s' } },
  {},
]

/** A world in which anything may happen next, and a store that follows it. */
class Story {
  readonly world = new ShardWorld({ slots: 12 })
  readonly #random: SeededRandom
  readonly #board: Board
  readonly #jobs: Job[]
  readonly #store = new MemoryStore()
  readonly #image: Image
  readonly #split = new Map<string, string>()
  readonly ended = new Map<string, EndedRun>()
  #seen = 0
  #lastToken = 0
  #incarnation = 1

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
    const { world } = this
    this.#image = new Image(world.state, this.#store)
    for (const id of EXECUTORS) world.executor(id, { slots: this.#below(3) })
    this.#jobs = DEFINITIONS.map((definition, i) => world.job(definition, `job-${i}`))
    this.#board = new Board(world.state)
  }

  async step(): Promise<void> {
    const { world } = this
    world.now += this.#below(2000)
    const run = this.#any([...world.state.runs.values()])
    switch (this.#below(12)) {
      case 0:
      case 1:
        this.#fire(this.#any(this.#jobs) as Job)
        break
      case 2:
        this.#changeExecutor()
        break
      case 3:
        if (this.#below(4) === 0 && run) world.run({ kind: 'run-cancel', run: run.id, by: 't' })
        break
      case 4:
        if (this.#below(3) === 0) this.#restartNode()
        break
      case 5:
      case 6:
      case 7:
        this.place()
        break
      default:
        if (run) this.#finish(run, this.#any(OUTCOMES) as AttemptOutcome)
    }
    this.checkAll()
    if (this.#below(10) === 0) await this.checkStore()
  }

  /** Nothing fails any more: everything comes to its end. */
  drain(): void {
    const { world } = this
    for (const id of EXECUTORS) world.executor(id, { slots: 0 })
    for (let round = 0; world.state.runs.size > 0; round++) {
      assert(round < 500, 'everything ends')
      world.now += 60_000
      this.place()
      for (const run of [...world.state.runs.values()]) this.#finish(run, 'succeeded')
      this.checkAll()
    }
    assert.equal(world.namespaceHeld, 0)
  }

  /** Tries every shard that waits, and every run that is queued. */
  place(): void {
    const { world } = this
    const moment = { now: world.now, chance: () => this.#random.next() }
    for (const run of [...world.state.runs.values()]) {
      const job = world.state.jobs.get(run.job) as Job
      this.#board.begin(world.state)
      if (run.state === 'queued' && splitsRuns(job.spec)) {
        const plans = this.#board.split(job, moment, run)
        if (!('none' in plans)) world.split(run.id, plans)
        continue
      }
      for (const { index, state } of run.shards) {
        const shard = world.state.runs.get(run.id)?.shards[index]
        if (state !== 'waiting' || !shard) continue
        const chosen = this.#board.choose(job, moment, run.state === 'queued' ? undefined : shard)
        if (typeof chosen === 'string') world.place(run.id, index, chosen)
      }
    }
  }

  #fire(job: Job): void {
    const { world } = this
    this.#board.begin(world.state)
    if (!splitsRuns(job.spec)) return void world.fire(job)
    const plans = this.#board.split(job, { now: world.now, chance: () => this.#random.next() })
    world.fire(job, 'none' in plans || this.#below(5) === 0 ? undefined : plans)
  }

  #finish(run: OpenRun, outcome: AttemptOutcome): void {
    const running = run.shards.filter(({ state }) => state === 'running')
    const shard = this.#any(running)
    if (!shard) return
    this.world.finish(run.id, shard.index, outcome, {
      chance: this.#random.next(),
      retryable: this.#below(8) > 0,
      ...(outcome === 'refused' ? { status: 503 } : {}),
    })
  }

  #changeExecutor(): void {
    const id = this.#any(EXECUTORS) as string
    const slots = this.#below(4)
    if (this.#below(3) === 0) this.world.removeExecutor(id)
    else this.world.executor(id, { slots, status: this.#below(3) === 0 ? 'offline' : 'online' })
  }

  #restartNode(): void {
    const { world } = this
    world.run({ kind: 'node-down', node: 'n', incarnation: this.#incarnation })
    this.#incarnation += 1
    world.run({ kind: 'node-up', node: 'n', incarnation: this.#incarnation })
  }

  #below(end: number): number {
    return this.#random.integer(0, end - 1)
  }

  #any<T>(list: readonly T[]): T | undefined {
    return list[this.#below(Math.max(1, list.length))]
  }

  checkAll(): void {
    const { world } = this
    for (; this.#seen < world.applied.length; this.#seen++) {
      const applied = world.applied[this.#seen]
      if (!applied) continue
      this.#image.note(applied.changes)
      for (const event of applied.events) {
        if (event.type !== 'attempt-started') continue
        assert(event.attempt.fencingToken > this.#lastToken, 'tokens only grow')
        this.#lastToken = event.attempt.fencingToken
      }
      for (const change of applied.changes) if (change.kind === 'ended-run') this.#checkEnd(change.row)
    }
    checkSlots(world.state)
    for (const run of world.state.runs.values()) this.#checkParts(run)
  }

  #checkParts(run: OpenRun): void {
    const job = this.world.state.jobs.get(run.job) as Job
    if (!splitsRuns(job.spec)) return
    if (run.state === 'queued') return assert.deepEqual(run.shards, [])
    const parts = JSON.stringify(run.shards.map(({ items, bound }) => [items, bound]))
    assert.equal(this.#split.get(run.id) ?? parts, parts, 'parts never change')
    this.#split.set(run.id, parts)
    if (job.spec.sharding)
      assert.deepEqual(
        itemsOf(run.shards),
        Array.from({ length: ITEMS }, (_, item) => item),
      )
    else assert.equal(new Set(run.shards.map(({ bound }) => bound)).size, run.shards.length)
    assert.equal(run.partsLeft, run.shards.filter(({ ended }) => !ended).length)
    assert(run.partsLeft > 0, 'a run that is open has a part that is')
    for (const { state, attempt, ended, placedOn, bound } of run.shards) {
      assert.deepEqual([state === 'running', state === 'succeeded' || state === 'failed'], [!!attempt, !!ended])
      if (attempt) assert.equal(attempt.executor, placedOn)
      if (attempt && bound !== undefined) assert.equal(attempt.executor, bound)
    }
  }

  #checkEnd(row: EndedRun): void {
    assert(!this.ended.has(row.id), 'a run ends once')
    this.ended.set(row.id, row)
    const { shardEnds, state } = row
    if (!shardEnds) return
    const parts = JSON.parse(this.#split.get(row.id) ?? 'null') as [string[] | undefined][] | null
    if (parts)
      assert.deepEqual(
        shardEnds.map(({ items }) => items ?? null),
        parts.map(([items]) => items),
      )
    const good = shardEnds.every(({ outcome }) => outcome === 'succeeded' || outcome === 'skipped')
    assert.equal(state === 'succeeded' || state === 'skipped', good, 'it succeeds only when every part did')
  }

  /** What the store has is what memory is. */
  async checkStore(): Promise<void> {
    const { state } = this.world
    await this.#store.flush()
    const loaded = await loadState(this.#store)
    assert.deepEqual(plain(loaded), plain(state))
    assert.equal(loaded.digest, state.digest)
  }
}

/** The slots that are held are those of the shards that are placed, wherever they are counted. */
function checkSlots(state: State): void {
  const held = new Map<string, number>()
  const attempts: string[] = []
  let all = 0
  for (const { shards } of state.runs.values()) {
    for (const { placedOn, placedIn, attempt } of shards) {
      if (attempt) attempts.push(attempt.id)
      if (placedOn === undefined) continue
      all += 1
      held.set(`${placedIn}/${placedOn}`, (held.get(`${placedIn}/${placedOn}`) ?? 0) + 1)
    }
  }
  assert.deepEqual([...state.attempts.keys()].sort(), attempts.sort())
  for (const [service, executors] of state.executors)
    for (const executor of executors.values()) assert.equal(executor.held, held.get(`${service}/${executor.id}`) ?? 0)
  for (const namespace of state.namespaces.values()) {
    if (namespace.name !== 'default') continue
    assert.equal(namespace.held, all)
    assert.equal(namespace.queued, [...state.runs.values()].filter((run) => run.state === 'queued').length)
  }
}

function itemsOf(shards: OpenRun['shards']): number[] {
  return shards.flatMap(({ items = [] }) => items.map(Number)).sort((a, b) => a - b)
}

function plain(state: State): unknown {
  const runs = [...state.runs.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const executors = [...state.executors.values()].flatMap((map) => [...map.values()])
  executors.sort((a, b) => (a.id < b.id ? -1 : 1))
  const namespaces = [...state.namespaces.values()]
  const attempts = [...state.attempts.keys()].sort()
  return JSON.parse(JSON.stringify({ runs, executors, namespaces, attempts }))
}

test('S063 S065 whatever fails, comes, goes and restarts: slots held are shards placed, no shard is lost or doubled, none changes its items, and a run succeeds only when every shard did', async () => {
  let ended = 0
  await check(
    asyncProperty(integer({ min: 1, max: 1_000_000 }), async (seed) => {
      const story = new Story(seed)
      for (let step = 0; step < STEPS; step++) await story.step()
      story.drain()
      await story.checkStore()
      ended += story.ended.size
    }),
    { numRuns: 40 },
  )
  expect(ended).toBeGreaterThan(300)
})

import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { EndedRun, OpenAttempt, OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import { OWN_URL } from '../../../control-plane/src/state/executors.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** How long an executor has been there unchanged when a broadcast must not pass it over, in milliseconds. */
const SETTLED_MS = 10_000

/** What one part of a run works on, and for whom it is. */
interface Part {
  items: string | undefined
  bound: string | undefined
}

/**
 * What is promised of the parts of a run: each item is in exactly one, none changes while the run is open, and the run
 * succeeds only when every part did.
 */
export class Parts {
  /** By run, once it is split. */
  readonly #parts = new Map<string, Part[]>()
  /** Parts that a rerun was made with, by run. */
  readonly #fixed = new Map<string, Part[]>()
  /** Parts of which an attempt succeeded or said that there was nothing to do, by run. */
  readonly #done = new Map<string, Map<number, 'succeeded' | 'skipped'>>()
  split = 0

  check(entry: Entry, { changes, events }: Applied, state: State): void {
    for (const change of changes) {
      if (change.kind === 'shard') this.#look(state, change.run)
      else if (change.kind === 'run') this.#look(state, change.id as string)
    }
    for (const event of events) {
      if (event.type === 'attempt-started') this.#started(state, event.run, event.shard, event.attempt)
      if (event.type === 'attempt-ended') {
        const { outcome, shard } = event.attempt
        if (outcome !== 'succeeded' && outcome !== 'skipped') continue
        const done = this.#done.get(event.run) ?? new Map<number, 'succeeded' | 'skipped'>()
        this.#done.set(event.run, done.set(shard, outcome))
      }
    }
    for (const change of changes) if (change.kind === 'ended-run') this.#ended(change.row)
    if (entry.command.kind === 'run-rerun') this.#asked(entry.command, changes, state)
  }

  #look(state: State, id: string): void {
    const run = state.runs.get(id)
    const job = run && state.jobs.get(run.job)
    if (!job || run.partsLeft === undefined) return
    const parts = run.shards.map(({ items, bound }): Part => ({ items: items && JSON.stringify(items), bound }))
    const known = this.#parts.get(id)
    if (known) {
      assert.deepEqual(parts, known, `run ${id}: its parts stay as they were fixed`)
      const open = run.shards.filter(({ state: stands }) => stands === 'waiting' || stands === 'running')
      assert.equal(run.partsLeft, open.length, `run ${id}: the parts that are left are counted`)
      return
    }
    this.#parts.set(id, parts)
    this.split += 1
    assert(parts.length > 0, `run ${id}: a run that is split has parts`)
    const fixed = this.#fixed.get(id)
    if (fixed) assert.deepEqual(parts, fixed, `run ${id}: it does the parts again that it was made with`)
    else if (job.spec.routing.strategy === 'broadcast') checkBroadcast(state, job, run)
    else checkItems(job, run)
  }

  #started(state: State, id: string, index: number, attempt: OpenAttempt): void {
    const run = state.runs.get(id)
    const bound = run?.shards[index]?.bound ?? run?.executor
    // Where a URL of its own is called nobody is chosen.
    if (bound !== undefined && attempt.executor !== OWN_URL)
      assert.equal(attempt.executor, bound, `${attempt.id}: it is for nobody else`)
  }

  #ended(row: EndedRun): void {
    const parts = this.#parts.get(row.id)
    const done = this.#done.get(row.id) ?? new Map<number, 'succeeded' | 'skipped'>()
    this.#parts.delete(row.id)
    this.#fixed.delete(row.id)
    this.#done.delete(row.id)
    if (parts) {
      const ends = (row.shardEnds ?? []).map(({ items }) => items && JSON.stringify(items))
      assert.deepEqual(
        ends,
        parts.map(({ items }) => items),
        `run ${row.id}: its row has the parts that it had`,
      )
    }
    if (row.state !== 'succeeded') return
    const outcomes = Array.from({ length: parts?.length ?? 1 }, (_, index) => done.get(index))
    assert(
      outcomes.includes('succeeded') && !outcomes.includes(undefined),
      `run ${row.id}: a run succeeds only when an executor did every part: ${outcomes.join(' ')}`,
    )
    for (const { index, outcome } of row.shardEnds ?? [])
      assert.equal(outcome, outcomes[index], `run ${row.id}: part ${index} ended as its row says`)
  }

  #asked(command: Extract<Entry['command'], { kind: 'run-rerun' }>, changes: Applied['changes'], state: State): void {
    if (!command.shards) return
    for (const change of changes) {
      const run = change.kind === 'run' ? state.runs.get(change.id as string) : undefined
      if (run?.rerunOf !== command.original.id || this.#fixed.has(run.id)) continue
      const bound = command.executor
      this.#fixed.set(
        run.id,
        command.shards.map((part) => ({ items: part.items && JSON.stringify(part.items), bound: bound ?? part.bound })),
      )
    }
  }
}

function checkItems(job: Job, run: OpenRun): void {
  const { sharding } = job.spec
  if (!sharding) return
  const wanted = sharding.items ?? Array.from({ length: sharding.count ?? 0 }, (_, place) => String(place))
  const given = run.shards.flatMap(({ items = [] }) => items)
  assert.deepEqual(given.toSorted(), wanted.toSorted(), `run ${run.id}: every item is in exactly one part`)
  for (const { items = [] } of run.shards) {
    assert(items.length > 0, `run ${run.id}: no part is empty`)
    if (sharding.mode === 'per-item') assert.equal(items.length, 1, `run ${run.id}: a part per item`)
  }
}

function checkBroadcast(state: State, job: Job, run: OpenRun): void {
  const bound = new Set(run.shards.map((shard) => shard.bound))
  assert(!bound.has(undefined) && bound.size === run.shards.length, `run ${run.id}: a part for each executor`)
  if (run.executor !== undefined) return
  const service = state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) ?? -1
  for (const { id, url, status, weight, updatedAt, health, labels } of state.executors.get(service)?.values() ?? []) {
    if (job.spec.target.kind === 'http' && url === 'pull') continue
    if (status !== 'online' || weight === 0 || health || updatedAt > state.now - SETTLED_MS) continue
    if (Object.entries(job.spec.routing.labels).some(([key, value]) => labels[key] !== value)) continue
    assert(bound.has(id), `run ${run.id}: a broadcast passes nobody over, but ${id}`)
  }
}

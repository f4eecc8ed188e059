import { expect, test } from 'vitest'
import type { EndedRun } from '../runs/run.ts'
import type { Store } from '../store/store.ts'
import type { Change } from './applied.ts'
import { apply } from './apply.ts'
import { ChanceWorld } from './chance-world.test-helper.ts'
import type { Command } from './commands.ts'
import { Image, loadState } from './image.ts'
import { Shelf } from './shelf.test-helper.ts'
import { emptyState, type State } from './state.ts'

const SEEDS = 80
const STEPS = 250
const T0 = 1_800_000_000_000

const BEGINNING: Record<string, unknown>[] = [
  { kind: 'cluster-init', cluster: 'c', namespaceSlots: 6 },
  { kind: 'node-up', node: '00000000000000aa', incarnation: 1 },
  { kind: 'node-up', node: '00000000000000bb', incarnation: 1 },
  { kind: 'service-put', namespace: 1, name: 'work', change: { description: '', allowedHosts: [] } },
]

/** A member whose state goes through its store now and then, as in a restart. */
class Restarted {
  state: State = emptyState()
  readonly #shelf = new Shelf()
  #image = new Image(this.state, this.#shelf as unknown as Store)

  apply(index: number, command: Command): void {
    const { changes } = apply(this.state, { index, term: 1, command })
    this.#image.note(changes)
  }

  async restart(): Promise<void> {
    const store = this.#shelf as unknown as Store
    this.state = await loadState(store)
    this.#image = new Image(this.state, store)
  }
}

/** What can be counted from the rest of a state, beside what the state says. */
function checkCounts(state: State): void {
  const held = new Map<number, number>()
  const queued = new Map<number, number>()
  const onExecutors = new Map<string, number>()
  const attempts = new Set<string>()
  const raise = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const run of state.runs.values()) {
    expect(state.jobs.get(run.job)?.openRuns.filter((id) => id === run.id)).toEqual([run.id])
    if (run.state === 'queued') raise(queued, run.namespace)
    for (const { attempt, placedOn, placedIn } of run.shards) {
      if (attempt) attempts.add(attempt.id)
      if (placedOn === undefined) continue
      raise(held, run.namespace)
      raise(onExecutors, `${placedIn}/${placedOn}`)
    }
  }
  expect(new Set(state.attempts.keys())).toEqual(attempts)
  for (const { uid, held: its, queued: waiting } of state.namespaces.values())
    expect([its, waiting]).toEqual([held.get(uid) ?? 0, queued.get(uid) ?? 0])
  for (const those of state.executors.values())
    for (const { service, id, held: its } of those.values()) expect(its).toBe(onExecutors.get(`${service}/${id}`) ?? 0)
  for (const { namespace: uid, waiting, open, parallel } of state.backfills.values()) {
    const namespace = state.namespaces.get(uid)
    // What is left of a backfill waits for one of its runs to end, or for room in the queue.
    if (waiting.length > 0 && open.length < parallel)
      expect(namespace?.queued).toBeGreaterThanOrEqual(namespace?.queuedRunsMax ?? 0)
  }
  for (const { openRuns } of state.jobs.values()) for (const id of openRuns) expect(state.runs.has(id)).toBe(true)
}

/** Every fire of a job has one record, and no row is written twice. */
class Records {
  readonly #ids = new Set<string>()
  readonly #fires = new Map<number, number>()

  note(changes: readonly Change[]): EndedRun[] {
    const rows: EndedRun[] = []
    for (const change of changes) {
      if (change.kind === 'ended-run') rows.push(change.row)
      if (change.kind === 'stretch') this.#raise(change.row.job, change.row.count)
      if (change.kind !== 'ended-run' && change.kind !== 'ended-attempt' && change.kind !== 'stretch') continue
      expect(this.#ids.has(`${change.kind} ${change.row.id}`), change.row.id).toBe(false)
      this.#ids.add(`${change.kind} ${change.row.id}`)
    }
    for (const { job, cause } of rows) if (cause === 'schedule' || cause === 'misfire') this.#raise(job, 1)
    return rows
  }

  check(state: State): void {
    const open = new Map<number, number>()
    for (const { job, cause } of state.runs.values())
      if (cause === 'schedule' || cause === 'misfire') open.set(job, (open.get(job) ?? 0) + 1)
    for (const { uid, progress } of state.jobs.values()) {
      const records = (this.#fires.get(uid) ?? 0) + (open.get(uid) ?? 0) + (progress.stretch?.count ?? 0)
      expect(records).toBe(progress.fireCount)
    }
  }

  #raise(job: number, more: number): void {
    this.#fires.set(job, (this.#fires.get(job) ?? 0) + more)
  }
}

async function live(seed: number): Promise<Set<string>> {
  const chance = new ChanceWorld(seed)
  const steady = emptyState()
  const other = new Restarted()
  const records = new Records()
  const accepted = new Set<string>()
  let now = T0
  for (let index = 1; index <= STEPS; index++) {
    now += chance.pause()
    const command = { at: now, ...(BEGINNING[index - 1] ?? chance.draw(steady)) } as Command
    other.apply(index, structuredClone(command))
    const { changes, rejection } = apply(steady, { index, term: 1, command: structuredClone(command) })
    if (!rejection) accepted.add(command.kind)
    chance.rows.push(...records.note(changes))
    const at = `seed ${seed}, entry ${index}, ${command.kind}`
    expect(other.state.digest, at).toBe(steady.digest)
    if (chance.int(8) > 0) continue
    await other.restart()
    expect(other.state, at).toEqual(steady)
    checkCounts(steady)
    records.check(steady)
  }
  return accepted
}

test('a member that is restarted anywhere has the state and the digest of one that is not, whatever happens', async () => {
  const accepted = new Set<string>()
  for (let seed = 1; seed <= SEEDS; seed++) for (const kind of await live(seed)) accepted.add(kind)
  // Each kind that is drawn has been taken by some state.
  expect(accepted.size).toBeGreaterThan(40)
}, 60_000)

test('what goes with a service or a namespace, and what is renamed with one, goes in one order on every member', async () => {
  const steady = emptyState()
  const other = new Restarted()
  let index = 0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>) => {
    const entry = { index: ++index, term: 1, command: { at: T0, ...command } as Command }
    other.apply(index, entry.command)
    expect(apply(steady, entry).rejection).toBeUndefined()
    expect(other.state.digest, command.kind).toBe(steady.digest)
  }
  const healthCheck = { path: '/', intervalMs: 1000, timeoutMs: 1000, unhealthyAfter: 1, healthyAfter: 1 }
  const change = { kind: 'static', url: 'http://e', weight: 1, slots: 0, labels: {}, status: 'online' }
  const ids = ['b', 'c', 'a']
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 6 })
  run({ kind: 'namespace-put', name: 'team', change: { description: '', slots: 5, queuedRunsMax: 9 } })
  const namespace = index
  run({ kind: 'service-put', namespace, name: 's', change: { description: '', allowedHosts: [], healthCheck } })
  const service = index
  for (const id of ids) {
    run({ kind: 'executor-put', service, id, change })
    for (const scope of ['namespace:team', 'service:team/s'])
      run({ kind: 'token-put', id: `${id}${scope}`, hash: `${id}${scope}`, scope, name: 'n', by: 't' })
  }
  const unwell = ids.map((id) => ({ service, id, url: 'http://e', healthy: false }))
  run({ kind: 'executor-health', executors: unwell })
  await other.restart()
  run({ kind: 'service-put', namespace, name: 's', change: { description: '', allowedHosts: [] } })
  run({ kind: 'namespace-rename', name: 'team', to: 'crew' })
  run({ kind: 'service-delete', service })
  run({ kind: 'namespace-delete', name: 'crew' })
  expect(steady.tokens.size).toBe(0)
})

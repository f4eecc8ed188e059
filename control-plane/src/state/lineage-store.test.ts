import { expect, test } from 'vitest'
import { Ledger } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'
import { Image, loadState } from './image.ts'
import { World } from './lineage-world.test-helper.ts'
import { Shelf } from './shelf.test-helper.ts'

/** A world whose every entry is written down. */
function written() {
  const world = new World()
  const shelf = new Shelf()
  const store = shelf as unknown as Store
  const image = new Image(world.state, store)
  image.note([{ kind: 'namespace', id: world.namespace }])
  const run = world.run.bind(world)
  world.run = (command) => {
    const applied = run(command)
    image.note(applied.changes)
    return applied
  }
  return { world, store }
}

const DAY = 86_400_000

test('backfills, open children and who names whom are after a restart what they were before', async () => {
  const { world, store } = written()
  world.job('child')
  world.job('parent', ['child'])
  const fires = [0, 1, 2].map((day) => ({ fireTime: day * DAY, schedules: ['d'] }))
  const { uid } = world.jobNamed('parent')
  for (const backfill of ['b2', 'b1'])
    world.run({ kind: 'backfill-start', backfill, job: uid, from: 0, to: 3 * DAY, fires, parallel: 2, by: 'ada' })
  world.end(world.started('parent', 'p'))
  world.run({ kind: 'run-rerun', job: uid, original: { id: 'p', fireTime: 1, schedules: [] }, params: {}, by: 'ada' })
  const loaded = await loadState(store)
  expect([...loaded.backfills]).toEqual([...world.state.backfills])
  expect(loaded.parents).toEqual(world.state.parents)
  expect([...loaded.runs]).toEqual([...world.state.runs])
  expect(loaded.jobs.get(uid)?.progress.reruns).toBe(1)
  expect(loaded.digest).toBe(world.state.digest)
})

test('what came of a run or of a backfill is found in the ledger, and goes with its row', async () => {
  const { world, store } = written()
  world.job('child')
  world.job('parent', ['child'])
  world.end(world.started('parent', 'p'))
  const [child] = world.openOf('child')
  world.end(world.place(child?.id ?? ''), 'failed')
  const ledger = new Ledger(store)
  const query = { namespace: world.namespace, newestFirst: true, limit: 10 }
  const children = () => ledger.runs({ ...query, origin: { of: 'parent', id: 'p' } })
  expect((await children()).rows.map(({ id }) => id)).toEqual([child?.id])
  expect((await ledger.runs({ ...query, origin: { of: 'rerunOf', id: 'p' } })).rows).toEqual([])
  const [row] = world.rowsOf('child')
  if (!row) throw new Error('no row')
  const { id, state, fireTime, sequence, parent } = row
  const runs = [{ id, state, fireTime, sequence, parent, attempts: [1] }]
  const part = { job: row.job, namespace: row.namespace, runs, stretches: [] }
  world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs: [part] })
  expect((await children()).rows).toEqual([])
})

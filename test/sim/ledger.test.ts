import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Problem } from '../../control-plane/src/problems.ts'
import { type Cause, ENDED_STATES, type EndedRun, type StretchRow } from '../../control-plane/src/runs/run.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { Image } from '../../control-plane/src/state/image.ts'
import { emptyState } from '../../control-plane/src/state/state.ts'
import { Ledger, type RunsQuery, SCANNED_ROWS_MAX } from '../../control-plane/src/store/ledger.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import type { LevelStore } from '../../control-plane/src/store/level-store.ts'

const CAUSES: Cause[] = ['schedule', 'misfire', 'manual', 'api']
let folder = ''
let store: LevelStore
let image: Image
let ledger: Ledger

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'))
  await begin('first')
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function begin(name: string): Promise<void> {
  const onFatal = (error: Error): never => {
    throw error
  }
  store = await openLevelStore({ folder: join(folder, name), clock: systemClock(), onFatal })
  image = new Image(emptyState(), store)
  ledger = new Ledger(store)
}

function run(index: number, changes: Partial<EndedRun> = {}): EndedRun {
  return {
    id: `run${index}`,
    job: 7,
    jobName: 'job',
    namespace: 1,
    cause: 'schedule',
    state: 'succeeded',
    fireTime: index * 1000,
    dueTime: index * 1000,
    createdAt: index * 1000,
    endedAt: index * 1000 + 5,
    jobVersion: 1,
    params: {},
    schedules: ['main'],
    attempts: 1,
    sequence: [index, 0],
    ...changes,
  }
}

function add(rows: readonly EndedRun[]): void {
  image.note(rows.map((row) => ({ kind: 'ended-run', row })))
}

/** The same list from an array of all rows. */
function naive(rows: readonly EndedRun[], query: RunsQuery): EndedRun[] {
  const { job, states, causes, from = 0, to = Number.MAX_SAFE_INTEGER } = query
  const sorted = rows
    .filter(
      (row) =>
        row.namespace === query.namespace &&
        (job === undefined || row.job === job) &&
        (!states?.length || states.includes(row.state)) &&
        (!causes?.length || causes.includes(row.cause)) &&
        row.fireTime >= from &&
        row.fireTime < to,
    )
    .sort((a, b) => a.fireTime - b.fireTime || a.sequence[0] - b.sequence[0] || a.sequence[1] - b.sequence[1])
  return query.newestFirst ? sorted.reverse() : sorted
}

async function allPages(query: RunsQuery, between: () => void = () => undefined): Promise<EndedRun[]> {
  const rows: EndedRun[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await ledger.runs({ ...query, cursor })
    expect(page.rows.length).toBeLessThanOrEqual(query.limit)
    rows.push(...page.rows)
    if (page.next === undefined) return rows
    cursor = page.next
    between()
  }
}

const query: fc.Arbitrary<RunsQuery> = fc.record(
  {
    namespace: fc.constantFrom(1, 2),
    job: fc.constantFrom(7, 8),
    states: fc.subarray([...ENDED_STATES]),
    causes: fc.subarray(CAUSES),
    from: fc.integer({ min: 0, max: 30 }),
    to: fc.integer({ min: 0, max: 30 }),
    newestFirst: fc.boolean(),
    limit: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['namespace', 'newestFirst', 'limit'] },
)

test('any list, by job, state, cause and time, in either direction and page by page, is what an array would give', async () => {
  const drawn = fc.record({
    job: fc.constantFrom(7, 8, 9),
    state: fc.constantFrom(...ENDED_STATES),
    cause: fc.constantFrom(...CAUSES),
    fireTime: fc.integer({ min: 0, max: 30 }),
  })
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawn, { maxLength: 60 }),
      fc.array(query, { minLength: 5, maxLength: 5 }),
      async (some, queries) => {
        await store.close()
        await begin(String(round++))
        const rows = some.map((one, index) => run(index, { ...one, namespace: one.job === 9 ? 2 : 1 }))
        add(rows.slice(0, rows.length >> 1))
        await store.flush()
        add(rows.slice(rows.length >> 1))
        for (const one of queries) {
          const consistent = one.job === undefined ? one : { ...one, namespace: 1 }
          expect(await allPages(consistent)).toEqual(naive(rows, consistent))
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('rows that arrive between two pages move nothing', async () => {
  const rows = Array.from({ length: 30 }, (_, index) => run(index))
  add(rows)
  let next = 30
  const seen = await allPages({ namespace: 1, newestFirst: true, limit: 4 }, () => add([run(next++)]))
  expect(seen).toEqual(rows.toReversed())
})

test('a cursor of another list, a changed one and a made-up one are refused', async () => {
  add(Array.from({ length: 9 }, (_, index) => run(index)))
  const asked: RunsQuery = { namespace: 1, newestFirst: true, limit: 4 }
  const { next = '' } = await ledger.runs(asked)
  const others: RunsQuery[] = [
    { ...asked, namespace: 2, cursor: next },
    { ...asked, newestFirst: false, cursor: next },
    { ...asked, job: 7, cursor: next },
    { ...asked, cursor: next.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
    { ...asked, cursor: `${next}!` },
    { ...asked, cursor: '' },
    { ...asked, cursor: 'é'.repeat(100) },
  ]
  for (const other of others) {
    await expect(ledger.runs(other)).rejects.toMatchObject({ code: 'invalid-cursor' })
    await expect(ledger.runs(other)).rejects.toThrow(Problem)
  }
  expect((await ledger.runs({ ...asked, limit: 9, cursor: next })).rows).toHaveLength(5)
})

test('a page that finds little of a rare cause ends early and says where to go on', async () => {
  const rows = Array.from({ length: SCANNED_ROWS_MAX + 50 }, (_, index) =>
    run(index, { cause: index === 3 ? 'manual' : 'schedule' }),
  )
  add(rows)
  const asked: RunsQuery = { namespace: 1, causes: ['manual'], newestFirst: true, limit: 10 }
  const first = await ledger.runs(asked)
  expect(first.rows).toEqual([])
  expect(await ledger.runs({ ...asked, cursor: first.next })).toEqual({ rows: [rows[3]] })
})

test('listing by job and state reads matching rows only', async () => {
  add(
    Array.from({ length: 500 }, (_, index) =>
      run(index, { job: index % 2 ? 7 : 8, state: index === 251 ? 'failed' : 'succeeded' }),
    ),
  )
  const read: string[] = []
  const spy = Object.create(store) as LevelStore
  spy.range = async function* <T>(options: Parameters<LevelStore['range']>[0]) {
    for await (const row of store.range<T>(options)) {
      read.push(row[0])
      yield row
    }
  }
  const found = await new Ledger(spy).runs({ namespace: 1, job: 7, states: ['failed'], newestFirst: true, limit: 10 })
  expect(found.rows.map(({ id }) => id)).toEqual(['run251'])
  expect(read).toHaveLength(1)
})

test('the run of a fire is found by its instant, requests at the same instant aside', async () => {
  add([
    run(1, { id: 'asked', cause: 'api', fireTime: 5000 }),
    run(2, { id: 'fired', fireTime: 5000, state: 'skipped' }),
  ])
  expect((await ledger.fireAt(7, 5000))?.id).toBe('fired')
  expect(await ledger.fireAt(7, 5001)).toBeUndefined()
  expect((await ledger.run('asked'))?.cause).toBe('api')
  expect(await ledger.run('nobody')).toBeUndefined()
})

test('a stretch covers from its first fire to its last, and is listed when it touches the time asked for', async () => {
  const stretch = (from: number, to: number): StretchRow => ({
    id: `s${from}`,
    job: 7,
    namespace: 1,
    reason: 'paused',
    from,
    to,
    count: 2,
    entries: [from, from],
    sequence: [from, 0],
  })
  const rows = [stretch(10, 20), stretch(30, 40), stretch(50, 60)]
  image.note(rows.map((row) => ({ kind: 'stretch', row })))
  const covering = await Promise.all([9, 10, 20, 21, 30, 60, 61].map((at) => ledger.coveringStretch(7, at)))
  expect(covering.map((row) => row?.from)).toEqual([undefined, 10, 10, undefined, 30, 50, undefined])
  const listed = async (from: number, to: number) =>
    (await ledger.stretches({ job: 7, from, to })).map((row) => row.from)
  expect(await listed(0, 100)).toEqual([10, 30, 50])
  expect(await listed(20, 30)).toEqual([10])
  expect(await listed(21, 50)).toEqual([30])
  expect(await listed(10, 51)).toEqual([10, 30, 50])
  expect(await ledger.coveringStretch(8, 10)).toBeUndefined()
})

test('attempts of a run are listed by shard and ordinal, as numbers', async () => {
  const attempt = (shard: number, ordinal: number) => ({
    id: `r1-${shard}-${ordinal}`,
    run: 'r1',
    shard,
    ordinal,
    fencingToken: 1,
    executor: 'e1',
    node: 'n1',
    startedAt: 1,
    endedAt: 2,
    outcome: 'failed' as const,
    next: 'done' as const,
    sequence: [1, shard] as const,
  })
  const rows = [attempt(10, 1), attempt(2, 11), attempt(2, 3)]
  image.note(rows.map((row) => ({ kind: 'ended-attempt', row, job: 7, namespace: 1 })))
  expect((await ledger.attempts('r1')).map(({ id }) => id)).toEqual(['r1-2-3', 'r1-2-11', 'r1-10-1'])
  expect(await ledger.attempt('r1-2-11')).toEqual(rows[1])
  for (const id of ['r1', 'r1-2', 'r1-2-12', 'r1/0002/0003', '', 'r1-99999999-1']) {
    expect(await ledger.attempt(id)).toBeUndefined()
  }
})

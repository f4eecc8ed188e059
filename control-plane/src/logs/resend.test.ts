import { describe, expect, test } from 'vitest'
import type { EndedRun } from '../runs/run.ts'
import { DeliveryWorld } from './delivery-world.test-helper.ts'
import { planResend } from './resend.ts'
import type { Sequence } from './sink.ts'
import type { ResendPlan, ResendRange } from './sinks-port.ts'

const MINUTE = 60_000

/** A sink that has ten rows, one a minute, in entries of one and of two. */
async function world(): Promise<{ world: DeliveryWorld; rows: EndedRun[] }> {
  const made = new DeliveryWorld()
  made.put('a')
  made.newLeader()
  const rows: EndedRun[] = []
  for (let minute = 0; minute < 10; minute++) {
    rows.push(...made.end(1))
    await made.pass(MINUTE, 1000)
  }
  return { world: made, rows }
}

const plan = (of: DeliveryWorld, range: ResendRange): Promise<ResendPlan> =>
  planResend({ state: () => of.state, store: of.shelf }, of.sink('a'), range)

function trim(of: DeliveryWorld, rows: readonly EndedRun[]): void {
  const runs = rows.map(({ id, state, fireTime, sequence }) => ({ id, state, fireTime, sequence, attempts: [] }))
  of.run({ kind: 'ledger-trim', asOf: of.state.index, jobs: [{ job: 7, namespace: 1, runs, stretches: [] }] })
}

/** The database is what it was before. */
function lose(of: DeliveryWorld, rows: readonly EndedRun[]): void {
  for (const { sequence } of rows) of.database('a').rows.delete(sequence.join('/'))
}

function resend(of: DeliveryWorld, { from, to }: ResendPlan) {
  return of.run({ kind: 'sink-resend', sink: of.sink('a').uid, from, to })
}

const at = (rows: readonly EndedRun[], place: number) => (rows[place] as EndedRun).endedAt
const place = (rows: readonly EndedRun[], of: number): Sequence => (rows[of] as EndedRun).sequence

describe('what can be delivered again', () => {
  test('begins with the first row that ended at an instant or later, and ends before another', async () => {
    const { world: of, rows } = await world()
    expect(await plan(of, { from: at(rows, 4) })).toMatchObject({ rows: 6, more: false, gaps: [] })
    expect(await plan(of, { from: at(rows, 4) + 1 })).toMatchObject({ rows: 5 })
    expect(await plan(of, { from: at(rows, 2), to: at(rows, 4) })).toMatchObject({ rows: 2 })
    expect(await plan(of, { from: 0 })).toMatchObject({ rows: 10 })
    expect(await plan(of, { from: of.clock.now() })).toMatchObject({ rows: 0, gaps: [] })
  })

  test('or with a row', async () => {
    const { world: of, rows } = await world()
    const [index, ordinal] = place(rows, 7)
    expect(await plan(of, { fromSequence: [index, ordinal] })).toMatchObject({ rows: 3, gaps: [] })
    expect(await plan(of, { fromSequence: [index, ordinal + 1] })).toMatchObject({ rows: 2, gaps: [] })
    expect(await plan(of, { fromSequence: [index + 1, 0] })).toMatchObject({ rows: 2, gaps: [] })
  })

  test('is what was delivered: the rest comes by itself', async () => {
    const { world: of, rows } = await world()
    of.run({ kind: 'sink-pause', sink: of.sink('a').uid, paused: true })
    of.end(5)
    expect(await plan(of, { from: at(rows, 8) })).toMatchObject({ rows: 2, gaps: [] })
  })

  test('is what the ledger has: what it let go of is named, by its number and between which rows', async () => {
    const { world: of, rows } = await world()
    trim(of, [rows[0], rows[3], rows[4], rows[9]] as EndedRun[])
    expect(await plan(of, { from: 0 })).toMatchObject({
      rows: 6,
      gaps: [
        { before: place(rows, 1), count: 1 },
        { after: place(rows, 2), before: place(rows, 5), count: 2 },
        { after: place(rows, 8), count: 1 },
      ],
    })
    // Also where the outbox has forgotten them.
    const outbox = [place(rows, 3)[0], place(rows, 4)[0]]
    of.run({ kind: 'ledger-trim', asOf: of.state.index, jobs: [], outbox })
    expect((await plan(of, { from: 0 })).gaps[1]).toMatchObject({
      after: place(rows, 2),
      before: place(rows, 5),
      count: 2,
    })
    expect(await plan(of, { from: at(rows, 3) })).toMatchObject({ rows: 4 })
  })

  test('is counted up to a number', async () => {
    const { world: of } = await world()
    const counted = await planResend({ state: () => of.state, store: of.shelf }, of.sink('a'), { from: 0 }, 7)
    expect(counted).toMatchObject({ rows: 7, more: true, gaps: [] })
  })
})

describe('rows that a database lost are delivered again', () => {
  test('all from an instant on, each set to what it is, and new ones behind them', async () => {
    const { world: of, rows } = await world()
    lose(of, rows.slice(4))
    resend(of, await plan(of, { from: at(rows, 4) }))
    expect(of.missing('a')).toHaveLength(6)
    expect(of.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 6 })
    of.end(3)
    await of.pass(3000)
    expect(of.missing('a')).toEqual([])
    expect(of.sink('a')).toMatchObject({ position: 13, cursor: of.written[12], gaps: [] })
    // Those in between, not those before.
    expect(of.database('a').writes.slice(-1)).toEqual([9])
    expect(of.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 0 })
  })

  test('also of one that was given a backlog, of which it lacks as much again', async () => {
    const of = new DeliveryWorld()
    const rows = of.end(5)
    of.put('a')
    of.newLeader()
    await of.pass(3000)
    lose(of, rows)
    of.database('a').next = () => 'fails'
    resend(of, await plan(of, { from: 0 }))
    await of.pass(1000)
    expect(of.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 5 })
    of.database('a').next = () => 'done'
    await of.pass(60_000, 1000)
    expect(of.missing('a')).toEqual([])
    expect(of.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 0 })
  })

  test('those of a stretch, after which it goes on where it was, also when another node takes over meanwhile', async () => {
    const { world: of, rows } = await world()
    lose(of, rows.slice(2, 5))
    of.database('a').next = () => 'fails'
    resend(of, await plan(of, { from: at(rows, 2), to: at(rows, 5) }))
    expect(of.sink('a').resend).toMatchObject({
      to: [place(rows, 4)[0], expect.any(Number)],
      back: { cursor: place(rows, 9), position: 10 },
    })
    of.end(2)
    await of.pass(2000)
    expect(of.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 5 })
    of.database('a').next = () => 'done'
    of.database('a').writes.length = 0
    of.newLeader()
    await of.pass(5000)
    expect(of.missing('a')).toEqual([])
    expect(of.database('a').writes).toEqual([3, 2])
    expect(of.sink('a')).toMatchObject({ position: 12, cursor: of.written[11], gaps: [] })
    expect(of.sink('a')).not.toHaveProperty('resend')
  })

  test('what leaves the ledger meanwhile is missed only where it was to come again', async () => {
    const { world: of, rows } = await world()
    of.database('a').next = () => 'fails'
    resend(of, await plan(of, { from: at(rows, 2), to: at(rows, 5) }))
    trim(of, [rows[1], rows[3], rows[7]] as EndedRun[])
    expect(of.sink('a').gaps).toMatchObject([{ from: place(rows, 3), to: place(rows, 3), count: 1 }])
  })

  test('a second stretch while one is under way makes it one that holds both', async () => {
    const { world: of, rows } = await world()
    lose(of, rows)
    of.database('a').next = () => 'fails'
    resend(of, await plan(of, { from: at(rows, 5), to: at(rows, 6) }))
    resend(of, await plan(of, { from: at(rows, 1), to: at(rows, 3) }))
    expect(of.sink('a')).toMatchObject({ position: 1, resend: { toPosition: 6, back: { position: 10 } } })
    resend(of, await plan(of, { from: 0 }))
    expect(of.sink('a')).toMatchObject({ position: 0 })
    expect(of.sink('a')).not.toHaveProperty('resend')
    of.database('a').next = () => 'done'
    await of.pass(120_000, 1000)
    expect(of.missing('a')).toEqual([])
  })
})

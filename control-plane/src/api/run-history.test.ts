import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { SinkFault } from '../logs/sink-fault.ts'
import type { Sink } from '../logs/sink.ts'
import type { SinkReader } from '../logs/sink-reader.ts'
import type { EndedAttempt, EndedRun, LateResult } from '../runs/run.ts'
import { placeOf } from '../store/keys.ts'
import type { RunsPage, RunsQuery } from '../store/ledger.ts'
import { decodeCursor, encodeCursor } from '../store/ledger-cursor.ts'
import { type Bench, createBench } from './fixtures.ts'
import { mergePages } from './run-history.ts'

const NS = '/v1/namespaces/default'
const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/warm' }
const HOUR = 3_600_000

let api: Bench
let archive: Archive

/** A sink that has every row that it was given, and counts what it is asked. */
class Archive implements SinkReader {
  readonly rows: EndedRun[] = []
  readonly tries = new Map<string, EndedAttempt[]>()
  asked = 0

  run(id: string): Promise<EndedRun | undefined> {
    this.asked += 1
    return Promise.resolve(this.rows.find((row) => row.id === id))
  }

  runs(query: RunsQuery): Promise<RunsPage> {
    this.asked += 1
    return Promise.resolve(pageOf(this.rows, query))
  }

  attempts(run: string): Promise<EndedAttempt[]> {
    return Promise.resolve(this.tries.get(run) ?? [])
  }

  lateResults(): Promise<LateResult[]> {
    return Promise.resolve([])
  }
}

/** A page of a list of rows as ledger and sinks make it. */
function pageOf(rows: readonly EndedRun[], query: RunsQuery): RunsPage {
  const { namespace, job, states, from = 0, to = Infinity, newestFirst, limit, cursor } = query
  const after = cursor === undefined ? undefined : decodeCursor(cursor, query)
  const isBefore = (a: string, b: string) => (newestFirst ? a > b : a < b)
  const found = rows
    .filter((row) => row.namespace === namespace && (job === undefined || row.job === job))
    .filter((row) => (states?.length ? states.includes(row.state) : true) && row.fireTime >= from && row.fireTime < to)
    .sort((a, b) => (isBefore(placeOf(a), placeOf(b)) ? -1 : 1))
    .filter((row) => after === undefined || isBefore(after, placeOf(row)))
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return found.length > limit && last ? { rows: page, next: encodeCursor(placeOf(last), query) } : { rows: page }
}

beforeEach(async () => {
  api = createBench()
  archive = new Archive()
  api.context.sinks.read = async (ask) => ({ sink: 'archive', value: await ask(archive) })
  for (const name of ['x', 'y']) {
    await api.ok(`${NS}/jobs`, { method: 'POST', body: { name, target: HTTP, overlap: 'allow' } })
  }
  await api.ok('/v1/sinks/archive', { method: 'PUT', body: { host: 'db', user: 'u', database: 'd' } })
  // For one that is at work deleting waits a moment.
  await api.ok('/v1/sinks/archive/pause', { method: 'POST' })
})

/** Runs of a job, an hour apart; the sink has them too. */
async function runs(job: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const { body } = await api.ok(`${NS}/jobs/${job}/trigger`, { method: 'POST' })
    const run = body.id as string
    const at = api.clock.now()
    api.apply({ kind: 'place-shards', at, node: 'n1', placements: [{ run, shard: 0, attempts: 0, executor: '-' }] })
    const open = api.state.runs.get(run)
    const attempt = open?.shards[0]?.attempt?.id ?? ''
    const finished = {
      attempt,
      job: open?.job ?? 0,
      outcome: 'succeeded' as const,
      endedAt: at,
      retryable: false,
      chance: 0,
    }
    api.apply({ kind: 'attempts-finished', at, finishes: [finished] })
    const row = await api.context.ledger.run(run)
    if (!row) throw new Error('it has ended')
    archive.rows.push(row)
    archive.tries.set(run, await api.context.ledger.attempts(run))
    api.clock.pass(HOUR)
    ids.push(run)
  }
  return ids
}

const forget = (query: string) => api.ok(`${NS}/runs?${query}`, { method: 'DELETE' })
const hoursAgo = (hours: number) => new Date(api.clock.now() - hours * HOUR).toISOString()

/** All pages of a list: ids, the sources of its pages, and what they say is missing. */
async function listed(query = '', limit = 500) {
  const ids: string[] = []
  const sources: unknown[] = []
  const incomplete: unknown[] = []
  for (let cursor = ''; ; ) {
    const { body } = await api.ok(`${NS}/runs?limit=${limit}${query}${cursor}`)
    ids.push(...(body.items as { id: string }[]).map(({ id }) => id))
    sources.push(body.source)
    if (body.incomplete !== undefined) incomplete.push(body.incomplete)
    if (body.nextCursor === undefined) return { ids, sources, incomplete }
    cursor = `&cursor=${body.nextCursor as string}`
  }
}

describe('S092 runs that the ledger has let go', () => {
  test('are listed from a sink between those that it has, each once, whatever the size of a page', async () => {
    const first = await runs('y', 3)
    const x = await runs('x', 6)
    const last = await runs('y', 3)
    await forget(`job=x&before=${hoursAgo(5)}`)
    const all = [...first, ...x, ...last].reverse()
    for (const limit of [1, 2, 5, 500]) expect((await listed('', limit)).ids).toEqual(all)
    expect((await listed('', 3)).sources[0]).toBe('ledger')
    expect((await listed('', 500)).sources).toEqual(['sink:archive'])
  })

  test('are not looked for where nothing has left: neither in newer pages, nor for another job', async () => {
    await runs('x', 4)
    await runs('y', 4)
    await forget(`job=x&before=${hoursAgo(6)}`)
    archive.asked = 0
    const newest = await api.ok(`${NS}/runs?limit=3`)
    expect(newest.body.source).toBe('ledger')
    expect(await listed('&job=y')).toMatchObject({ sources: ['ledger'] })
    expect(await listed(`&from=${hoursAgo(5)}`)).toMatchObject({ sources: ['ledger'] })
    expect(archive.asked).toBe(0)
    expect((await listed('&job=x')).ids).toHaveLength(4)
  })

  test('are never asked of anybody without sinks', async () => {
    await runs('x', 2)
    await forget('job=x')
    await api.ok('/v1/sinks/archive', { method: 'DELETE' })
    expect(await listed()).toEqual({ ids: [], sources: ['ledger'], incomplete: [] })
  })

  test('are still looked for after their namespace was changed, and when their job is gone', async () => {
    const x = await runs('x', 2)
    await forget(`before=${hoursAgo(1)}`)
    await api.ok(NS, { method: 'PUT', body: { slots: 3 } })
    await api.ok(`${NS}/jobs/x?force=true`, { method: 'DELETE' })
    expect((await listed()).ids).toEqual(x.reverse())
  })

  test('that have not reached the sink yet are told by the ledger', async () => {
    const x = await runs('x', 3)
    await forget(`before=${hoursAgo(2)}`)
    archive.rows.pop()
    expect((await listed()).ids).toEqual(x.reverse())
  })

  test('are missing when no sink answers, and the page says so', async () => {
    const x = await runs('x', 3)
    await forget(`before=${hoursAgo(1)}`)
    api.context.sinks.read = () => Promise.resolve({ failed: [{ sink: 'archive', why: 'it did not answer' }] })
    expect(await listed()).toEqual({
      ids: x.slice(2),
      sources: ['ledger'],
      incomplete: ['sink archive does not answer: it did not answer'],
    })
    const gone = await api.ok(`${NS}/runs/${x[0]}`)
    expect([gone.status, gone.body.detail]).toEqual([404, expect.stringContaining('sink archive does not answer')])
  })

  test('may be missing when the sink that answers was never given some of them, and the page says so', async () => {
    await runs('x', 4)
    await forget(`before=${hoursAgo(1)}`)
    const sink = [...api.state.sinks.values()][0] as Sink
    Object.assign(sink, { paused: false, cursor: [api.state.index, 0], gaps: [] })
    expect((await listed()).incomplete).toEqual([])
    const at = api.clock.now() - 3 * HOUR
    sink.gaps = [{ from: [1, 0], to: [5, 0], count: 7, at }]
    const lacks = 'sink archive was never given 7 rows of what has left the ledger'
    expect((await listed('', 2)).incomplete).toEqual([lacks, lacks])
    // What fired later than those left the ledger is none of them.
    const { body } = await api.ok(`${NS}/runs?from=${new Date(at + 1).toISOString()}`)
    expect(body).not.toHaveProperty('incomplete')
  })

  test('may be missing when a sink answers that began later than one that does not, and the page says so', async () => {
    await runs('x', 4)
    await forget(`before=${hoursAgo(1)}`)
    const sink = [...api.state.sinks.values()][0] as Sink
    Object.assign(sink, { paused: false, cursor: [api.state.index, 0], gaps: [], backlog: { rows: 3, upTo: 9 } })
    expect((await listed()).incomplete).toEqual([])
    const older = { ...sink, uid: 3, name: 'older', paused: true, backlog: { rows: 0, upTo: 0 } }
    api.state.sinks.set(3, older)
    expect((await listed()).incomplete).toEqual(['sink older, which was given more than archive, is paused'])
    older.paused = false
    expect((await listed()).incomplete).toEqual(['sink older, which was given more than archive, does not answer'])
    older.cursor = [0, 0]
    expect((await listed()).incomplete).toEqual([])
  })

  test('are read by id with their attempts', async () => {
    const [id = ''] = await runs('x', 1)
    const before = {
      run: (await api.ok(`${NS}/runs/${id}`)).body,
      tries: (await api.ok(`${NS}/runs/${id}/attempts`)).body,
    }
    expect([before.run.source, before.tries.source]).toEqual(['ledger', 'ledger'])
    await forget('job=x')
    const from = { source: 'sink:archive' }
    expect((await api.ok(`${NS}/runs/${id}`)).body).toEqual({ ...before.run, ...from })
    expect((await api.ok(`${NS}/runs/${id}/attempts`)).body).toEqual({ ...before.tries, ...from })
    expect((await api.ok(`${NS}/runs/${id}/shards`)).status).toBe(200)
    expect((await api.ok(`${NS}/runs/${id}/logs`)).body).toEqual({ items: [] })
  })

  test('are read only: none is cancelled or done again', async () => {
    const [id] = await runs('x', 1)
    await forget('job=x')
    expect((await api.ok(`${NS}/runs/${id}/cancel`, { method: 'POST' })).body.code).toBe('run-not-found')
    expect((await api.ok(`${NS}/runs/${id}/rerun`, { method: 'POST' })).body.code).toBe('run-not-found')
  })

  test('stay within their namespace, also when a sink gives one of another', async () => {
    const [id = ''] = await runs('x', 1)
    await forget('job=x')
    const token = api.token('namespace:other')
    expect((await api.send(`/v1/namespaces/other/runs/${id}`, { token })).status).toBe(404)
    expect((await api.send(`/v1/namespaces/other/runs/${id}/attempts`, { token })).status).toBe(404)
    expect((await api.send(`${NS}/runs/${id}`, { token })).status).toBe(403)
    expect((await api.send('/v1/namespaces/other/runs', { token })).body.items).toEqual([])
  })

  test('a fault of the sink is not one of the caller, and a bad cursor is', async () => {
    await runs('x', 2)
    await forget('job=x')
    api.context.sinks.read = () => Promise.reject(new SinkFault('server-error', 'x'))
    expect((await api.ok(`${NS}/runs?cursor=abc`)).status).toBe(400)
  })
})

test('two pages of a list make one: in order, each row once, none skipped, by any cut', () => {
  const row = (at: number, ordinal: number) =>
    ({ id: `${at}-${ordinal}`, namespace: 1, fireTime: at, sequence: [at + 1, ordinal] }) as unknown as EndedRun
  const where = fc.record({ at: fc.nat(30), ordinal: fc.nat(3), kept: fc.boolean(), there: fc.boolean() })
  fc.assert(
    fc.property(
      fc.uniqueArray(where, { selector: ({ at, ordinal }) => `${at}/${ordinal}` }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      (all, limit, newestFirst) => {
        const kept = all.filter((one) => one.kept).map(({ at, ordinal }) => row(at, ordinal))
        const there = all.filter((one) => one.there).map(({ at, ordinal }) => row(at, ordinal))
        const query: RunsQuery = { namespace: 1, newestFirst, limit }
        const seen: string[] = []
        for (let cursor: string | undefined, pages = 0; ; pages++) {
          const asked = cursor === undefined ? query : { ...query, cursor }
          const page = mergePages(pageOf(kept, asked), pageOf(there, asked), asked)
          expect(page.rows.length).toBeLessThanOrEqual(limit)
          seen.push(...page.rows.map(({ id }) => id))
          if (page.next === undefined) break
          cursor = page.next
          expect(pages).toBeLessThan(100)
        }
        const whole = pageOf([...new Map([...kept, ...there].map((one) => [one.id, one])).values()], {
          ...query,
          limit: 1000,
        })
        expect(seen).toEqual(whole.rows.map(({ id }) => id))
      },
    ),
  )
})

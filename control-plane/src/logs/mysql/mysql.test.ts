import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mariadbPrograms, MariaDb } from '../../../../test/support/mariadb.ts'
import { attemptRow, lateResultRow, runId, runRow, stretchRow, TEN } from '../../../../test/support/log-rows.ts'
import { scheduledRunId } from '../../runs/ids.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { HourSum, LogRow, RowMark } from '../row.ts'
import { hourOfRow, rowSum } from '../row-sum.ts'
import { SINK_TABLES } from '../tables.ts'
import { mysqlDriver } from './mysql.ts'

const UP_TO = [1_000_000, 0] as const
const LONG = 'x'.repeat(1_048_576)

describe.skipIf(!mariadbPrograms)('a sink in MariaDB', () => {
  let db: MariaDb
  let tablePrefix: string
  let prefixes = 0
  let sink: ReturnType<ReturnType<typeof mysqlDriver>['target']>
  beforeAll(async () => {
    db = await MariaDb.start()
  })
  afterAll(async () => {
    await db.remove()
  })
  beforeEach(async () => {
    tablePrefix = `t${++prefixes}_`
    sink = mysqlDriver({ clock: systemClock(), cluster: () => 'c1' }).target(db.connection(tablePrefix), db.password)
    await sink.prepare()
    return () => sink.close()
  })

  const rowsIn = (table: string) => db.rows(`SELECT * FROM ${tablePrefix}${table} ORDER BY log_index, log_ordinal`)

  test('the columns are those that rows are made for', async () => {
    for (const { name, columns } of Object.values(SINK_TABLES)) {
      const found = await db.asRoot(
        `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${db.database}'
         AND TABLE_NAME = '${tablePrefix}${name}' ORDER BY ORDINAL_POSITION`,
      )
      expect(found.map((column) => column['name'] as string)).toEqual([...columns, 'row_sum'])
    }
  })

  test('rows of every kind are there as they were, and twice changes nothing', async () => {
    const rows = [attemptRow(1), runRow(1), stretchRow(1), lateResultRow(1)]
    await sink.write(rows)
    const before = await Promise.all(Object.values(SINK_TABLES).map(({ name }) => rowsIn(name)))
    await sink.write([...rows, ...rows])
    expect(await Promise.all(Object.values(SINK_TABLES).map(({ name }) => rowsIn(name)))).toEqual(before)
    expect(before.map((found) => found.length)).toEqual([1, 1, 1, 1])
    expect(await sink.run(runId(1))).toEqual(runRow(1).row)
    expect(await sink.attempts(runId(1))).toEqual([attemptRow(1).row])
    expect(await sink.lateResults(runId(1))).toEqual([lateResultRow(1).row])
  })

  test('any number of rows is written, whatever sizes the statements have', async () => {
    const rows = Array.from({ length: 1499 }, (_, index) => runRow(index))
    await sink.write(rows)
    const [count] = await db.rows(`SELECT COUNT(*) AS n FROM ${tablePrefix}runs`)
    expect(count).toEqual({ n: 1499 })
  })

  test('a run and its attempts are found by an index, not by looking through what is there', async () => {
    const ids = Array.from({ length: 2000 }, (_, index) => scheduledRunId(1, index))
    await sink.write(ids.flatMap((id, index) => [runRow(index, { id }), attemptRow(index, { run: id })]))
    const id = ids[1234] as string
    const keyOf = async (query: string) => (await db.rows(`EXPLAIN SELECT * FROM ${tablePrefix}${query}`))[0]?.['key']
    expect(await keyOf(`runs WHERE id='${id}' ORDER BY log_index, log_ordinal LIMIT 1`)).toBe('by_id')
    expect(await keyOf(`attempts WHERE run='${id}' ORDER BY shard, attempt LIMIT 1000`)).toBe('by_run')
    expect(await sink.run(id)).toMatchObject({ id })
    expect(await sink.attempts(id)).toMatchObject([{ run: id }])
  })

  test('every field of a run and an attempt comes back', async () => {
    const run = runRow(2, {
      cause: 'rerun',
      state: 'failed',
      requestedBy: 'ann',
      parent: { run: 'p', moment: 'failure' },
      rerunOf: 'r',
      backfill: 'b',
      reason: 'expired',
      into: 'other',
      error: { code: 'no', message: 'not today', name: 'E' },
      shardEnds: [{ index: 0, items: ['a'], was: { index: 3, total: 9 }, outcome: 'failed', attempts: 2 }],
    })
    const attempt = attemptRow(2, {
      result: 'x',
      error: { code: 'c', message: '' },
      logs: [{ at: TEN, level: 'warn', message: 'careful' }],
      output: { nodes: ['n1'], lines: 9 },
      progress: { done: 1, total: 2, note: 'half' },
    })
    const { startedAt: _s, executor: _e, result: _r, ...fewer } = runRow(3).row
    await sink.write([run, attempt, { kind: 'run', namespaceName: 'default', row: fewer }])
    expect(await sink.run(runId(2))).toEqual(run.row)
    expect(await sink.attempts(runId(2))).toEqual([attempt.row])
    expect(await sink.run(runId(3))).toEqual(fewer)
    expect(await sink.run('nobody')).toBeUndefined()
  })

  const HOSTILE = {
    quotes: `'"\`\\'); DROP TABLE runs; -- ${String.fromCharCode(0)}`,
    'characters of four bytes': '😀👩‍👩‍👧‍👦𝕏'.repeat(50),
    'line ends': 'a\r\nb\nc\r',
    markup: '<script>alert("x")</script>&amp;{{params.x}}${x}?',
    'a number': '00012',
    'a true value': 'null',
    'a megabyte': LONG,
    'a megabyte of pairs': `x${'😀'.repeat(262_144)}`,
    'halves of pairs': 'a\ud800b\udfff',
    blanks: '  trailing  ',
  }
  test.each(Object.entries(HOSTILE))('%s in every text', async (_, hostile) => {
    const error = { code: hostile, message: hostile, name: hostile }
    const [id, name, value] = [hostile.slice(0, 200), hostile.slice(0, 100), hostile.slice(0, 250_000)]
    const run = runRow(4, {
      id,
      jobName: hostile,
      params: { [name]: value },
      requestedBy: hostile,
      schedules: [hostile.slice(0, 1000)],
      executor: hostile,
      result: hostile.slice(0, 30_000),
      error,
      into: hostile,
      parent: { run: hostile, moment: 'success' },
      rerunOf: hostile,
      backfill: hostile,
      shardEnds: [{ index: 0, items: [hostile], outcome: 'failed', attempts: 1, executor: hostile, error }],
    })
    const logs = [{ at: TEN, level: 'info' as const, message: hostile.slice(0, 60_000) }]
    const attempt = {
      ...attemptRow(4, { id: hostile, run: id, executor: hostile, node: hostile, result: hostile, error, logs }),
      jobName: hostile,
      namespaceName: hostile,
    }
    const stretch = { ...stretchRow(4, { id: hostile, into: hostile }), jobName: hostile, namespaceName: hostile }
    const late = { ...lateResultRow(4, { run: id, attempt: hostile, error, result: hostile }), jobName: hostile }
    await sink.write([run, attempt, stretch, late])

    for (const row of [run, attempt, stretch, late]) {
      const { name: table, columns, cells } = SINK_TABLES[row.kind]
      const [found] = await rowsIn(table)
      const texts = columns.map((column) => found?.[column] as unknown)
      expect(
        cells(row).filter((cell, at) => typeof texts[at] === 'string' && texts[at] !== cell),
        table,
      ).toEqual([])
    }
    // What is read has no halves of pairs, as any encoder sees to.
    const asRead = (text: string) => Buffer.from(text).toString()
    const linesRead = logs.map((line) => ({ ...line, message: asRead(line.message) }))
    expect((await sink.attempts(id))[0]?.logs).toEqual(linesRead)
    expect(await altered()).toBe(0)
    const read = await sink.run(id)
    expect(read?.params).toEqual({ [asRead(name)]: asRead(value) })
    // As much as the column takes, and never half of a character.
    const kept = read?.requestedBy ?? ''
    const whole = asRead(hostile)
    expect(whole.startsWith(kept)).toBe(true)
    expect(Array.from(kept).length).toBe(Math.min(255, Array.from(whole).length))
  })

  test('rows that exceed a statement together are written in several', async () => {
    await sink.write(Array.from({ length: 12 }, (_, index) => runRow(index, { params: { LONG: LONG.slice(20) } })))
    const [size] = await db.rows(`SELECT COUNT(*) AS n, MIN(LENGTH(params)) AS bytes FROM ${tablePrefix}runs`)
    expect(size).toEqual({ n: 12, bytes: LONG.length - 20 + 11 })
  })

  test('values that no column takes are moved to what it takes', async () => {
    await sink.write([
      runRow(5, { fireTime: 8.64e15, startedAt: -8.64e15, endedAt: Number.NaN, jobVersion: 1e300 }),
      attemptRow(5, { status: Number.NaN, fencingToken: Number.POSITIVE_INFINITY }),
    ])
    expect(await sink.run(runId(5))).toMatchObject({ fireTime: 253_402_300_799_999, endedAt: 0 })
    expect(await sink.attempts(runId(5))).toMatchObject([{ fencingToken: Number.MAX_SAFE_INTEGER }])
  })

  describe('lists', () => {
    beforeEach(async () => {
      const states = ['succeeded', 'failed', 'skipped'] as const
      await sink.write([
        ...Array.from({ length: 30 }, (_, index) =>
          runRow(index, {
            job: 7 + (index % 2),
            state: states[index % 3] as 'failed',
            // Several at one instant, which only their place in the log tells apart.
            fireTime: TEN + Math.floor(index / 4) * 1000,
            ...(index % 5 === 0 ? { cause: 'child' as const, parent: { run: 'p', moment: 'success' as const } } : {}),
            ...(index === 11 ? { rerunOf: 'r', parent: { run: 'p', moment: 'success' as const } } : {}),
          }),
        ),
        runRow(99, { namespace: 2 }),
      ])
    })
    const QUERY = { namespace: 1, newestFirst: true, limit: 7 }
    const all = async (query: object) => {
      const found: number[] = []
      for (let cursor: string | undefined; ; ) {
        const page = await sink.runs({ ...QUERY, ...query, cursor })
        expect(page.rows.length).toBeLessThanOrEqual(7)
        found.push(...page.rows.map(({ sequence }) => sequence[0]))
        cursor = page.next
        if (cursor === undefined) return found
      }
    }
    const thirty = Array.from({ length: 30 }, (_, index) => index)

    test.each<[string, object, number[]]>([
      ['everything, the newest first', {}, [...thirty].reverse()],
      ['the oldest first', { newestFirst: false }, thirty],
      ['of a job', { job: 8, newestFirst: false }, thirty.filter((index) => index % 2 === 1)],
      ['by state', { states: ['failed', 'skipped'], newestFirst: false }, thirty.filter((index) => index % 3 > 0)],
      ['by cause', { causes: ['child'], newestFirst: false }, [0, 5, 10, 15, 20, 25]],
      ['from and to', { from: TEN + 1000, to: TEN + 3000, newestFirst: false }, [4, 5, 6, 7, 8, 9, 10, 11]],
      ['children', { origin: { of: 'parent', id: 'p' }, newestFirst: false }, [0, 5, 10, 15, 20, 25]],
      ['reruns', { origin: { of: 'rerunOf', id: 'r' } }, [11]],
      ['of a namespace', { namespace: 2 }, [99]],
    ])('%s', async (_, query, expected) => {
      expect(await all(query)).toEqual(expected)
    })

    test('a row that somebody changed into none is left out, and one that somebody made huge fills no memory', async () => {
      await db.rows(`UPDATE ${tablePrefix}runs SET state = 'exploded' WHERE log_index = 29`)
      await db.rows(
        `UPDATE ${tablePrefix}runs SET error_code = 'e', error_message = REPEAT('x', 4000000) WHERE log_index = 28`,
      )
      expect(await all({})).toEqual(thirty.slice(0, 29).reverse())
      const [huge] = (await sink.runs(QUERY)).rows
      expect(huge?.error).toEqual({ code: 'e', message: '' })
      expect(await sink.run(runId(29))).toBeUndefined()
    })

    test('a cursor of another list is refused', async () => {
      const { next } = await sink.runs(QUERY)
      await expect(sink.runs({ ...QUERY, job: 7, cursor: next })).rejects.toMatchObject({ code: 'invalid-cursor' })
    })

    test('attempts by shard, after a place, up to a limit', async () => {
      const attempts = [0, 1, 2].flatMap((shard) =>
        [1, 2].map((ordinal) => attemptRow(50, { shard, ordinal, sequence: [50 + shard, ordinal] })),
      )
      await sink.write(attempts)
      const places = async (query: object) =>
        (await sink.attempts(runId(50), query)).map(({ shard, ordinal }) => [shard, ordinal])
      expect(await places({})).toHaveLength(6)
      expect(await places({ shard: 1 })).toEqual([
        [1, 1],
        [1, 2],
      ])
      expect(await places({ after: [1, 1], limit: 2 })).toEqual([
        [1, 2],
        [2, 1],
      ])
    })
  })

  const sums = async (upTo: readonly [number, number] = UP_TO) => {
    const found: HourSum[] = []
    for await (const sum of sink.sums(upTo)) found.push(sum)
    return found
  }
  const altered = async () => (await sums()).reduce((all, sum) => all + (sum.altered ?? 0), 0)
  const expected = (rows: readonly LogRow[]) => {
    const found = new Map<string, HourSum>()
    for (const row of rows) {
      const { kind } = row
      const hour = hourOfRow(row)
      const one = found.get(`${hour} ${kind}`) ?? { hour, kind, count: 0, sum: 0, altered: 0 }
      found.set(`${hour} ${kind}`, { ...one, count: one.count + 1, sum: (one.sum + rowSum(row)) % 2 ** 48 })
    }
    return [...found.values()].sort((a, b) => a.hour - b.hour || (a.kind < b.kind ? -1 : 1))
  }

  describe('sums', () => {
    const rows: LogRow[] = Array.from({ length: 300 }, (_, index) => [
      attemptRow(index, { endedAt: TEN + index * 60_000, error: { code: 'e', message: `"é😀 ${index}` } }),
      runRow(index, { endedAt: TEN + index * 60_000 }),
      stretchRow(index),
      lateResultRow(index),
    ]).flat()

    test('are those that the rows have before they are written', async () => {
      await sink.write(rows)
      expect(await sums()).toEqual(expected(rows))
    })

    test('go up to a place in the order', async () => {
      await sink.write(rows)
      const before = rows.filter(
        ({ row: { sequence } }) => sequence[0] < 100 || (sequence[0] === 100 && sequence[1] <= 1),
      )
      expect(await sums([100, 1])).toEqual(expected(before))
    })

    test('tell of a cell that was changed, a row that is gone, and one that was added', async () => {
      await sink.write(rows)
      await db.rows(`UPDATE ${tablePrefix}attempts SET error_message = 'é' WHERE log_index = 5`)
      await db.rows(`DELETE FROM ${tablePrefix}runs WHERE log_index = 6`)
      const [attempts, , runs, ...others] = await sums()
      const [wantedAttempts, , wantedRuns, ...wantedOthers] = expected(rows)
      expect(attempts).toMatchObject({ count: wantedAttempts?.count, altered: 1 })
      expect(attempts?.sum).not.toBe(wantedAttempts?.sum)
      expect(runs).toMatchObject({ count: (wantedRuns?.count ?? 0) - 1, altered: 0 })
      expect(others).toEqual(wantedOthers)
    })

    test('rows of an hour, in order and up to a place', async () => {
      await sink.write(rows)
      const found: RowMark[] = []
      for await (const some of sink.rowsOf('run', TEN + 3_600_000, [100, 0])) found.push(...some)
      const wanted = rows
        .filter((row) => row.kind === 'run' && hourOfRow(row) === TEN + 3_600_000 && row.row.sequence[0] < 100)
        .map((row): RowMark => [...row.row.sequence, rowSum(row)])
      expect(found).toEqual(wanted)
    })

    test('of more rows than one statement goes over', async () => {
      const many = Array.from({ length: 45_000 }, (_, index) =>
        stretchRow(Math.floor(index / 7), { sequence: [Math.floor(index / 7), index % 7] }),
      )
      for (let from = 0; from < many.length; from += 5000) await sink.write(many.slice(from, from + 5000))
      expect(await sums()).toEqual(expected(many))
      const found: RowMark[] = []
      for await (const some of sink.rowsOf('stretch', TEN, [5000, 3])) found.push(...some)
      expect(found).toHaveLength(35_004)
    })
  })

  test('gaps are those that are given: joined ones take the place of what they were', async () => {
    const gap = (from: number, to: number) => ({ from: [from, 0], to: [to, 9], count: 5, at: TEN }) as const
    const places = async () =>
      (await db.rows(`SELECT from_index, to_index FROM ${tablePrefix}gaps`)).map(
        (row) => Object.values(row) as number[],
      )
    await sink.writeGaps([gap(1, 3), gap(7, 9)])
    await sink.writeGaps([gap(1, 9), gap(20, 30)])
    expect(await places()).toEqual([
      [1, 9],
      [20, 30],
    ])
    await sink.writeGaps([])
    expect(await places()).toEqual([])
  })
})

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { NonRetryableError } from './errors.ts'
import { createExecutor } from './executor.ts'
import { hono } from './hono.ts'
import { harness, schedule, testClock, testControlPlane, testSecret } from './testing.ts'

const secret = testSecret()
const options = { service: 'billing', secret }
let calls: unknown[] = []

beforeEach(() => {
  calls = []
})

function billing(more: Partial<Parameters<typeof createExecutor>[0]> = {}) {
  return createExecutor({ ...options, logger: false, ...more })
    .job('report', (ctx) => {
      calls.push(ctx.params)
      ctx.log.info('began')
      ctx.progress(1, 2, 'half')
      return { rows: 3, fire: ctx.fireTime.toISOString() }
    })
    .job('flaky', (ctx) => {
      if (ctx.attempt < 3) throw new Error(`attempt ${ctx.attempt}`)
      return ctx.attempt
    })
    .job('hopeless', () => {
      throw new NonRetryableError('no such month')
    })
    .job('part', ({ shard }) => ({ index: shard.index, total: shard.total, items: shard.items ?? [] }))
    .job('long', async (ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
      ctx.signal.throwIfAborted()
    })
}

describe('the harness', () => {
  test('runs a handler through a signed call, and gives result, lines and progress', async () => {
    const given = { params: { month: 11 }, fireTime: '2026-11-20T15:00:00Z' }
    const run = await harness(billing(), options).run('report', given)
    expect(run).toMatchObject({
      status: 'succeeded',
      httpStatus: 200,
      result: { rows: 3, fire: '2026-11-20T15:00:00.000Z' },
      logs: [{ level: 'info', message: 'began' }],
      progress: { done: 1, total: 2, note: 'half' },
    })
    expect(calls).toEqual([{ month: 11 }])
  })

  test('tries again as often as it is told, and not when an error forbids it', async () => {
    const flaky = await harness(billing(), options).run('flaky', { retries: 5 })
    expect(flaky).toMatchObject({ status: 'succeeded', result: 3 })
    expect(flaky.attempts.map(({ error }) => error?.message)).toEqual(['attempt 1', 'attempt 2', undefined])
    const hopeless = await harness(billing(), options).run('hopeless', { retries: 5 })
    expect(hopeless.attempts).toHaveLength(1)
    expect(hopeless.error).toMatchObject({ code: 'non-retryable', retryable: false })
  })

  test('divides items as the scheduler does', async () => {
    const items = 'abcdefghij'.split('')
    const parts = await harness(billing(), options).runShards('part', { items, executors: 3 })
    expect(parts.map(({ result }) => result)).toEqual([
      { index: 0, total: 3, items: ['a', 'b', 'c', 'j'] },
      { index: 1, total: 3, items: ['d', 'e', 'f'] },
      { index: 2, total: 3, items: ['g', 'h', 'i'] },
    ])
    const numbered = await harness(billing(), options).runShards('part', { total: 2 })
    expect(numbered.map(({ result }) => result)).toEqual([
      { index: 0, total: 2, items: ['0'] },
      { index: 1, total: 2, items: ['1'] },
    ])
  })

  test('cancels what is under way, with the reason it is given', async () => {
    const app = harness(billing(), options)
    const running = app.start('long')
    await expect.poll(() => running.cancel()).toBe(true)
    expect(await running.result).toMatchObject({ status: 'cancelled' })
    expect(await running.cancel()).toBe(false)
    const late = app.start('long')
    await expect.poll(() => late.cancel('timed-out')).toBe(true)
    expect(await late.result).toMatchObject({ status: 'timed-out' })
  })

  test('delivers a call a second time, which runs nothing', async () => {
    const running = harness(billing(), options).start('report')
    const first = await running.result
    expect(await running.replay()).toEqual(first)
    expect(calls).toHaveLength(1)
  })

  test('says why an executor did not start a run', async () => {
    const unknown = await harness(billing(), options).run('nothing')
    expect(unknown).toMatchObject({ status: 'refused', httpStatus: 404, error: { code: 'handler-not-found' } })
    const stranger = await harness(billing(), { ...options, secret: testSecret() }).run('report')
    expect(stranger).toMatchObject({ status: 'refused', error: { code: 'unauthorized' } })
    const elsewhere = await harness(billing(), { ...options, service: 'mail' }).run('report')
    expect(elsewhere).toMatchObject({ status: 'refused', error: { code: 'wrong-executor' } })
    expect(calls).toEqual([])
  })

  test('calls an app in which an executor is mounted', async () => {
    const app = new Hono().post('/jobs', hono(billing()))
    const mounted = harness((request) => app.request(request), { ...options, url: 'http://app.test/jobs' })
    expect(await mounted.run('report')).toMatchObject({ status: 'succeeded' })
    expect((await mounted.handlers()).map(({ name }) => name)).toContain('flaky')
  })

  test('makes calls for other clients', async () => {
    const { method, headers, body } = await harness(billing(), options).signedRequest('report', { params: { a: 1 } })
    const reply = await billing().fetch(new Request('http://executor.test/', { method, headers, body }))
    expect(reply.status).toBe(200)
    const changed = body.replace('"a":1', '"a":2')
    const tampered = new Request('http://executor.test/', { method, headers, body: changed })
    expect((await billing().fetch(tampered)).status).toBe(401)
  })

  test('takes no reply that the executor did not sign', async () => {
    const forged = harness(() => Response.json({ type: 'run.result', data: { outcome: 'succeeded' } }), options)
    await expect(forged.run('report')).rejects.toThrow('not signed by the executor: missing-header')
  })

  test('takes the outcome of a call that was answered 202', async () => {
    const clock = testClock('2026-11-20T15:00:00Z')
    const controlPlane = testControlPlane()
    const waiting = new Set(['logs', 'heartbeat'])
    let end = () => {}
    const watched: typeof fetch = (url, init) => {
      waiting.delete(new URL(url as string).pathname.split('/').at(-1) ?? '')
      if (waiting.size === 0) end()
      return controlPlane.fetch(url, init)
    }
    const executor = billing({ clock, fetch: watched }).job('slow', async (ctx) => {
      ctx.log.info('one')
      ctx.progress(1)
      await new Promise<void>((resolve) => (end = resolve))
      ctx.log.info('two')
      return 'late'
    })
    const running = harness(executor, { ...options, clock, controlPlane }).start('slow', { timeout: '1d' })
    let done = false
    void running.result.then(() => (done = true))
    await expect.poll(() => (clock.advance('1s'), done), { interval: 1, timeout: 10_000 }).toBe(true)
    const { reports, ...result } = await running.result
    expect(result).toMatchObject({ status: 'succeeded', httpStatus: 202, result: 'late', progress: { done: 1 } })
    expect(result.logs.map(({ message }) => message)).toEqual(['one', 'two'])
    expect(reports.map(({ verb }) => verb)).toEqual(expect.arrayContaining(['logs', 'heartbeat', 'result']))
  })
})

describe('the time machine', () => {
  const YEAR = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }
  const nightly = { schedules: [{ cron: '30 2 * * *', zone: 'Europe/Berlin' }] }

  test('plays a year with both changes of the clocks', async () => {
    const { fires, skipped, next } = await schedule(nightly).play(YEAR)
    expect(fires).toHaveLength(365)
    expect(skipped).toEqual([])
    expect(fires.filter(({ moved }) => moved).map(({ fireTime, moved }) => [fireTime.toISOString(), moved])).toEqual([
      ['2026-03-29T01:00:00.000Z', 'gap-next'],
      ['2026-10-25T00:30:00.000Z', 'fold-first'],
    ])
    expect(next?.toISOString()).toBe('2027-01-01T01:30:00.000Z')
  })

  test('skips a gap where the schedule says so, and runs a fold twice', async () => {
    const [of] = nightly.schedules
    const { fires, skipped } = await schedule({ schedules: [{ ...of, gap: 'skip', fold: 'both' }] }).play(YEAR)
    expect(fires).toHaveLength(365)
    expect(skipped).toMatchObject([{ reason: 'dst-gap', count: 1 }])
  })

  test.each([
    [
      'run-once',
      ['06-04T00:30'],
      [
        ['misfire-threshold', 1],
        ['coalesced', 2],
      ],
    ],
    ['run-all', ['06-02T00:30', '06-03T00:30', '06-04T00:30'], [['misfire-threshold', 1]]],
    ['skip', [], [['misfire-threshold', 4]]],
  ] as const)('judges what was missed under %s', async (policy, ran, left) => {
    const outages = [{ from: '2026-06-01T00:00:00Z', to: '2026-06-05T00:00:00Z' }]
    const played = await schedule({ ...nightly, misfire: { policy, threshold: '72h' } }).play({ ...YEAR, outages })
    const missed = played.fires.filter(({ cause }) => cause === 'misfire')
    expect(missed.map(({ fireTime }) => fireTime.toISOString().slice(5, 16))).toEqual(ran)
    expect(missed.every(({ at }) => at.toISOString() === '2026-06-05T00:00:00.000Z')).toBe(true)
    expect(played.skipped.map(({ reason, count }) => [reason, count])).toEqual(left)
    expect(played.fires.length + played.skipped.reduce((sum, { count }) => sum + count, 0)).toBe(365)
  })

  test('counts a fixed delay from the end of each run, and ends with maxFires', async () => {
    const day = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }
    const { fires } = await schedule({ schedules: [{ after: '50m' }] }).play({ ...day, runsTake: '10m' })
    expect(fires.slice(0, 2).map(({ fireTime }) => fireTime.toISOString().slice(11, 16))).toEqual(['00:50', '01:50'])
    const few = await schedule({ schedules: [{ every: '1h', maxFires: 3 }] }).play(day)
    expect(few).toMatchObject({ ended: true })
    expect(few.fires).toHaveLength(3)
    expect(few).not.toHaveProperty('next')
  })

  test('names every fault of a definition', async () => {
    const wrong = schedule({ schedules: [{ cron: '61 * * * *' }, { cron: '* * * * *', zone: 'Mars' }] })
    await expect(wrong.play(YEAR)).rejects.toThrow(/\/schedules\/0\/cron: .*\/schedules\/1\/zone: /)
  })

  test('plays a year in milliseconds', async () => {
    const outages = [{ from: '2026-06-01T00:00:00Z', to: '2026-06-05T00:00:00Z' }]
    const tookMs: number[] = []
    for (let times = 0; times < 5; times++) {
      const began = performance.now()
      await schedule({ ...nightly, misfire: { policy: 'run-all', threshold: '72h' } }).play({ ...YEAR, outages })
      tookMs.push(performance.now() - began)
    }
    expect(Math.min(...tookMs)).toBeLessThan(100)
  })

  test('plays a year of hours', async () => {
    const { fires } = await schedule({ schedules: [{ cron: '0 * * * *' }] }).play(YEAR)
    expect(fires).toHaveLength(365 * 24)
  })

  test('is made of the server as it is now: `npm run build` makes it', () => {
    const script = fileURLToPath(new URL('../scripts/bundle-time-machine.mjs', import.meta.url))
    expect(spawnSync(process.execPath, [script, '--check']).status).toBe(0)
  })
})

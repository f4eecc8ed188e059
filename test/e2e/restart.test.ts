import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobDefinition } from '@cronclave/openapi'
import { describe, expect, test } from 'vitest'
import { Child } from '../support/child.ts'
import {
  attemptsOf,
  createJob,
  eventually,
  explainAt,
  fireOf,
  HOME,
  iso,
  mount,
  readRun,
  runIn,
  runsOf,
  serve,
  sleepUntil,
  stretchesOf,
  temporaryFolder,
  trigger,
  wholeSecond,
} from './harness.ts'
import { everyFires, faultsOfCalls, faultsOfJob } from './ledger-checker.ts'

const BIN = 'control-plane/dist/cli/main.js'

describe('fires that fell due while no process was there', () => {
  test('S043 are judged by the misfire policy of their job, once, and explained', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    const executor = await mount(first)
    const begin = Date.now() + 1500
    const missed = [begin, begin + 1000, begin + 3500]
    const schedules = missed.map((at) => ({ at: iso(at) }))
    const make = (name: string, misfire: JobDefinition['misfire']) =>
      createJob(first, name, { schedules, ...(misfire && { misfire }) })
    await make('run-once', {})
    await make('run-all', { policy: 'run-all' })
    await make('two', { policy: 'run-all', max: 2 })
    await make('skip', { policy: 'skip' })
    await make('threshold', { policy: 'run-all', threshold: '4s' })
    expect(Date.now(), 'the jobs were made before their first fire').toBeLessThan(begin)
    await first.stop('SIGKILL')
    await sleepUntil(begin + 5100)

    const server = await serve(folder)
    const ran = async (job: string, count: number) => {
      const runs = await eventually(`${count} runs of ${job}`, async () => {
        const all = await runsOf(server, job)
        return all.length === count && all.every(({ state }) => state === 'succeeded') && all
      })
      expect(new Set(runs.map(({ cause }) => cause))).toEqual(new Set(['misfire']))
      return runs.sort((a, b) => fireOf(a) - fireOf(b))
    }
    const [one] = await ran('run-once', 1)
    expect(fireOf(one!)).toBe(missed[2])
    const into = { reason: 'coalesced', into: one!.id, from: iso(missed[0]!), to: iso(missed[1]!), count: 2 }
    expect(await stretchesOf(server, 'run-once')).toMatchObject([into])
    expect(await explainAt(server, 'run-once', missed[1]!)).toMatchObject({
      verdict: 'skipped',
      reason: 'coalesced',
      run: one!.id,
    })
    expect(await explainAt(server, 'run-once', missed[2]!)).toMatchObject({ verdict: 'ran', run: one!.id })

    const all = await ran('run-all', 3)
    expect(all.map(fireOf)).toEqual(missed)
    const starts = all.map(({ startedAt = '' }) => Date.parse(startedAt))
    expect(starts, 'the oldest first').toEqual(starts.toSorted((a, b) => a - b))
    expect((await ran('two', 2)).map(fireOf)).toEqual(missed.slice(1))

    const [none] = await eventually('the skipped fires', async () => {
      const stretches = await stretchesOf(server, 'skip')
      return stretches.length > 0 && stretches
    })
    expect(none).toMatchObject({ reason: 'misfire-threshold', count: 3 })
    expect(await explainAt(server, 'skip', missed[0]!)).toMatchObject({
      verdict: 'skipped',
      reason: 'misfire-threshold',
      rule: 'misfire',
    })
    expect(await explainAt(server, 'skip', missed[0]! + 7)).toMatchObject({ verdict: 'not-due' })
    expect(await runsOf(server, 'skip')).toEqual([])

    expect((await ran('threshold', 1)).map(fireOf)).toEqual(missed.slice(2))
    for (const job of ['run-once', 'run-all', 'two', 'skip', 'threshold']) {
      const recorded = { runs: await runsOf(server, job), stretches: await stretchesOf(server, job), attempts: [] }
      expect(faultsOfJob({ job, fires: missed }, recorded)).toEqual([])
    }
    expect(executor.seen.handled).toHaveLength(7)
  })

  test('also when the process was only stopped for a while', async () => {
    const folder = temporaryFolder()
    const server = await serve(folder)
    const executor = await mount(server)
    const begin = wholeSecond(Date.now() + 500)
    const end = begin + 9000
    const schedules = [{ every: '1s', startAt: iso(begin), endAt: iso(end) }]
    await createJob(server, 'skip', { schedules, misfire: { policy: 'skip' } })
    await createJob(server, 'run-all', { schedules, misfire: { policy: 'run-all' } })
    await createJob(server, 'under-way', { params: { ms: 2500 } })
    await eventually('both have run', () => new Set(executor.seen.handled.map(({ job }) => job)).size === 2)
    const { id } = await trigger(server, 'under-way')
    await eventually('it is under way', () => executor.seen.handled.some(({ run }) => run === id))

    server.child.signal('SIGSTOP')
    await sleepUntil(Date.now() + 4000)
    server.child.signal('SIGCONT')

    expect(await runIn(server, id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', attempts: 1 })
    await sleepUntil(end + 500)
    await eventually('every fire is decided', async () => {
      const [runs, stretches] = [await runsOf(server, 'run-all'), await stretchesOf(server, 'skip')]
      return runs.length + stretches.length > 0 && runs.every(({ endedAt }) => endedAt !== undefined)
    })
    for (const job of ['skip', 'run-all']) {
      const recorded = { runs: await runsOf(server, job), stretches: await stretchesOf(server, job), attempts: [] }
      expect(faultsOfJob({ job, fires: everyFires(begin, end, 1000) }, recorded)).toEqual([])
    }
    const [stretch] = await stretchesOf(server, 'skip')
    expect(stretch).toMatchObject({ reason: 'misfire-threshold' })
    expect(stretch!.count, 'three or four of them lay in the stop').toBeGreaterThanOrEqual(2)
    const causes = (await runsOf(server, 'run-all')).filter(({ cause }) => cause === 'misfire')
    expect(causes.length).toBeGreaterThanOrEqual(2)
  })
})

describe('work that was open when the process died', () => {
  test('S066 queued runs go on in their order, a retry that waits is made at its time, a call under way is joined', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    const executor = await mount(first)
    await createJob(first, 'line', { overlap: 'queue', params: { ms: 700 } })
    await createJob(first, 'again', { retry: { max: 1, delay: '5s', backoff: 'fixed' }, params: { fails: 1 } })
    await createJob(first, 'long', { params: { ms: 3000 } })
    const again = await trigger(first, 'again')
    await eventually('the first attempt failed', () => executor.seen.handled[0]?.endedAt !== undefined)
    const failedAt = executor.seen.handled[0]?.endedAt ?? 0
    const long = await trigger(first, 'long')
    const line = []
    for (let i = 0; i < 4; i++) line.push(await trigger(first, 'line'))
    await eventually('both are under way', () => executor.seen.handled.length >= 3)
    await sleepUntil(failedAt + 2000)
    await first.stop('SIGKILL')

    const server = await serve(folder)
    for (const { id } of [...line, long, again]) {
      expect(await runIn(server, id, 'succeeded', 'failed', 'lost')).toMatchObject({ state: 'succeeded' })
    }
    const { handled } = executor.seen
    const order = handled.filter(({ job }) => job === 'line').map(({ run }) => run)
    expect([...new Set(order)]).toEqual(line.map(({ id }) => id))
    const retried = handled.filter(({ run }) => run === again.id)
    expect(retried).toHaveLength(2)
    expect(retried[1]!.at - failedAt).toBeGreaterThanOrEqual(4950)
    expect(retried[1]!.at - failedAt).toBeLessThan(8000)
    expect(
      handled.filter(({ run }) => run === long.id),
      'the handler went on and was joined',
    ).toHaveLength(1)
    const attempts = await attemptsOf(server, long.id)
    expect(attempts).toMatchObject([
      { outcome: 'uncertain', next: 'redispatch', error: { code: 'dispatcher-gone' } },
      { outcome: 'succeeded', next: 'done' },
    ])
    const rows = await Promise.all([...line, long, again].map(({ id }) => attemptsOf(server, id)))
    expect(faultsOfCalls(executor.seen, rows.flat())).toEqual([])
  })

  test('SIGTERM lets calls under way end and records them; what takes longer is joined by the next process', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    const executor = await mount(first)
    await createJob(first, 'short', { params: { ms: 1500 } })
    await createJob(first, 'long', { params: { ms: 4000 } })
    const short = await trigger(first, 'short')
    await eventually('it is under way', () => executor.seen.handled.length === 1)
    expect(await first.stop('SIGTERM')).toMatchObject({ code: 0 })
    expect(executor.seen.handled[0]?.endedAt).toBeDefined()

    const second = await serve(folder, { flags: ['--stop-timeout', '300ms'] })
    expect(await readRun(second, short.id)).toMatchObject({ state: 'succeeded', attempts: 1 })
    const long = await trigger(second, 'long')
    await eventually('it is under way', () => executor.seen.handled.length === 2)
    const asked = Date.now()
    expect(await second.stop('SIGTERM')).toMatchObject({ code: 0 })
    expect(Date.now() - asked).toBeLessThan(3500)

    const third = await serve(folder)
    expect(await runIn(third, long.id, 'succeeded', 'failed', 'lost')).toMatchObject({
      state: 'succeeded',
      attempts: 2,
    })
    expect(executor.seen.handled).toHaveLength(2)
    expect(await attemptsOf(third, long.id)).toMatchObject([
      { outcome: 'uncertain', error: { code: 'node-stopped' } },
      { outcome: 'succeeded' },
    ])
  })
})

test('a second start goes on with the same data and token; a stopped node can be given a new one', async () => {
  const folder = temporaryFolder()
  const first = await serve(folder)
  expect(first.child.said).toContain(first.token)
  await mount(first)
  await createJob(first, 'kept')
  const { id } = await trigger(first, 'kept')
  await runIn(first, id, 'succeeded')
  const reset = () => new Child([BIN, 'token', 'reset-admin', '--data-folder', folder]).ended
  const busy = await reset()
  expect(busy.code, busy.said).toBe(74)
  expect(busy.said).toMatch(/in use by process \d+/)
  expect(await first.stop()).toMatchObject({ code: 0 })

  const second = await serve(folder)
  expect(second.child.said).not.toMatch(/cct_/)
  expect(second.token).toBe(first.token)
  expect(await second.call('GET', `${HOME}/runs/${id}`)).toMatchObject({ state: 'succeeded' })
  await second.stop()

  const done = await reset()
  expect(done.code, done.said).toBe(0)
  const token = (await readFile(join(folder, 'admin.token'), 'utf8')).trim()
  expect(done.said).toContain(token)
  expect(token).not.toBe(first.token)
  const third = await serve(folder)
  expect(await third.call('GET', `${HOME}/jobs/kept`)).toMatchObject({ name: 'kept' })
  const old = await third.ask('GET', `${HOME}/jobs/kept`, undefined, { authorization: `Bearer ${first.token}` })
  expect(old).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})

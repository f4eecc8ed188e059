import type { Job, Run } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { startExecutor } from '../support/executor.ts'
import { followEvents } from './event-stream.ts'
import {
  createJob,
  eventually,
  explainAt,
  fireOf,
  HOME,
  iso,
  mount,
  newSecret,
  readJob,
  runIn,
  runsOf,
  serve,
  sleepUntil,
  stretchesOf,
  temporaryFolder,
  trigger,
  wholeSecond,
} from './harness.ts'
import { everyFires, faultsOfJob } from './ledger-checker.ts'

test('S032 S046 a paused job records its fires as paused, and each is explained; resumed, it goes on from then', async () => {
  const server = await serve(temporaryFolder())
  await mount(server)
  const begin = wholeSecond(Date.now() + 500)
  const end = begin + 7000
  await createJob(server, 'ticks', { schedules: [{ every: '1s', startAt: iso(begin), endAt: iso(end) }] })
  const first = await eventually('it has run twice', async () => {
    const runs = await runsOf(server, 'ticks')
    return runs.length >= 2 && runs
  })
  expect(await server.call<Job>('POST', `${HOME}/jobs/ticks/pause`)).toMatchObject({ state: 'paused' })
  const pausedAt = Date.now()
  const duringPause = wholeSecond(pausedAt) + 1000
  expect(await explainAt(server, 'ticks', end)).toMatchObject({ verdict: 'will-skip', reason: 'paused' })
  await sleepUntil(pausedAt + 2300)
  expect(await server.call<Job>('POST', `${HOME}/jobs/ticks/resume`)).toMatchObject({ state: 'active' })
  expect(await explainAt(server, 'ticks', end)).toMatchObject({ verdict: 'will-fire', fireTime: iso(end) })
  await eventually('it has ended', async () => (await readJob(server, 'ticks')).state === 'ended')
  const runs = await eventually('its runs have ended', async () => {
    const all = await runsOf(server, 'ticks')
    return all.every(({ state }) => state === 'succeeded') && all
  })
  const stretches = await stretchesOf(server, 'ticks')
  expect(faultsOfJob({ job: 'ticks', fires: everyFires(begin, end, 1000) }, { runs, stretches, attempts: [] })).toEqual(
    [],
  )
  expect(stretches).toMatchObject([{ reason: 'paused' }])
  expect(stretches[0]?.count).toBeGreaterThanOrEqual(2)
  expect(await explainAt(server, 'ticks', duringPause)).toMatchObject({
    verdict: 'skipped',
    reason: 'paused',
    fireTime: iso(duringPause),
  })
  const ran = first[0] as Run
  expect(await explainAt(server, 'ticks', fireOf(ran))).toMatchObject({ verdict: 'ran', run: ran.id })
  const between = await explainAt(server, 'ticks', fireOf(ran) + 500)
  expect(between).toMatchObject({ verdict: 'not-due' })
  expect(between.run).toBeUndefined()
})

test('the event stream shows a run as it happens, and goes on where a reader left it', async () => {
  const server = await serve(temporaryFolder())
  await mount(server)
  await createJob(server, 'seen', { params: { ms: 300 } })
  await createJob(server, 'other')
  const stream = await followEvents(server, '?namespace=default&job=seen')
  const { id } = await trigger(server, 'seen')
  await trigger(server, 'other')
  const ofRun = (events: typeof stream.events, run: string) =>
    events.filter(({ data }) => data.run?.id === run).map(({ event }) => event)
  await eventually('its end is seen', () => ofRun(stream.events, id).includes('run.ended'))
  expect(ofRun(stream.events, id)).toEqual(['run.queued', 'run.started', 'run.ended'])
  expect(stream.events.find(({ event }) => event === 'run.ended')?.data.run?.state).toBe('succeeded')
  stream.close()

  const missed = await trigger(server, 'seen')
  await runIn(server, missed.id, 'succeeded')
  const resumed = await followEvents(server, '?namespace=default&job=seen', stream.events.at(-1)?.id)
  await eventually('what was missed is seen', () => ofRun(resumed.events, missed.id).includes('run.ended'))
  expect(ofRun(resumed.events, missed.id)).toEqual(['run.queued', 'run.started', 'run.ended'])
  expect(ofRun(resumed.events, id)).toEqual([])
  expect(new Set([...stream.events, ...resumed.events].map(({ data }) => data.job))).toEqual(new Set(['seen']))
  const unknown = await followEvents(server, '', 'other-process-17')
  await eventually('a reader of another process starts anew', () => unknown.events[0]?.event === 'reset')
})

test('a secret is rotated while calls go on: first both sign, then the new one alone', async () => {
  const server = await serve(temporaryFolder())
  const [old, fresh] = [newSecret(), newSecret()]
  const executor = await mount(server, old)
  const schedules = [{ cron: '* * * * * *' }]
  await createJob(server, 'ticks', { schedules })
  const signatures = (count: number) =>
    eventually(`${count} signatures`, () => executor.seen.dispatched.at(-1)?.signatures === count)
  await signatures(1)
  await server.call('POST', `${HOME}/services/e2e/rotate-secret`, { secret: fresh })
  await signatures(2)
  expect(await server.ask('POST', `${HOME}/services/e2e/rotate-secret`, {})).toMatchObject({
    status: 409,
    body: { code: 'in-use' },
  })
  const next = await startExecutor({ secret: fresh })
  onTestFinished(() => next.close())
  await server.call('PUT', `${HOME}/services/e2e/executors/e1`, { url: next.url })
  await eventually('the executor with the new secret is called', () => next.seen.handled.length > 0)
  await server.call('POST', `${HOME}/services/e2e/drop-secret`)
  await eventually('the new one signs alone', () => next.seen.dispatched.at(-1)?.signatures === 1)
  await server.call('POST', `${HOME}/jobs/ticks/pause`)
  const runs = await eventually('all have ended', async () => {
    const all = await runsOf(server, 'ticks')
    return all.every(({ endedAt }) => endedAt !== undefined) && all
  })
  expect(runs.length).toBeGreaterThanOrEqual(3)
  expect(runs.filter(({ state, attempts }) => state !== 'succeeded' || attempts !== 1)).toEqual([])
  expect(JSON.stringify(await server.call('GET', `${HOME}/services/e2e`))).not.toContain('whsec')
})

test('S042 a manual trigger merges parameters, runs once per key, and may name its time', async () => {
  const server = await serve(temporaryFolder())
  const executor = await mount(server)
  await createJob(server, 'manual', { params: { city: 'tianjin', rows: 1 }, overlap: 'allow' })
  const path = `${HOME}/jobs/manual/trigger`
  const key = { 'idempotency-key': 'order-17' }
  const body = { params: { rows: 2 }, fireTime: '2026-01-01T00:00:00Z' }
  const made = await Promise.all(Array.from({ length: 8 }, () => server.ask<Run>('POST', path, body, key)))
  expect(made.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(made.filter(({ status }) => status === 200)).toHaveLength(7)
  expect(new Set(made.map((reply) => reply.body.id)).size).toBe(1)
  const other = await server.ask('POST', path, { params: { rows: 3 } }, key)
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-mismatch' } })
  const run = await runIn(server, made[0]!.body.id, 'succeeded')
  expect(run).toMatchObject({
    cause: 'api',
    params: { city: 'tianjin', rows: 2 },
    fireTime: '2026-01-01T00:00:00.000Z',
  })
  expect(executor.seen.handled).toMatchObject([
    { run: run.id, params: { city: 'tianjin', rows: 2 }, fireTime: Date.parse(body.fireTime) },
  ])
  const plain = await trigger(server, 'manual')
  expect(await runIn(server, plain.id, 'succeeded')).toMatchObject({ params: { city: 'tianjin', rows: 1 } })
})

test('S069 S089 routing follows weights, draining stops what is new and lets what runs end, and without anybody runs wait', async () => {
  const server = await serve(temporaryFolder())
  const secret = newSecret()
  await server.call('POST', `${HOME}/services`, { name: 'e2e', secret })
  const executors = await Promise.all(['e1', 'e2', 'e3'].map((id) => startExecutor({ secret, id })))
  onTestFinished(async () => {
    for (const { close } of executors) await close()
  })
  const at = (id: string) => `${HOME}/services/e2e/executors/${id}`
  for (const [i, weight] of [3, 1, 0].entries()) {
    await server.call('PUT', at(`e${i + 1}`), { url: executors[i]!.url, weight, labels: { zone: i === 0 ? 'a' : 'b' } })
  }
  const run = async (job: string, times: number) => {
    const before = executors.map(({ seen }) => seen.handled.length)
    for (let i = 0; i < times; i++) await runIn(server, (await trigger(server, job)).id, 'succeeded')
    return executors.map(({ seen }, i) => seen.handled.length - (before[i] ?? 0))
  }
  await createJob(server, 'weighted', { routing: { strategy: 'weighted-round-robin' } })
  await createJob(server, 'in-turn', { routing: { strategy: 'round-robin' } })
  await createJob(server, 'labelled', { routing: { strategy: 'random', labels: { zone: 'b' } } })
  await createJob(server, 'long', { params: { ms: 1500 }, overlap: 'allow', routing: { labels: { zone: 'b' } } })
  expect(await run('weighted', 8)).toEqual([6, 2, 0])
  expect(await run('in-turn', 4)).toEqual([2, 2, 0])
  expect(await run('labelled', 3)).toEqual([0, 3, 0])

  const long = await trigger(server, 'long')
  await eventually('it is under way', () => executors[1]!.seen.handled.some((call) => call.run === long.id))
  expect(await server.call('POST', `${at('e2')}/drain`)).toMatchObject({ status: 'draining' })
  expect(await run('in-turn', 3)).toEqual([3, 0, 0])
  expect(await runIn(server, long.id, 'succeeded', 'failed')).toMatchObject({
    state: 'succeeded',
    executor: 'e2',
    attempts: 1,
  })

  await server.call('POST', `${at('e1')}/drain`)
  const waiting = await trigger(server, 'weighted')
  await sleepUntil(Date.now() + 700)
  expect(await runIn(server, waiting.id, 'queued', 'succeeded', 'failed')).toMatchObject({
    state: 'queued',
    attempts: 0,
  })
  await server.call('POST', `${at('e2')}/online`)
  expect(await runIn(server, waiting.id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', executor: 'e2' })
})

import type { JobDefinition, Run } from '@cronclave/openapi'
import { expect, test } from 'vitest'
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

const FIRES = 6

test('S045 runs that take longer than their period: skipped, together, one after the other, or cancelled for the new one', async () => {
  const server = await serve(temporaryFolder())
  const executor = await mount(server)
  const begin = wholeSecond(Date.now() + 1000)
  const end = begin + (FIRES - 1) * 1000
  const make = (name: string, definition: JobDefinition) => {
    const schedules = [{ every: '1s', startAt: iso(begin), endAt: iso(end) }]
    return createJob(server, name, { schedules, params: { ms: 1600 }, ...definition })
  }
  await make('skip', { overlap: 'skip' })
  await make('allow', { overlap: 'allow' })
  await make('at-most-two', { overlap: 'allow', maxConcurrentRuns: 2, params: { ms: 2600 } })
  await make('queue', { overlap: 'queue', queueMax: 2 })
  await make('cancel-running', { overlap: 'cancel-running' })
  await sleepUntil(end + 500)
  const ended = async (job: string): Promise<Run[]> =>
    eventually(`the runs of ${job} have ended`, async () => {
      const runs = await runsOf(server, job)
      return runs.every(({ endedAt }) => endedAt !== undefined) && runs.sort((a, b) => fireOf(a) - fireOf(b))
    })
  const fires = everyFires(begin, end, 1000)
  const attempts = []
  for (const job of ['skip', 'allow', 'at-most-two', 'queue', 'cancel-running']) {
    const runs = await ended(job)
    const recorded = { runs, stretches: await stretchesOf(server, job), attempts: [] }
    expect(faultsOfJob({ job, fires }, recorded)).toEqual([])
    for (const { id } of runs) attempts.push(...(await attemptsOf(server, id)))
  }
  expect(faultsOfCalls(executor.seen, attempts)).toEqual([])
  const at = (job: string) => executor.seen.handled.filter((call) => call.job === job)
  const together = (job: string) =>
    Math.max(
      ...at(job).map(
        ({ at: from }) => at(job).filter((call) => call.at <= from && from < (call.endedAt ?? Infinity)).length,
      ),
    )

  const skipped = await stretchesOf(server, 'skip')
  expect(new Set(skipped.map(({ reason }) => reason))).toEqual(new Set(['overlap']))
  expect(together('skip')).toBe(1)
  expect(await explainAt(server, 'skip', Date.parse(skipped[0]!.from))).toMatchObject({
    verdict: 'skipped',
    reason: 'overlap',
    rule: 'overlap',
  })

  const allowed = await ended('allow')
  expect(allowed.map(({ state }) => state)).toEqual(Array.from({ length: FIRES }, () => 'succeeded'))
  expect(together('allow')).toBeGreaterThan(1)
  const limited = await stretchesOf(server, 'at-most-two')
  expect(new Set(limited.map(({ reason }) => reason))).toEqual(new Set(['max-concurrent']))
  expect(together('at-most-two')).toBe(2)

  const queued = await ended('queue')
  expect(new Set(queued.map(({ state }) => state))).toEqual(new Set(['succeeded']))
  expect(together('queue')).toBe(1)
  expect(
    at('queue').map(({ fireTime }) => fireTime),
    'first in, first out',
  ).toEqual(queued.map(fireOf))
  expect(queued.some(({ startedAt, createdAt }) => Date.parse(startedAt!) - Date.parse(createdAt) > 500)).toBe(true)

  const replaced = await ended('cancel-running')
  expect(replaced.map(({ state }) => state)).toEqual([
    ...Array.from({ length: FIRES - 1 }, () => 'cancelled'),
    'succeeded',
  ])
  const aborted = at('cancel-running').map((call) => call.aborted)
  expect(aborted.slice(0, -1).filter((name) => name !== 'CancelledError')).toEqual([])
})

test('S074 cancelling a running run aborts its handler; a queued one never starts; what comes late changes nothing', async () => {
  const server = await serve(temporaryFolder())
  const executor = await mount(server)
  await createJob(server, 'line', { overlap: 'queue', params: { ms: 20_000 } })
  await createJob(server, 'deaf', { params: { ms: 1200, deaf: true } })
  const [running, queued, deaf] = [
    await trigger(server, 'line'),
    await trigger(server, 'line'),
    await trigger(server, 'deaf'),
  ]
  await eventually('both are under way', () => executor.seen.handled.length === 2)
  expect(await readRun(server, queued.id)).toMatchObject({ state: 'queued' })

  const cancel = (id: string) => server.call<Run>('POST', `${HOME}/runs/${id}/cancel`)
  expect(await cancel(queued.id)).toMatchObject({ state: 'cancelled', attempts: 0 })
  expect(await cancel(running.id)).toMatchObject({ state: 'cancelled', attempts: 1 })
  expect(await cancel(deaf.id)).toMatchObject({ state: 'cancelled' })
  const call = executor.seen.handled.find(({ run }) => run === running.id)
  await eventually('the signal of the handler aborts', () => call?.aborted !== undefined)
  expect(call?.aborted).toBe('CancelledError')
  expect(await attemptsOf(server, running.id)).toMatchObject([{ outcome: 'cancelled', next: 'done' }])

  const again = await server.ask('POST', `${HOME}/runs/${running.id}/cancel`)
  expect(again).toMatchObject({ status: 409, body: { code: 'run-ended' } })
  await eventually(
    'the deaf handler has ended',
    () => executor.seen.handled.find(({ run }) => run === deaf.id)?.endedAt,
  )
  await sleepUntil(Date.now() + 200)
  expect(await readRun(server, deaf.id)).toMatchObject({ state: 'cancelled' })
  expect(executor.seen.handled.map(({ run }) => run)).not.toContain(queued.id)
})

test('S067 S098 a timeout closes the call, aborts the handler and is retried; a run has a timeout of its own', async () => {
  const server = await serve(temporaryFolder())
  const executor = await mount(server)
  await createJob(server, 'slow', { timeout: '700ms', retry: { max: 1, delay: '100ms' }, params: { ms: 30_000 } })
  const retry = { max: 5, delay: '100ms' }
  await createJob(server, 'whole', { timeout: '1s', runTimeout: '1500ms', retry, params: { ms: 30_000 } })
  const [slow, whole] = [await trigger(server, 'slow'), await trigger(server, 'whole')]
  expect(await runIn(server, slow.id, 'timed-out', 'failed')).toMatchObject({ state: 'timed-out', attempts: 2 })
  expect(await runIn(server, whole.id, 'timed-out', 'failed')).toMatchObject({
    state: 'timed-out',
    error: { code: 'run-timeout' },
  })
  expect((await attemptsOf(server, slow.id)).map(({ outcome, next }) => [outcome, next])).toEqual([
    ['timed-out', 'retry'],
    ['timed-out', 'done'],
  ])
  expect(await attemptsOf(server, whole.id)).toMatchObject([
    { outcome: 'timed-out', next: 'retry' },
    { outcome: 'timed-out', next: 'done', error: { code: 'run-timeout' } },
  ])
  await eventually('every handler was told', () => executor.seen.handled.every(({ aborted }) => aborted !== undefined))
  expect(new Set(executor.seen.handled.map(({ aborted }) => aborted))).toEqual(new Set(['TimeoutError']))
})

import type { Namespace } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import {
  createJob,
  eventually,
  explainAt,
  HOME,
  mount,
  readJob,
  runsOf,
  serve,
  sleepUntil,
  stretchesOf,
  temporaryFolder,
  trigger,
  wholeSecond,
} from './harness.ts'
import { everyFires, faultsOfJob } from './ledger-checker.ts'

test('S032 each fire has one record across a pause of the namespace, a kill within it, and a resume', async () => {
  const folder = temporaryFolder()
  const first = await serve(folder)
  await mount(first)
  const begin = wholeSecond(Date.now() + 1000)
  const end = begin + 14_000
  const schedules = [{ every: '1s', startAt: new Date(begin).toISOString(), endAt: new Date(end).toISOString() }]
  await createJob(first, 'tick', { schedules, overlap: 'allow' })
  await sleepUntil(begin + 2500)
  const paused = await first.call<Namespace>('POST', `${HOME}/pause`)
  expect(paused.paused?.by).toBe('token:administrator')
  await sleepUntil(begin + 4500)
  await first.stop('SIGKILL')
  await sleepUntil(begin + 7500)
  const server = await serve(folder)
  expect((await server.call<Namespace>('GET', HOME)).paused).toEqual(paused.paused)
  await sleepUntil(Math.max(begin + 9500, Date.now() + 500))
  expect(await explainAt(server, 'tick', begin + 6000)).toMatchObject({ verdict: 'skipped', reason: 'paused' })
  expect(await explainAt(server, 'tick', end)).toMatchObject({ verdict: 'will-skip', reason: 'paused' })
  const asked = await trigger(server, 'tick')
  expect(asked.state).not.toBe('skipped')
  await server.call('POST', `${HOME}/resume`)
  const resumedAt = Date.now()
  await sleepUntil(end + 500)
  await eventually('every run has ended', async () => (await readJob(server, 'tick')).openRuns === 0)

  const fires = everyFires(begin, end, 1000)
  const [runs, stretches] = [await runsOf(server, 'tick'), await stretchesOf(server, 'tick')]
  expect(faultsOfJob({ job: 'tick', fires }, { runs, stretches, attempts: [] })).toEqual([])
  const ran = runs.filter(({ cause }) => cause !== 'api').map(({ fireTime }) => Date.parse(fireTime))
  for (const fire of ran) expect(fire < begin + 3000 || fire > resumedAt - 1000, `${fire - begin} ms`).toBe(true)
  expect(new Set(stretches.map(({ reason }) => reason))).toEqual(new Set(['paused']))
  expect(ran.length).toBeGreaterThanOrEqual(5)
})

test('a job that fails again and again is paused, says why, and goes on when it is resumed', async () => {
  const server = await serve(temporaryFolder())
  await mount(server)
  await createJob(server, 'tired', {
    schedules: [{ every: '1s' }],
    pauseAfterFailures: 2,
    params: { fails: 9 },
  })
  const job = await eventually('it is paused', async () => {
    const now = await readJob(server, 'tired')
    return now.state === 'paused' && now
  })
  expect(job).toMatchObject({ pausedBy: 'cronclave', pausedWhy: 'its last 2 runs failed', failuresInARow: 2 })
  expect(await runsOf(server, 'tired')).toHaveLength(2)
  await server.call('POST', `${HOME}/jobs/tired/resume`)
  expect(await readJob(server, 'tired')).toMatchObject({ state: 'active', failuresInARow: 0 })
})

import { expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Io } from './io.ts'
import { runCommandLine } from './program.ts'

/** Runs a command line against one answer. */
async function run(words: string, answer: object) {
  const seen = { out: '', err: '', url: '' }
  const io: Io = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    env: { CRONCLAVE_TOKEN: 'cct_test', NO_COLOR: '1' },
    clock: new StillClock(),
    stdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: (input) => {
      seen.url = (input as URL).href
      return Promise.resolve(Response.json(answer))
    },
  }
  return { exit: await runCommandLine(words.split(' '), io, '1.2.3'), ...seen }
}

const RUNS = { succeeded: 8, failed: 1, 'timed-out': 1, cancelled: 0, lost: 0, skipped: 3 }
const STATS = {
  step: 'day',
  zone: 'Asia/Shanghai',
  open: { queued: 0, running: 2 },
  totals: { runs: RUNS, skippedFires: 4, attempts: 12, durationMs: 100 },
  series: [{ at: '2026-11-19T16:00:00.000Z', runs: RUNS, skippedFires: 4, attempts: 12, durationP95Ms: 1500 }],
}
const TOP = {
  from: '2026-11-16T00:00:00.000Z',
  to: '2026-11-20T15:00:00.000Z',
  minRuns: 5,
  items: [
    { namespace: 'default', job: 'report', state: 'active', runs: 10, succeeded: 8, failed: 2, failureRate: 0.2 },
  ],
}

test('stats shows a line for every point by the clocks of its zone, and the totals', async () => {
  const { exit, out, url } = await run('stats report --by day --from 30d --zone Asia/Shanghai', STATS)
  expect(exit).toBe(0)
  const asked = new URL(url)
  expect(asked.pathname).toBe('/v1/namespaces/default/jobs/report/stats')
  expect(Object.fromEntries(asked.searchParams)).toEqual({
    step: 'day',
    from: '2026-10-21T15:00:00.000Z',
    zone: 'Asia/Shanghai',
  })
  expect(out).toMatch(/2026-11-20 +8 +1 +1/)
  expect(out).toMatch(/failure rate +20\.0%/)
  expect(out).toMatch(/open now +2 running, 0 queued/)
})

test.each([
  ['stats --period all --all-namespaces', '/v1/stats', STATS],
  ['stats --period week', '/v1/namespaces/default/stats', STATS],
  ['stats top --by lateness --min-runs 20', '/v1/namespaces/default/stats/top', TOP],
  ['stats top --all-namespaces --period today', '/v1/stats/top', TOP],
])('%s asks %s', async (words, path, answer) => {
  const { exit, url } = await run(words, answer)
  expect([exit, new URL(url).pathname]).toEqual([0, path])
})

test('stats top shows the worst jobs, and says so when there are none', async () => {
  const found = await run('stats top', TOP)
  expect(found.out).toMatch(/report +active +10 +8 +2 +20\.0%/)
  expect((await run('stats top', { ...TOP, items: [] })).err).toContain('No job failed.')
})

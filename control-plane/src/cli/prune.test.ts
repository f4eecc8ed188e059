import { expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Io } from './io.ts'
import { runCommandLine } from './program.ts'

/** Runs a command line against answers that come in order. */
async function run(words: string, ...answers: object[]) {
  const seen = { out: '', err: '', calls: [] as { method: string; url: string }[] }
  const io: Io = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    env: { CRONCLAVE_TOKEN: 'cct_test', NO_COLOR: '1' },
    clock: new StillClock(),
    stdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: (input, init) => {
      seen.calls.push({ method: init?.method ?? 'GET', url: (input as URL).href })
      return Promise.resolve(Response.json(answers[seen.calls.length - 1]))
    },
  }
  return { exit: await runCommandLine(words.split(' '), io, '1.2.3'), ...seen }
}

const RUNS = 'http://127.0.0.1:7420/v1/namespaces/default/runs'

test('run prune asks until none is left, and says how far it has come', async () => {
  const part = { preview: false, spared: 0, done: false }
  const { exit, out, err, calls } = await run(
    'run prune --job report --state failed,lost --before 24h',
    { ...part, runs: 5000 },
    { ...part, runs: 12, spared: 1, done: true },
  )
  expect(exit).toBe(0)
  const query = '?before=2026-11-19T15%3A00%3A00.000Z&job=report&state=failed&state=lost'
  expect(calls.map(({ method, url }) => [method, new URL(url).pathname])).toEqual(
    Array.from({ length: 2 }, () => ['DELETE', new URL(RUNS).pathname]),
  )
  const asked = new URL(calls[0]?.url ?? '').searchParams
  asked.sort()
  expect(`?${asked.toString()}`).toBe(query)
  expect(err).toContain('5000 runs are deleted so far')
  expect(out).toMatch(/deleted +5012/)
  expect(out).toMatch(/spared +1/)
})

test('run prune --preview asks once, and shows what would go', async () => {
  const oldest = { fireTime: '2026-10-01T00:00:00.000Z', job: 'report', id: 'r1', state: 'failed' }
  const preview = { preview: true, runs: 100_000, spared: 0, done: false, oldest, newest: { ...oldest, id: 'r2' } }
  const { exit, out, calls } = await run('run prune --before 30d --preview', preview)
  expect([exit, calls.length, calls[0]?.url.includes('preview=true')]).toEqual([0, 1, true])
  expect(out).toContain('100000 and more')
  expect(out).toContain('r1')
  expect(out).toContain('r2')
  expect(out).not.toContain('kept by')
  const kept = await run('run prune --before 30d --preview', { ...preview, keptBy: ['archive', 'reports'] })
  expect(kept.out).toMatch(/kept by +archive, reports: lists go on showing what sinks have; only you remove it there/)
})

test('run prune ends with a fault when nothing more can go', async () => {
  const { exit, err } = await run('run prune --job a', { preview: false, runs: 0, spared: 5000, done: false })
  expect(exit).toBe(1)
  expect(err).toContain('needed or in use')
})

test('job versions shows who changed what; --show prints a definition that apply takes', async () => {
  const changes = [
    { pointer: '/timeout', from: '1m', to: '2m' },
    { pointer: '/labels/a', to: 'b' },
    { pointer: '/params', large: true },
  ]
  const items = [{ version: 2, at: '2026-11-20T14:00:00.000Z', by: 'token:ci', changes }]
  const { out } = await run('job versions report', { items })
  expect(out).toContain('/timeout: "1m" → "2m"; /labels/a: (none) → "b"; /params (long)')
  expect(out).toContain('token:ci')
  const shown = await run('job versions report --show 1', {
    ...items[0],
    definition: { name: 'report', timeout: '1m' },
  })
  expect(shown.calls[0]?.url).toMatch(/jobs\/report\/versions\/1$/)
  expect(shown.out).toBe('name: report\ntimeout: 1m\n')
})

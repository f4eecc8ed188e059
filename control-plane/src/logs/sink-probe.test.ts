import { expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { SinkTarget } from './row.ts'
import { SinkFault, type SinkFaultCode } from './sink-fault.ts'
import { probeSink } from './sink-probe.ts'

const connection = {
  kind: 'mysql',
  host: 'h',
  port: 1,
  user: 'u',
  database: 'd',
  tls: 'verify',
  tablePrefix: '',
} as const

function target(prepare: () => Promise<void>) {
  const seen = { closed: 0 }
  const open = () => ({ prepare, close: () => Promise.resolve(void (seen.closed += 1)) }) as unknown as SinkTarget
  return { seen, open }
}

test('all steps pass, and the connection is closed', async () => {
  const { seen, open } = target(() => Promise.resolve())
  const found = await probeSink(new StillClock(), connection, open)
  expect(found.ok).toBe(true)
  expect(found.steps.map(({ step }) => step)).toEqual(['connect', 'tls', 'login', 'database', 'tables', 'write'])
  expect((await probeSink(new StillClock(), { ...connection, tls: 'off' }, open)).steps).toHaveLength(5)
  expect(seen.closed).toBe(2)
})

test.each<[SinkFaultCode, string, number]>([
  ['unreachable', 'connect', 1],
  ['tls', 'tls', 2],
  ['access-denied', 'login', 3],
  ['no-database', 'database', 4],
  ['not-allowed', 'tables', 5],
  ['other-cluster', 'tables', 5],
  ['read-only', 'write', 6],
])('%s ends it at the step %s, with what to do', async (code, step, steps) => {
  const { seen, open } = target(() => Promise.reject(new SinkFault(code, 'so it is')))
  const found = await probeSink(new StillClock(), connection, open)
  expect([found.ok, found.steps.length, seen.closed]).toEqual([false, steps, 1])
  expect(found.steps.at(-1)).toMatchObject({
    step,
    ok: false,
    detail: 'so it is',
    nextStep: expect.stringMatching(/./) as string,
  })
  expect(found.steps.slice(0, -1).every(({ ok }) => ok)).toBe(true)
})

test('one that hangs is given up after 10 s', async () => {
  const clock = new StillClock()
  const found = probeSink(clock, connection, target(() => new Promise(() => undefined)).open)
  await clock.pass(10_000)
  expect(await found).toMatchObject({
    ok: false,
    steps: [{ step: 'connect', detail: 'it took longer than 10 s' }],
    tookMs: 10_000,
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JOB_LIMITS, JOB_RULES } from './defaults.ts'
import { describeJob, resolveJob } from './definition.ts'
import type { JobSpec, ScheduleSpec, Target } from './job.ts'

const target = { kind: 'handler', service: 'billing', handler: 'nightly-report' } as const

function faultsOf(definition: unknown): Record<string, string> {
  const resolved = resolveJob(definition)
  return resolved.ok ? {} : Object.fromEntries(resolved.faults.map(({ pointer, detail }) => [pointer, detail]))
}

test('a definition that names only its target gets every default', () => {
  expect(resolveJob({ target })).toEqual({
    ok: true,
    spec: {
      description: '',
      labels: {},
      schedules: [],
      target,
      params: {},
      misfire: { policy: 'run-once', thresholdMs: 600_000, max: 100 },
      overlap: 'skip',
      maxConcurrentRuns: 0,
      queueMax: 10,
      queueTtlMs: 600_000,
      whenFull: 'queue',
      priority: 50,
      routing: { strategy: 'round-robin', labels: {} },
      retry: { max: 0, delayMs: 1000, backoff: 'exponential', maxDelayMs: 300_000, jitter: 0 },
      failover: true,
      timeoutMs: 60_000,
      runTimeoutMs: 86_400_000,
      onUncertain: 'redispatch',
      placement: 'partial',
      children: [],
      notify: [],
      pauseAfterFailures: 0,
    } satisfies JobSpec,
  })
})

test('name and state of the job are handed back beside the specification', () => {
  expect(resolveJob({ name: 'report', paused: true, target })).toMatchObject({ ok: true, name: 'report', paused: true })
})

test('a schedule without id is named by its position, and without zone is in UTC', () => {
  expect(
    resolveJob({ target, schedules: [{ every: '90s' }, { cron: '0 9 * * 1-5', zone: 'Asia/Shanghai' }] }),
  ).toMatchObject({
    spec: {
      schedules: [
        { id: '0', everyMs: 90_000, zone: 'UTC', gap: 'next', fold: 'first', jitterMs: 0 },
        { id: '1', cron: '0 9 * * 1-5', zone: 'Asia/Shanghai' },
      ],
    },
  })
})

test('all faults are reported at once, each with its pointer', () => {
  expect(
    faultsOf({
      name: 'two words',
      target: { kind: 'handler', service: 'billing' },
      schedules: [{ cron: '60 * * * *' }, { every: '500ms' }, { cron: '* * * * *', zone: 'Mars/Olympus' }],
      retris: { max: 1 },
      retry: { max: 101, dely: '1s' },
      priority: 1.5,
      timeout: '0s',
    }),
  ).toEqual({
    '/name': expect.stringContaining('is not a name'),
    '/target/handler': 'is needed',
    '/schedules/0/cron': expect.stringContaining('60'),
    '/schedules/1/every': '500ms is outside 1s to 3652d',
    '/schedules/2/zone': '"Mars/Olympus" is not an IANA time zone',
    '/retris': 'unknown, did you mean retry?',
    '/retry/max': '101 is outside 0 to 100',
    '/retry/dely': 'unknown, did you mean delay?',
    '/priority': 'is not a whole number',
    '/timeout': '0ms is outside 1ms to 24d',
  })
})

test('a child is named once for each moment', () => {
  const children = [{ job: 'a' }, { job: 'a', on: 'failure' }, { job: 'a', on: 'success' }]
  expect(faultsOf({ target, children })).toEqual({ '/children/2': 'names a for success a second time' })
})

describe('what is refused, and where', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) })
  const cases: [name: string, change: object, pointer: string][] = [
    ['two kinds in one schedule', { schedules: [{ every: '1m', at: '2030-01-01T00:00:00Z' }] }, '/schedules/0/at'],
    [
      'two schedules of one id',
      {
        schedules: [
          { id: 'a', every: '1m' },
          { id: 'a', every: '2m' },
        ],
      },
      '/schedules/1/id',
    ],
    [
      'too many schedules',
      { schedules: Array.from({ length: JOB_LIMITS.schedules + 1 }, () => ({ every: '1m' })) },
      '/schedules',
    ],
    ['a schedule that is no object', { schedules: [null] }, '/schedules/0'],
    ['a time that does not exist', { schedules: [{ at: '2030-02-30T00:00:00Z' }] }, '/schedules/0/at'],
    ['a time without offset', { schedules: [{ at: '2030-02-20T00:00:00' }] }, '/schedules/0/at'],
    [
      'an end before the start',
      { schedules: [{ every: '1m', startAt: '2030-01-02T00:00:00Z', endAt: '2030-01-01T00:00:00Z' }] },
      '/schedules/0/endAt',
    ],
    ['a cron with four fields', { schedules: [{ cron: '* * * *' }] }, '/schedules/0/cron'],
    ['no target', { target: undefined }, '/target'],
    ['a target of no kind', { target: {} }, '/target/kind'],
    ['a target with path and url', { target: { kind: 'http', path: '/a', url: 'http://a/' } }, '/target'],
    [
      'a header that is ours',
      { target: { kind: 'http', url: 'http://a/', headers: { 'Webhook-Id': '1' } } },
      '/target/headers/Webhook-Id',
    ],
    ['a placeholder in the host', { target: { kind: 'http', url: 'http://{{params.h}}/' } }, '/target/url'],
    ['a field of the other target', { target: { ...target, url: 'http://a/' } }, '/target/url'],
    ['params that are a list', { params: [] }, '/params'],
    ['params too large', { params: { a: 'x'.repeat(JOB_LIMITS.paramsBytes) } }, '/params'],
    ['params too deep', { params: { a: deep(JOB_LIMITS.paramsDepth) } }, '/params'],
    ['params that would set a prototype', { params: JSON.parse('{"a":{"__proto__":{}}}') }, '/params'],
    ['a label with a bad name', { labels: { 'a b': '1' } }, '/labels/a b'],
    ['a label with a slash in its bad name', { labels: { '/a': '1' } }, '/labels/~1a'],
    ['a label that is a number', { labels: { a: 1 } }, '/labels/a'],
    ['a run timeout below the timeout', { timeout: '2h', runTimeout: '1h' }, '/runTimeout'],
    ['a delay above its maximum', { retry: { delay: '10m' } }, '/retry/maxDelay'],
    ['a duration as a number', { timeout: 60 }, '/timeout'],
    ['an unknown strategy', { routing: { strategy: 'fastest' } }, '/routing/strategy'],
    ['misfire that is a text', { misfire: 'skip' }, '/misfire'],
  ]
  test.each(cases)('%s', (_, change, pointer) => {
    expect(Object.keys(faultsOf({ target, ...change }))).toEqual([pointer])
  })

  test.each([[null], [[]], ['job'], [7], [undefined]])('%j is no definition', (definition) => {
    expect(faultsOf(definition)).toMatchObject({ '': 'is not an object' })
  })
})

test('the largest and the deepest parameters that are allowed pass', () => {
  let deepest: unknown = 1
  for (let level = 1; level < JOB_LIMITS.paramsDepth; level++) deepest = { a: deepest }
  expect(faultsOf({ target, params: deepest })).toEqual({})
  expect(faultsOf({ target, params: { a: 'x'.repeat(JOB_LIMITS.paramsBytes - '{"a":""}'.length) } })).toEqual({})
})

test('resolving what a specification is described as gives the specification again', () => {
  fc.assert(
    fc.property(specs(), fc.boolean(), (spec, paused) => {
      const definition: unknown = JSON.parse(JSON.stringify(describeJob(spec, { name: 'a', paused })))
      expect(resolveJob(definition)).toEqual({ ok: true, spec, name: 'a', paused })
    }),
    { numRuns: 300 },
  )
})

test('no definition, however odd, makes it throw', () => {
  const oddities = fc.oneof(fc.jsonValue(), fc.constant('1m'), fc.constant(-1), fc.constant('* * * * *'))
  const fields = Object.keys(describeJob(fc.sample(specs(), 1)[0] as JobSpec))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...fields, 'x'), oddities), (definition) => {
      const resolved = resolveJob(definition)
      expect(resolved.ok || resolved.faults.length > 0).toBe(true)
    }),
  )
})

function specs(): fc.Arbitrary<JobSpec> {
  const within = ({ min, max }: { min: number; max: number }) => fc.integer({ min, max })
  const { misfire, retry } = JOB_RULES
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/)
  const labels = fc.dictionary(name, fc.string({ maxLength: 20 }), { maxKeys: 3 })
  return fc
    .record({
      description: fc.string({ maxLength: 50 }),
      labels,
      schedules: fc.uniqueArray(schedules(name), { maxLength: 4, selector: ({ id }) => id }),
      target: targets(name),
      params: fc
        .dictionary(name, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
        // A name that is refused, see above.
        .filter((params) => !JSON.stringify(params).includes('"__proto__":')) as fc.Arbitrary<JobSpec['params']>,
      misfire: fc.record({
        policy: fc.constantFrom('run-once', 'skip', 'run-all'),
        thresholdMs: within(misfire.thresholdMs),
        max: within(misfire.max),
      }),
      overlap: fc.constantFrom('skip', 'allow', 'queue', 'cancel-running'),
      maxConcurrentRuns: within(JOB_RULES.maxConcurrentRuns),
      queueMax: within(JOB_RULES.queueMax),
      queueTtlMs: within(JOB_RULES.queueTtlMs),
      whenFull: fc.constantFrom('queue', 'fail'),
      priority: within(JOB_RULES.priority),
      routing: fc.record({ strategy: fc.constantFrom('round-robin', 'random', 'least-loaded'), labels }),
      retry: fc.record({
        max: within(retry.max),
        delayMs: fc.integer({ min: 0, max: 1000 }),
        backoff: fc.constantFrom('fixed', 'exponential'),
        maxDelayMs: fc.integer({ min: 1000, max: retry.maxDelayMs.max }),
        jitter: fc.constantFrom(0, 0.1, 0.5, 1),
      }),
      failover: fc.boolean(),
      timeoutMs: fc.integer({ min: 1, max: 3_600_000 }),
      runTimeoutMs: fc.integer({ min: 3_600_000, max: JOB_RULES.runTimeoutMs.max }),
      onUncertain: fc.constantFrom('redispatch', 'fail'),
      placement: fc.constantFrom('partial', 'all'),
      children: fc.uniqueArray(fc.record({ job: name, on: fc.constantFrom('success', 'failure', 'completion') }), {
        selector: ({ job, on }) => `${job}/${on}`,
        maxLength: 3,
      }),
      notify: fc.subarray(['skipped', 'no-slot', 'expired']),
      pauseAfterFailures: within(JOB_RULES.pauseAfterFailures),
    })
    .map((spec) => ({ ...spec, notify: spec.target.service === undefined ? [] : spec.notify }))
    .map((spec) => JSON.parse(JSON.stringify(spec)) as JobSpec)
}

function schedules(name: fc.Arbitrary<string>): fc.Arbitrary<ScheduleSpec> {
  const interval = fc.integer({ min: 1000, max: 10_000_000 })
  const rule = fc.oneof(
    fc.record({ cron: fc.constantFrom('* * * * *', '*/10 0 9 ? * 6L', '@daily') }),
    fc.record({ cron: fc.constant('0 9 ? * 2'), quartzWeekdays: fc.constant(true as const) }),
    fc.record({ everyMs: interval }),
    fc.record({ afterMs: interval }),
    fc.record({ at: fc.integer({ min: 0, max: 4_000_000_000_000 }) }),
    fc.constant({}),
  )
  const common = fc.record(
    {
      id: name,
      zone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York'),
      gap: fc.constantFrom('next', 'skip'),
      fold: fc.constantFrom('first', 'last', 'both'),
      jitterMs: fc.integer({ min: 0, max: 100_000 }),
      startAt: fc.integer({ min: 0, max: 1_000_000_000_000 }),
      endAt: fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }),
      maxFires: fc.integer({ min: 1, max: 1000 }),
    },
    { requiredKeys: ['id', 'zone', 'gap', 'fold', 'jitterMs'] },
  )
  return fc.tuple(common, rule).map(([common, rule]) => ({ ...common, ...rule }))
}

function targets(name: fc.Arbitrary<string>): fc.Arbitrary<Target> {
  const http = {
    kind: fc.constant('http' as const),
    async: fc.boolean(),
    acceptStatuses: fc.subarray([200, 202, 409]),
    query: fc.dictionary(name, fc.constantFrom('1', '{{params.x}}'), { maxKeys: 2 }),
    headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('1', '{{runId}}'), { maxKeys: 2 }),
    successStatuses: fc.array(fc.integer({ min: 100, max: 599 }), { maxLength: 3 }),
    redirectMax: fc.integer({ min: 0, max: 5 }),
  }
  return fc.oneof(
    fc.record({ kind: fc.constant('handler' as const), service: name, handler: name }),
    fc.record({ ...http, method: fc.constantFrom('GET', 'POST'), service: name, path: fc.constant('/a/{{params.x}}') }),
    fc.record({
      ...http,
      method: fc.constantFrom('POST', 'PUT'),
      url: fc.constant('https://example.com/a?b=1'),
      body: fc.constant('{"a":"{{runId}}"}'),
      expect: fc.record({ field: fc.constant('data.ok'), equals: fc.constantFrom(true, 1, 'yes', null) }),
    }),
  )
}

import type { JobDefinition } from '@cronclave/openapi'
import { createHash } from 'node:crypto'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { manifestHash as hashOfControlPlane } from '../../control-plane/src/manifests/manifest-hash.ts'
import { readManifest } from '../../control-plane/src/manifests/read-manifest.ts'
import { describeJob } from './describe-job.ts'
import { createExecutor } from './executor.ts'
import type { KeptJobOptions, Schedule } from './job-options.ts'
import { manifestHash } from './manifest.ts'
import { callExecutor, envelope, SECRET, VirtualClock } from './test-kit.ts'

describe('the job that the options of a handler ask for', () => {
  test.each<[KeptJobOptions, object]>([
    [{ schedule: '0 23 * * *' }, { schedules: [{ cron: '0 23 * * *' }] }],
    [{ schedules: [] }, { schedules: [] }],
    [
      { schedule: { every: 90_000, jitter: 500 }, schedules: ['@daily'] },
      { schedules: [{ every: '90000ms', jitter: '500ms' }, { cron: '@daily' }] },
    ],
    [{ schedule: { at: new Date(0) } }, { schedules: [{ at: '1970-01-01T00:00:00.000Z' }] }],
    [{ shards: 4 }, { sharding: { count: 4 }, routing: { strategy: 'sharded' } }],
    [
      { shards: ['a', 'b'], routing: { labels: { zone: 'x' } } },
      { sharding: { items: ['a', 'b'] }, routing: { strategy: 'sharded', labels: { zone: 'x' } } },
    ],
    [{ retry: 3 }, { retry: { max: 3 } }],
    [{ retry: { max: 3, delay: 5000, jitter: 0.5 } }, { retry: { max: 3, delay: '5000ms', jitter: 0.5 } }],
    [
      { timeout: '5m', runTimeout: 60_000 },
      { timeout: '5m', runTimeout: '60000ms' },
    ],
    [{ misfire: 'skip' }, { misfire: { policy: 'skip' } }],
    [{ misfire: { threshold: 1000 } }, { misfire: { threshold: '1000ms' } }],
    [{ children: ['a', { job: 'b', on: 'failure' }] }, { children: [{ job: 'a' }, { job: 'b', on: 'failure' }] }],
    [
      { jobName: 'nightly', routing: 'random' },
      { name: 'nightly', routing: { strategy: 'random' } },
    ],
    [{ defaultParams: { timeout: 5, at: 'x' } }, { params: { timeout: 5, at: 'x' } }],
  ])('%j', (options, job) => {
    expect(describeJob(options)).toEqual(job)
  })

  test('there is none while nothing asks for one', () => {
    expect(describeJob({ description: 'x', params: {}, schedule: undefined })).toBeUndefined()
  })

  test('what is not known here is left for the control plane to refuse', () => {
    expect(describeJob({ retris: 3 } as KeptJobOptions)).toEqual({ retris: 3 })
  })

  test('options have the types of the contract', () => {
    expectTypeOf<NonNullable<KeptJobOptions['overlap']>>().toEqualTypeOf<NonNullable<JobDefinition['overlap']>>()
    expectTypeOf<NonNullable<KeptJobOptions['whenFull']>>().toEqualTypeOf<NonNullable<JobDefinition['whenFull']>>()
    expectTypeOf<NonNullable<KeptJobOptions['placement']>>().toEqualTypeOf<NonNullable<JobDefinition['placement']>>()
    expectTypeOf<NonNullable<KeptJobOptions['onUncertain']>>().toEqualTypeOf<
      NonNullable<JobDefinition['onUncertain']>
    >()
    type Strategy = NonNullable<NonNullable<JobDefinition['routing']>['strategy']>
    expectTypeOf<Extract<KeptJobOptions['routing'], string>>().toEqualTypeOf<Strategy>()
    type Policy = NonNullable<NonNullable<JobDefinition['misfire']>['policy']>
    expectTypeOf<Extract<KeptJobOptions['misfire'], string>>().toEqualTypeOf<Policy>()
    type Rule = NonNullable<JobDefinition['schedules']>[number]
    expectTypeOf<keyof Schedule>().toEqualTypeOf<keyof Rule>()
  })
})

const code = () =>
  createExecutor({ service: 'billing', secret: SECRET, revision: 'v7', revisionOrder: 7, clock: new VirtualClock() })
    .job('plain', () => 1)
    .job('nightly', { description: 'Ü', schedule: { cron: '0 3 * * *', zone: 'Asia/Shanghai' }, retry: 2 }, () => 2)

describe('the manifest of an executor', () => {
  test('names its program, its handlers and their jobs, and the control plane takes it', async () => {
    const manifest = await code().manifest()
    expect(manifest).toEqual({
      namespace: 'default',
      service: 'billing',
      revision: 'v7',
      revisionOrder: 7,
      handlers: [
        { name: 'plain' },
        {
          name: 'nightly',
          description: 'Ü',
          job: { schedules: [{ cron: '0 3 * * *', zone: 'Asia/Shanghai' }], retry: { max: 2 } },
        },
      ],
    })
    const read = readManifest(JSON.parse(JSON.stringify(manifest)), { namespace: 'default', service: 'billing' })
    expect(read.faults).toEqual([])
    expect(read.jobs).toMatchObject([{ name: 'nightly', handler: 'nightly', spec: { description: 'Ü' } }])
  })

  test('has the same hash on both sides, that of its canonical JSON', async () => {
    const manifest = await code().manifest()
    const canonical =
      '{"handlers":[{"name":"plain"},{"description":"Ü","job":{"retry":{"max":2},"schedules":[{"cron":"0 3 * * *",' +
      '"zone":"Asia/Shanghai"}]},"name":"nightly"}],"revision":"v7","revisionOrder":7}'
    const hash = createHash('sha256').update(canonical).digest('hex')
    expect(await manifestHash(manifest)).toBe(hash)
    expect(hashOfControlPlane(JSON.parse(JSON.stringify(manifest)) as typeof manifest)).toBe(hash)
  })

  test('is what it answers when it is asked with manifest.get', async () => {
    const { json } = await callExecutor(code(), envelope('manifest.get', {}), { id: 'm' })
    expect(json).toMatchObject({ type: 'manifest', data: await code().manifest() })
  })
})

import { expectTypeOf, test } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { JsonObject } from './json.ts'
import type { StandardSchema } from './schema.ts'
import { SECRET } from './test-kit.ts'

declare const region: StandardSchema<{ region?: string }, { region: string }>

test('parameters and results are inferred along the chain, and a name that is taken does not compile', () => {
  const build = () =>
    createExecutor({ service: 'billing', secret: SECRET })
      .job('plain', ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<JsonObject>()
        return 1
      })
      .job('typed', { params: region }, ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<{ region: string }>()
        return Promise.resolve({ rows: 2 })
      })
  type Jobs = ReturnType<typeof build> extends Executor<infer Found> ? Found : never
  expectTypeOf<Jobs['plain']>().toEqualTypeOf<{ params: JsonObject; result: number }>()
  expectTypeOf<Jobs['typed']>().toEqualTypeOf<{ params: { region: string }; result: { rows: number } }>()
  // @ts-expect-error -- the name is taken
  expectTypeOf(() => build().job('plain', () => 2)).toBeFunction()
  const { CRONCLAVE_EXECUTOR: id, CRONCLAVE_NAMESPACE: namespace } = process.env
  expectTypeOf({ service: 'billing', secret: SECRET, id, namespace }).toExtend<ExecutorOptions>()
  // @ts-expect-error -- minutes are written m
  expectTypeOf(() => build().drain({ timeout: '10 minutes' })).toBeFunction()
})

test('a handler with a schedule takes any JSON object, or what its schema makes of one', () => {
  const executor = () => createExecutor({ service: 'billing', secret: SECRET })
  const build = () =>
    executor()
      .job('nightly', { schedule: '@daily', retry: 3 }, ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<JsonObject>()
        return 1
      })
      .job('typed', { schedules: [{ every: '15m' }], shards: ['a'], params: region }, ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<{ region: string }>()
        return 2
      })
  type Jobs = ReturnType<typeof build> extends Executor<infer Found> ? Found : never
  expectTypeOf<Jobs['nightly']>().toEqualTypeOf<{ params: JsonObject; result: number }>()
  // @ts-expect-error -- there is no such policy
  expectTypeOf(() => executor().job('x', { overlap: 'never' }, () => 1)).toBeFunction()
  // @ts-expect-error -- people decide this
  expectTypeOf(() => executor().job('x', { priority: 5 }, () => 1)).toBeFunction()
})

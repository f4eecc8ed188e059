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

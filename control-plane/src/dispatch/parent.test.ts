import { afterEach, describe, expect, test } from 'vitest'
import type { EndedAttempt, EndedRun } from '../runs/run.ts'
import { answer, benchWith, bodyOf, closeAll, httpTarget } from './fixtures.ts'
import { readParent } from './parent.ts'

const handler = { kind: 'handler', service: 'billing', handler: 'report' } as const
const CHILD = { cause: 'child' as const, parent: { run: 'p1', moment: 'success' as const } }

afterEach(closeAll)

describe('S044 a run that another one started', () => {
  test('is told of its parent in the signed body', async () => {
    const seen: unknown[] = []
    const bench = await benchWith(
      (request, response) => {
        request.on('data', (chunk: Buffer) => seen.push((JSON.parse(String(chunk)) as { data: object }).data))
        void answer(request, response)
      },
      { parentOf: (run) => Promise.resolve({ runId: run, result: { rows: [1, 2] } }) },
    )
    await bench.end(bench.start(handler, 'e1', { run: CHILD }))
    await bench.end(bench.start(handler, 'e1'))
    expect(seen).toMatchObject([
      { parent: { runId: 'p1', result: { rows: [1, 2] } }, trigger: 'child' },
      { parent: null },
    ])
  })

  test('may put it into templates; where there is no parent they are empty', async () => {
    const seen: string[] = []
    const bench = await benchWith(
      (request, response) => {
        void bodyOf(request).then((body) => {
          seen.push(`${request.url} ${body}`)
          response.end()
        })
      },
      { parentOf: (run) => Promise.resolve({ runId: run, result: { id: 'a b', n: 7 } }) },
    )
    const body = '{"from":"{{parent.runId}}","all":{{parent.result}},"n":{{parent.result.n}}}'
    const target = httpTarget({ service: 'billing', path: '/x?id={{parent.result.id}}', method: 'POST', body })
    await bench.end(bench.start(target, 'e1', { run: CHILD }))
    await bench.end(bench.start(target, 'e1'))
    expect(seen).toEqual([
      '/run/x?id=a%20b {"from":"p1","all":{"id":"a b","n":7},"n":7}',
      '/run/x?id= {"from":"","all":null,"n":null}',
    ])
  })

  test('is not sent when its parent gave no such field', async () => {
    const bench = await benchWith((_, response) => response.end(), {
      parentOf: (run) => Promise.resolve({ runId: run, result: {} }),
    })
    const target = httpTarget({ service: 'billing', path: '/{{parent.result.id}}' })
    expect(await bench.end(bench.start(target, 'e1', { run: CHILD }))).toMatchObject({
      outcome: 'failed',
      retryable: false,
      error: { code: 'template-unresolved' },
    })
  })

  test('goes elsewhere when the result cannot be read here', async () => {
    const bench = await benchWith((_, response) => response.end(), {
      parentOf: () => Promise.reject(new Error('disk')),
    })
    expect(await bench.end(bench.start(handler, 'e1', { run: CHILD }))).toMatchObject({
      outcome: 'refused',
      retryable: true,
      error: { code: 'parent-unreadable' },
    })
  })
})

describe('what a parent gave back', () => {
  const row = (more: Partial<EndedRun>) => ({ run: () => Promise.resolve(more as EndedRun) })
  const attempts = (...list: Partial<EndedAttempt>[]) => ({ attempts: () => Promise.resolve(list as EndedAttempt[]) })

  test('is its result, or null', async () => {
    expect(await readParent({ ...row({ result: 5 }), ...attempts() }, 'p')).toEqual({ runId: 'p', result: 5 })
    expect(await readParent({ ...row({}), ...attempts() }, 'p')).toEqual({ runId: 'p', result: null })
    const none = { run: () => Promise.resolve(undefined), ...attempts() }
    expect(await readParent(none, 'p')).toEqual({ runId: 'p', result: null })
  })

  test('is the list of the results of its parts, each from the attempt that succeeded, while that is not too much', async () => {
    const end = (index: number) => ({ index, outcome: 'succeeded' as const, attempts: 1 })
    const parts = row({ shardEnds: [end(0), end(1), end(2)] })
    const list = attempts(
      { shard: 0, outcome: 'failed', result: 'no' },
      { shard: 0, outcome: 'succeeded', result: 'a' },
      { shard: 2, outcome: 'succeeded', result: { n: 1 } },
    )
    expect((await readParent({ ...parts, ...list }, 'p')).result).toEqual(['a', null, { n: 1 }])
    const large = attempts({ shard: 0, outcome: 'succeeded', result: 'x'.repeat(70_000) })
    expect((await readParent({ ...parts, ...large }, 'p')).result).toBe(null)
  })
})

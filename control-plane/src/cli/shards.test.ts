import { expect, test } from 'vitest'
import { type Answer, reply, run } from './run.test-helper.ts'

test('run shards lists the parts in the states that are asked for, page by page', async () => {
  const asked: string[] = []
  const page: Answer = (call) => {
    const url = new URL(call.url)
    asked.push(`${url.pathname}${url.search}`)
    if (url.searchParams.has('cursor')) {
      return reply({ items: [{ index: 7, state: 'failed', attempts: 0, bound: 'b2' }] })
    }
    const items = ['1', '2', '3', '4', '5', '6', '7']
    const error = { code: 'boom', message: 'no disk' }
    const first = { index: 2, state: 'failed', attempts: 3, executor: 'b1', items, error }
    return reply({ items: [first], nextCursor: 'x' })
  }
  const { exit, out } = await run('run shards r1 --state failed,waiting', { answer: page })
  expect(exit).toBe(0)
  expect(asked).toEqual([
    '/v1/namespaces/default/runs/r1/shards?state=failed&state=waiting&limit=50',
    '/v1/namespaces/default/runs/r1/shards?state=failed&state=waiting&limit=49&cursor=x',
  ])
  expect(out).toMatch(/2\s+failed\s+b1\s+3\s+1 2 3 4 5 and 2 more\s+no disk/)
  expect(out).toMatch(/7\s+failed\s+b2\s+0/)
})

import { expect, test } from 'vitest'
import { summarise } from '../store/state-summary.ts'
import { createBench } from './fixtures.ts'

async function answerOf(bench: ReturnType<typeof createBench>, token: string): Promise<Response> {
  const headers = { host: 'localhost', authorization: `Bearer ${token}` }
  return bench.app.request('http://localhost/v1/cluster/snapshot', { headers })
}

test('an administrator is streamed the whole state, which says whose it is and where it stands', async () => {
  const bench = createBench()
  const answer = await answerOf(bench, bench.token('admin'))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/octet-stream')
  const summary = await summarise(answer.body as unknown as AsyncIterable<Uint8Array>)
  expect(summary).toMatchObject({ header: { cluster: 'c1', tzdata: '2026b' }, namespaces: 2 })
})

test('nobody else is', async () => {
  const bench = createBench()
  expect((await answerOf(bench, bench.token('read'))).status).toBe(403)
})

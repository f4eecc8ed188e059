import { expect, test } from 'vitest'
import { summarise } from '../store/state-summary.ts'
import { createBench } from './fixtures.ts'
import type { Call } from './handlers.ts'
import { snapshotHandlers } from './snapshot.ts'

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

test.each([
  ['that asks for the headers only', 'HEAD', new AbortController().signal],
  ['whose caller has gone before it began', 'GET', AbortSignal.abort()],
])('a request %s holds on to no state', async (_, method, signal) => {
  let closed = 0
  const position = { index: 7, term: 1 }
  const chunks = (async function* () {})()
  const close = async () => Promise.resolve(void closed++)
  const header = { ...position, format: 1, cluster: 'c1', clusterVersion: 1, tzdata: '' }
  const exportState = async () => Promise.resolve({ position, header, chunks, close })
  const call = { request: { method, signal: () => signal } } as unknown as Call<'getClusterSnapshot'>
  const { response } = (await snapshotHandlers({ exportState }).getClusterSnapshot(call)) as { response: Response }
  expect([response.headers.get('x-cronclave-index'), await response.text(), closed]).toEqual(['7', '', 1])
})

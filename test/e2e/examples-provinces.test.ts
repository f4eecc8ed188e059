import { readFileSync } from 'node:fs'
import type { Attempt, Executor, TokenCreated } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { start } from '../../examples/provinces/main.ts'
import { eventually, HOME, newSecret, runIn, serve, temporaryFolder, trigger } from './harness.ts'

const EXECUTORS = `${HOME}/services/reconciliation/executors`
const file = new URL('../../examples/provinces/job.yaml', import.meta.url)
const { name: JOB, ...definition } = parse(readFileSync(file, 'utf8')) as { name: string }

test('S063 the books of ten provinces are divided among three executors as gojob does, and among two when one has left', async () => {
  const server = await serve(temporaryFolder())
  const secret = newSecret()
  await server.call('POST', `${HOME}/services`, { name: 'reconciliation', secret })
  const scope = 'service:default/reconciliation'
  const { secret: token } = await server.call<TokenCreated>('POST', '/v1/tokens', { name: 'books', scope })
  const ids = ['books-1', 'books-2', 'books-3']
  const options = { port: 0, secret, token, controlPlane: server.url }
  const started = await Promise.all(ids.map((id) => start({ ...options, id })))
  const close = () => Promise.all(started.splice(0).map((one) => one.close()))
  onTestFinished(async () => void (await close()))
  const online = (count: number) =>
    eventually(`${count} are online`, async () => {
      const { items } = await server.call<{ items: Executor[] }>('GET', EXECUTORS)
      return items.filter(({ status }) => status === 'online').length === count
    })
  await online(3)
  await server.call('PUT', `${HOME}/jobs/${JOB}`, definition)

  const { id } = await runIn(server, (await trigger(server, JOB)).id, 'succeeded', 'failed')
  const attempt = async (shard: number) => {
    const page = await server.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${id}/attempts?shard=${shard}`)
    return page.items[0] as Attempt
  }
  const parts = await Promise.all([0, 1, 2].map(attempt))
  expect(parts.map(({ executor, result }) => [executor, Object.keys(result as object)])).toEqual([
    ['books-1', ['tianjin', 'shanghai', 'chongqing', 'anhui']],
    ['books-2', ['hebei', 'shanxi', 'liaoning']],
    ['books-3', ['jilin', 'jiangsu', 'zhejiang']],
  ])
  const found = Object.assign({}, ...parts.map(({ result }) => result as object)) as Record<string, string[]>
  const wrong = Object.entries(found).filter(([, orders]) => orders.length > 0)
  expect(wrong.map(([province, [order]]) => [province, order?.split('-').at(-1)])).toEqual([
    ['chongqing', '17'],
    ['anhui', '108'],
  ])

  await started.pop()?.close()
  await online(2)
  const next = await runIn(server, (await trigger(server, JOB)).id, 'succeeded', 'failed')
  expect(next).toMatchObject({ state: 'succeeded', shardCounts: { total: 2, succeeded: 2 } })
  await close()
})

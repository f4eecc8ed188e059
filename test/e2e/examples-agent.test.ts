import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TokenCreated } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { Child } from '../support/child.ts'
import { HOME, newSecret, runIn, serve, temporaryFolder, trigger } from './harness.ts'

const BIN = 'control-plane/bin/cronclave.cjs'

test('the agent of the warehouse counts stock by HTTP, and looks at its own disk', async () => {
  const folder = temporaryFolder()
  const server = await serve(join(folder, 'server'))
  const secret = newSecret()
  await server.call('POST', `${HOME}/services`, { name: 'warehouse', secret })
  const key = { name: 'warehouse', scope: 'service:default/warehouse' }
  const token = (await server.call<TokenCreated>('POST', '/v1/tokens', key)).secret
  const admin = { CRONCLAVE_ENDPOINT: server.url, CRONCLAVE_TOKEN: server.token }
  const applied = await new Child([BIN, 'job', 'apply', '-f', 'examples/agent/jobs.yaml'], admin).ended
  expect(applied.said).toMatch(/stock-count +created[^]*warehouse-disk +created/)

  const stock = createServer((_, res) => res.setHeader('content-type', 'application/json').end('{"counted":417}'))
  await once(stock.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void stock.close())
  const words = ['agent', '--service', 'warehouse', '--allow-loopback', '--data-folder', join(folder, 'agent')]
  const env = { CRONCLAVE_ENDPOINT: server.url, CRONCLAVE_TOKEN: token, CRONCLAVE_SECRET: secret }
  const agent = new Child([BIN, ...words, '--plugin', 'examples/agent/disk-space.mjs'], env)
  onTestFinished(async () => void (await agent.stop('SIGKILL')))
  await agent.says(/^Plugins {4}rest, disk-space$/m)

  const url = `http://127.0.0.1:${(stock.address() as AddressInfo).port}/count`
  const counting = await trigger(server, 'stock-count', { method: 'POST', url, json: { shelves: 'all' } })
  expect(await runIn(server, counting.id, 'succeeded')).toMatchObject({ result: { body: { counted: 417 } } })
  const looking = await trigger(server, 'warehouse-disk', { path: folder, minFreePercent: 0 })
  expect(await runIn(server, looking.id, 'succeeded')).toMatchObject({ result: { path: folder } })
  const lost = await trigger(server, 'warehouse-disk', { path: join(folder, 'nowhere') })
  expect(await runIn(server, lost.id, 'failed')).toMatchObject({ error: { code: 'no-such-folder' } })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Job, Problem, Run, ServiceManifest, TokenCreated } from '@cronclave/openapi'
import { createExecutor, type StandardSchema } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, HOME, newSecret, serve, type Server, temporaryFolder } from './harness.ts'

const SERVICE = `${HOME}/services/billing`
const target = { kind: 'handler', service: 'billing', handler: 'report' }
const secret = newSecret()
let token: string

/** A program whose handler takes what the schema says; it registers, and leaves when the test is over. */
async function deploy(server: Server, revision: string, params: StandardSchema): Promise<void> {
  const options = { service: 'billing', secret, revision, logger: false, controlPlane: server.url } as const
  const executor = createExecutor(options).job('report', { params }, (ctx) => ctx.params as never)
  const http = createServer(node(executor)).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const started = await executor.start({ url: `http://127.0.0.1:${port}/`, token })
  onTestFinished(async () => {
    await started.stop({ drain: 0 })
    http.close()
  })
  await eventually(`revision ${revision} is taken`, async () => {
    return (await server.call<ServiceManifest>('GET', `${SERVICE}/manifest`)).revision === revision
  })
}

async function refusal(server: Server, method: string, path: string, body: object): Promise<unknown[]> {
  const { status, body: problem } = await server.ask<Problem>(method, path, body)
  return [status, problem.code, ...(problem.errors ?? []).map(({ pointer }) => pointer)]
}

test('what the code says of its parameters holds where jobs are saved and triggered, from one deployment to the next', async () => {
  const server = await serve(join(temporaryFolder(), 'data'))
  await server.call('POST', `${HOME}/services`, { name: 'billing', secret })
  const key = { name: 'registration', scope: 'service:default/billing' }
  token = (await server.call<TokenCreated>('POST', '/v1/tokens', key)).secret
  await deploy(server, 'v1', z.object({ city: z.enum(['tianjin', 'shanghai']), times: z.int().min(1).default(1) }))

  const job = { target, params: { city: 'tianjin' }, schedules: [{ cron: '0 0 1 1 *' }] }
  expect(await refusal(server, 'PUT', `${HOME}/jobs/report`, { ...job, params: { city: 'paris' } })).toEqual([
    422,
    'invalid-params',
    '/params/city',
  ])
  await server.call('PUT', `${HOME}/jobs/report`, job)
  const trigger = `${HOME}/jobs/report/trigger`
  expect(await refusal(server, 'POST', trigger, { params: { times: 0 } })).toEqual([
    422,
    'invalid-params',
    '/params/times',
  ])
  const { id } = await server.call<Run>('POST', trigger, { params: { city: 'shanghai' } })
  const { result } = await ended(server, id)
  expect(result).toEqual({ city: 'shanghai', times: 1 })

  await deploy(server, 'v2', z.object({ province: z.string() }))
  const { state, warnings } = await server.call<Job>('GET', `${HOME}/jobs/report`)
  expect([state, warnings]).toEqual(['active', [{ pointer: '/params/province', detail: 'is needed' }]])
  expect(await refusal(server, 'PUT', `${HOME}/jobs/report`, job)).toEqual([422, 'invalid-params', '/params/province'])
})

function ended(server: Server, id: string): Promise<Run> {
  return eventually('the run has ended', async () => {
    const run = await server.call<Run>('GET', `${HOME}/runs/${id}`)
    return run.state !== 'queued' && run.state !== 'running' && run
  })
}

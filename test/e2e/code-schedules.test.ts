import { createServer, type Server as HttpServer } from 'node:http'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type {
  Executor as ExecutorView,
  Job,
  ManifestReport,
  Run,
  ServiceManifest,
  TokenCreated,
} from '@cronclave/openapi'
import { createExecutor, type ExecutorOptions, type KeptJobOptions, type Started } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Child } from '../support/child.ts'
import {
  eventually,
  HOME,
  newSecret,
  Refused,
  readRun,
  serve,
  type Server,
  temporaryFolder,
  trigger,
} from './harness.ts'

const SERVICE = `${HOME}/services/billing`
const BIN = join(import.meta.dirname, '../../control-plane/bin/cronclave.cjs')

let server: Server
let folder: string
let token: string
const secret = newSecret()
const running: { started?: Started; http: HttpServer }[] = []

beforeEach(async () => {
  folder = temporaryFolder()
  server = await serve(join(folder, 'data'))
  await server.call('POST', `${HOME}/services`, { name: 'billing', secret })
  const key = { name: 'registration', scope: 'service:default/billing' }
  token = (await server.call<TokenCreated>('POST', '/v1/tokens', key)).secret
})

afterEach(async () => {
  for (const { started, http } of running.splice(0)) {
    await started?.stop({ drain: 0 })
    http.close()
  }
})

type Code = Record<string, KeptJobOptions>

/** The program of a revision: its handlers answer with it. */
function programOf(revision: string, code: Code, options: Partial<ExecutorOptions> = {}) {
  const executor = createExecutor({ service: 'billing', secret, revision, logger: false, ...options })
  for (const [name, job] of Object.entries(code)) executor.job(name as never, job, () => revision)
  return executor
}

/** Where a program can be called. */
async function listen(executor: ReturnType<typeof programOf>) {
  const http = createServer(node(executor)).listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { http, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/` }
}

/** One instance of a program, registered. */
async function deploy(id: string, revision: string, code: Code): Promise<Started> {
  const executor = programOf(revision, code, { id })
  const { http, url } = await listen(executor)
  const entry: (typeof running)[number] = { http }
  running.push(entry)
  return (entry.started = await executor.start({ url, token, controlPlane: server.url }))
}

const job = (name: string) => server.call<Job>('GET', `${HOME}/jobs/${name}`)
const manifest = () => server.call<ServiceManifest>('GET', `${SERVICE}/manifest`)
const verdict = async (id: string) => (await server.call<ExecutorView>('GET', `${SERVICE}/executors/${id}`)).manifest

const V1 = {
  report: { schedule: { cron: '0 23 * * *', zone: 'Asia/Shanghai' }, retry: 1 },
  old: { schedule: '@daily' },
}
const V2 = { report: { ...V1.report, retry: 4 }, fresh: { schedule: '@every 1s', overlap: 'allow' } } satisfies Code

describe('schedules in code', () => {
  test('are what the newest revision says while executors of two revisions roll', async () => {
    await deploy('a', 'v1', V1)
    expect(await job('report')).toMatchObject({
      createdBy: 'executor:billing/a',
      managedBy: { service: 'billing', handler: 'report', revision: 'v1', status: 'in-code' },
      definition: { retry: { max: 1 }, schedules: [{ cron: '0 23 * * *', zone: 'Asia/Shanghai' }] },
    })
    const { id } = await trigger(server, 'report')
    await eventually('it ran', async () => (await readRun(server, id)).result === 'v1')

    await deploy('b', 'v2', V2)
    expect(await job('report')).toMatchObject({ definition: { retry: { max: 4 } }, managedBy: { revision: 'v2' } })
    expect(await job('old')).toMatchObject({ state: 'active', managedBy: { status: 'absent-from-code' } })
    await eventually('what is new fires', async () => {
      const { items } = await server.call<{ items: Run[] }>('GET', `${HOME}/runs?job=fresh`)
      return items.some(({ state }) => state === 'succeeded')
    })

    // One of the older revision starts in the middle of it, and another one goes on.
    await deploy('c', 'v1', V1)
    expect(await verdict('c')).toEqual({ status: 'superseded' })
    expect(await verdict('b')).toEqual({ status: 'current' })
    expect(await job('report')).toMatchObject({ definition: { retry: { max: 4 } } })

    await deploy('d', 'v3', { report: { schedule: '61 * * * *' }, fresh: {} })
    expect(await verdict('d')).toMatchObject({
      status: 'manifest-refused',
      errors: [{ pointer: '/handlers/0/job/schedules/0/cron' }],
    })
    expect((await manifest()).revision).toBe('v2')
    expect((await manifest()).seen.map(({ revision, outcome }) => `${revision} ${outcome}`)).toEqual([
      'v1 reconciled',
      'v2 reconciled',
      'v3 refused',
    ])
  })

  test('are compared and applied by the command line, and kept from being edited elsewhere', async () => {
    const cli = async (...argv: string[]) => {
      const child = new Child([BIN, ...argv, '--endpoint', server.url], { CRONCLAVE_TOKEN: server.token })
      return child.ended
    }
    const file = join(folder, 'v1.json')
    writeFileSync(file, JSON.stringify(await programOf('v1', V1).manifest()))
    expect(await cli('diff', file)).toMatchObject({ code: 2 })
    expect(await cli('apply', file)).toMatchObject({ code: 0 })
    expect(await cli('diff', file)).toMatchObject({ code: 0 })
    const { definition } = await job('report')
    const edit = server.call('PUT', `${HOME}/jobs/report`, { ...definition, retry: { max: 9 } })
    await expect(edit).rejects.toThrow(Refused)
    await server.call('PUT', `${HOME}/jobs/report?detach=true`, { ...definition, retry: { max: 9 } })
    expect(await job('report')).toMatchObject({ managedBy: { status: 'detached' }, definition: { retry: { max: 9 } } })
  })

  test('of a service without heartbeats are asked for', async () => {
    const { http, url } = await listen(programOf('v1', V1))
    running.push({ http })
    const report = await server.call<ManifestReport>('POST', `${SERVICE}/sync`, { url })
    expect(report).toMatchObject({ outcome: 'applied', revision: 'v1' })
    expect(await job('report')).toMatchObject({ managedBy: { revision: 'v1' } })
  })
})

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Child, type Ended } from '../support/child.ts'
import { createJob, mount, runIn, runsOf, serve, type Server, temporaryFolder, trigger } from './harness.ts'

const BIN = 'control-plane/dist/cli/main.js'
/** What a restore and a recovery raise the fencing tokens by. */
const RAISE = 2 ** 40

interface Summary {
  header: { cluster: string; index: number; tzdata: string }
  jobs: number
  finishedRuns: number
}

interface Made {
  cluster: string
  before: string
  member: string
}

function run(...args: string[]): Promise<Ended> {
  return new Child([BIN, ...args]).ended
}

/** The document that a command printed, whatever it remarked besides. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, said } = await run('-o', 'json', ...args)
  expect(said).toMatch(/^\{/)
  expect(code, said).toBe(0)
  return JSON.parse(said.slice(0, said.indexOf('\n}\n') + 2)) as T
}

async function clusterOf(server: Server): Promise<string> {
  return (await server.call<{ cluster: string }>('GET', '/v1/status')).cluster
}

/** A cluster of one with a job and two finished runs. */
async function used(folder: string): Promise<Server> {
  const server = await serve(folder)
  await mount(server)
  await createJob(server, 'report')
  for (const _ of [1, 2]) await runIn(server, (await trigger(server, 'report')).id, 'succeeded')
  return server
}

test('a saved state is checked, restored into an empty folder, and goes on as a cluster of its own', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'one.state')
  const data = join(folder, 'data')
  const server = await used(data)
  const executor = await mount(server, undefined, 'second')
  const [cluster, runs] = [await clusterOf(server), await runsOf(server, 'report')]
  const before = executor.seen.handled.length

  const client = ['--endpoint', server.url, '--token-file', join(data, 'admin.token')]
  const saved = await json<Summary>('snapshot', 'save', file, ...client)
  expect(saved).toMatchObject({ header: { cluster }, jobs: 1, finishedRuns: 2 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await json<Summary>('snapshot', 'status', file)).toEqual(saved)
  expect((await run('snapshot', 'save', file, ...client)).code, 'nothing is overwritten').toBe(2)
  await createJob(server, 'after-the-snapshot')
  await server.stop()

  const target = join(folder, 'restored')
  mkdirSync(target)
  copyFileSync(join(data, 'cluster.key'), join(target, 'cluster.key'))
  const made = await json<Made>('snapshot', 'restore', file, '--data-folder', target)
  expect(made.before).toBe(cluster)
  expect(made.cluster).not.toBe(cluster)
  const again = await run('snapshot', 'restore', file, '--data-folder', target)
  expect(again).toMatchObject({ code: 74, said: expect.stringContaining('is not empty') })

  // Tokens of the cluster before go on working.
  copyFileSync(join(data, 'admin.token'), join(target, 'admin.token'))
  const restored = await serve(target)
  expect(await clusterOf(restored)).toBe(made.cluster)
  expect(await runsOf(restored, 'report')).toEqual(runs)
  expect((await restored.ask('GET', '/v1/namespaces/default/jobs/after-the-snapshot')).status).toBe(404)
  await createJob(restored, 'more', { target: { kind: 'handler', service: 'second', handler: 'work' } })
  await runIn(restored, (await trigger(restored, 'more')).id, 'succeeded')
  const handled = executor.seen.handled.slice(before)
  expect(handled).toHaveLength(1)
  expect(Number(handled[0]?.token)).toBeGreaterThan(RAISE)
})

test('a saved state that is damaged or cut is refused by status and by restore, and nothing is made of it', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'one.state')
  const server = await used(join(folder, 'data'))
  await json('snapshot', 'save', file, '--endpoint', server.url, '--token-file', join(folder, 'data', 'admin.token'))
  await server.stop()
  const bytes = readFileSync(file)
  const flipped = Buffer.from(bytes)
  flipped[bytes.length >> 1]! ^= 1
  for (const [what, broken] of [
    ['cut', bytes.subarray(0, bytes.length - 3)],
    ['flipped', flipped],
  ] as const) {
    writeFileSync(join(folder, what), broken)
    expect(await run('snapshot', 'status', join(folder, what))).toMatchObject({
      code: 2,
      said: expect.stringContaining('is not a whole saved state'),
    })
    const target = join(folder, `${what}-target`)
    expect((await run('snapshot', 'restore', join(folder, what), '--data-folder', target)).code).toBe(2)
    expect(existsSync(target)).toBe(false)
  }
})

test('recovery without a quorum says what it would do, and does it only when told that data may be lost', async () => {
  const folder = join(temporaryFolder(), 'data')
  const server = await used(folder)
  const [cluster, runs] = [await clusterOf(server), await runsOf(server, 'report')]
  const command = ['recover', '--force-new-cluster', '--data-folder', folder]
  const busy = await run(...command, '--yes-i-accept-data-loss')
  expect(busy).toMatchObject({ code: 74, said: expect.stringContaining('in use') })
  await server.stop('SIGKILL')

  const names = readdirSync(folder)
  const asked = await run(...command)
  expect(asked).toMatchObject({ code: 2, said: expect.stringContaining('NEW CLUSTER') })
  expect(asked.said).toContain('--yes-i-accept-data-loss')
  expect(readdirSync(folder)).toEqual(names)
  expect((await run('recover', '--data-folder', folder)).code).toBe(2)

  const made = await json<Made>(...command, '--yes-i-accept-data-loss')
  expect(made.before).toBe(cluster)
  const recovered = await serve(folder)
  expect(await clusterOf(recovered)).toBe(made.cluster)
  expect(await runsOf(recovered, 'report')).toEqual(runs)
  const executor = await mount(recovered, undefined, 'second')
  await createJob(recovered, 'more', { target: { kind: 'handler', service: 'second', handler: 'work' } })
  await runIn(recovered, (await trigger(recovered, 'more')).id, 'succeeded')
  expect(Number(executor.seen.handled[0]?.token)).toBeGreaterThan(RAISE)
})

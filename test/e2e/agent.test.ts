import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Executor, Run, ServiceWithSecret, TokenCreated } from '@cronclave/openapi'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Child } from '../support/child.ts'
import { freePorts } from '../support/ports.ts'
import { attemptsOf, eventually, HOME, newSecret, runIn, Server, trigger } from './harness.ts'

const BIN = 'control-plane/bin/cronclave.cjs'
/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-agent-'))
let server: Server
let services = 0

beforeAll(async () => {
  // One that no connection has as its own end by chance while the server is away.
  const [port = 0] = await freePorts(1)
  server = await Server.start({ folder: join(folder, 'server'), port })
})
afterAll(async () => {
  await server.stop('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A service whose jobs call `target` by the plugin `rest`, and the agents that take them. */
class Near {
  readonly service: string
  readonly secret = newSecret()
  readonly dataFolder: string
  readonly #token: string

  static async make(): Promise<Near> {
    const service = `near-${++services}`
    const key = { name: service, scope: `service:default/${service}` }
    const made = new Near(service, (await server.call<TokenCreated>('POST', '/v1/tokens', key)).secret)
    await server.call('POST', `${HOME}/services`, { name: service, secret: made.secret })
    const target = { kind: 'handler', service, handler: 'rest' }
    await server.call('PUT', `${HOME}/jobs/${service}`, { target, retry: { max: 0 }, overlap: 'allow', timeout: '1m' })
    return made
  }

  private constructor(service: string, token: string) {
    this.service = service
    this.dataFolder = join(folder, service)
    this.#token = token
  }

  /** An agent that has registered, or goes on trying. */
  async agent(...flags: string[]): Promise<Child> {
    const endpoints = ['--endpoint', DEAD, '--endpoint', server.url]
    const words = ['agent', '--service', this.service, '--slots', '2', '--id', 'a1', '--allow-loopback', ...flags]
    const env = { CRONCLAVE_TOKEN: this.#token, CRONCLAVE_SECRET: this.secret }
    const child = new Child([BIN, ...endpoints, ...words, '--data-folder', this.dataFolder], env)
    onTestFinished(async () => void (await child.stop('SIGKILL')))
    await child.says(/^Agent {6}a1 of/m)
    return child
  }

  run(params: Record<string, unknown>): Promise<Run> {
    return trigger(server, this.service, params)
  }

  async executor(): Promise<Executor | undefined> {
    const path = `${HOME}/services/${this.service}/executors`
    return (await server.call<{ items: Executor[] }>('GET', path)).items.find(({ id }) => id === 'a1')
  }

  /** Results on its disk. */
  kept(): string[] {
    return readdirSync(join(this.dataFolder, 'results'))
  }
}

/** An HTTP server that answers when the test says so. */
async function heldTarget() {
  const calls: { req: IncomingMessage; res: ServerResponse }[] = []
  const target = createServer((req, res) => void calls.push({ req, res })).listen(0, '127.0.0.1')
  await once(target, 'listening')
  onTestFinished(() => {
    target.closeAllConnections()
    target.close()
  })
  const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/work`
  return {
    url,
    calls,
    called: (count: number) => eventually(`call ${count}`, () => calls.length >= count && calls[count - 1]),
  }
}

describe('an agent', () => {
  test('S053 S073 S090 takes a run, makes its call, and reports what came of it', async () => {
    const near = await Near.make()
    const { url, called } = await heldTarget()
    const run = await near.run({ method: 'POST', url, json: { amount: 3 }, headers: { 'x-key': 'hush' } })
    const agent = await near.agent()
    const { req, res } = await called(1)
    expect(req.headers).toMatchObject({ 'x-key': 'hush', 'cronclave-run-id': run.id })
    expect(await near.executor()).toMatchObject({ status: 'online', url: 'pull', slots: 2 })
    res.setHeader('content-type', 'application/json').end('{"booked":true}')
    expect(await runIn(server, run.id, 'succeeded')).toMatchObject({ result: { status: 200, body: { booked: true } } })
    expect(await attemptsOf(server, run.id)).toMatchObject([{ executor: 'a1', outcome: 'succeeded' }])
    await eventually('nothing is kept', () => near.kept().length === 0)
    expect(agent.said).toContain(server.url)
    expect(agent.said).not.toContain('hush')
  })

  test('S015 that is killed after the work brings the result when it is back, and nothing is done twice', async () => {
    const near = await Near.make()
    const { url, calls, called } = await heldTarget()
    const first = await near.agent()
    const run = await near.run({ url })
    const { res } = await called(1)
    const port = Number(new URL(server.url).port)
    await eventually('it is accepted', async () => (await attemptsOf(server, run.id))[0]?.state === 'accepted')
    await server.stop('SIGKILL')
    res.end('done')
    await eventually('the result is on its disk', () => near.kept().some((name) => name.endsWith('.json')))
    await first.stop('SIGKILL')
    server = await Server.start({ folder: join(folder, 'server'), port })
    await near.agent()
    expect(await runIn(server, run.id, 'succeeded', 'failed', 'lost')).toMatchObject({
      state: 'succeeded',
      result: { body: 'done' },
    })
    expect(await attemptsOf(server, run.id)).toHaveLength(1)
    expect(calls).toHaveLength(1)
    await eventually('nothing is kept any more', () => near.kept().length === 0)
  })

  test('S091 S089 that is asked to end takes nothing new, ends what it has, and leaves', async () => {
    const near = await Near.make()
    const { url, calls, called } = await heldTarget()
    const agent = await near.agent()
    const run = await near.run({ url })
    const { res } = await called(1)
    agent.signal('SIGTERM')
    await agent.says(/Draining: 1 at work/)
    await eventually('it drains', async () => (await near.executor())?.status === 'draining')
    const next = await near.run({ url })
    res.end('done')
    expect(await agent.ended).toMatchObject({ code: 0, signal: null })
    expect(await runIn(server, run.id, 'succeeded')).toMatchObject({ result: { body: 'done' } })
    expect(await near.executor()).toBeUndefined()
    expect(calls).toHaveLength(1)
    await near.agent()
    ;(await called(2)).res.end('done by the next one')
    await runIn(server, next.id, 'succeeded')
  })

  test('aborts what takes longer than it may drain, and reports that, whatever a plugin leaves open; a second signal waits for nothing', async () => {
    const near = await Near.make()
    const { url, called } = await heldTarget()
    const plugin = join(folder, 'open.mjs')
    writeFileSync(plugin, 'setInterval(() => {}, 1e6)\nexport default { name: "open", parameters: {}, run() {} }\n')
    const patient = await near.agent('--drain', '100ms', '--plugin', plugin)
    const run = await near.run({ url })
    await called(1)
    patient.signal('SIGINT')
    expect(await patient.ended).toMatchObject({ code: 0 })
    expect(await runIn(server, run.id, 'failed')).toMatchObject({ error: { code: 'drain' } })

    const hasty = await near.agent('--drain', '1h')
    await near.run({ url })
    await called(2)
    hasty.signal('SIGTERM')
    await hasty.says(/Draining/)
    hasty.signal('SIGTERM')
    expect(await hasty.ended).toMatchObject({ code: 143 })
  })

  test('takes runs of a service that signs by tokens, and holds no secret then', async () => {
    const near = await Near.make()
    const { url, called } = await heldTarget()
    const body = { description: '', allowedHosts: [], signing: { scheme: 'jwt' } }
    const path = `${HOME}/services/${near.service}`
    const { service } = await server.call<ServiceWithSecret>('PUT', path, body)
    const run = await near.run({ url })
    await near.agent('--issuer', service.signing.issuer ?? '')
    ;(await called(1)).res.end('trusted')
    expect(await runIn(server, run.id, 'succeeded')).toMatchObject({ result: { body: 'trusted' } })
  })

  test('ends a run with bad parameters for good, says where they are wrong, and goes on', async () => {
    const near = await Near.make()
    const { url, called } = await heldTarget()
    await server.call('PUT', `${HOME}/jobs/${near.service}`, {
      target: { kind: 'handler', service: near.service, handler: 'rest' },
      retry: { max: 3, delay: '1s' },
      overlap: 'allow',
    })
    const bad = await near.run({ url, headers: { 'a b': 'x' }, timeout: 'soon' })
    await near.agent()
    const failed = await runIn(server, bad.id, 'failed')
    expect(failed.error?.code).toBe('request-refused')
    expect(failed.error?.message).toContain('/params/headers/a b is no name of a header')
    expect(failed.error?.message).toContain('/params/timeout must be a duration')
    expect(await attemptsOf(server, bad.id)).toHaveLength(1)
    // Its schema is known from now on, so what that can see does not become a run.
    await expect(near.run({ url: 7 })).rejects.toThrow(/invalid-params.*\/params\/url/)
    const good = await near.run({ url })
    ;(await called(1)).res.end()
    await runIn(server, good.id, 'succeeded')
  })
})

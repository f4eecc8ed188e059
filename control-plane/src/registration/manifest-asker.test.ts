import { beforeEach, describe, expect, test } from 'vitest'
import type { Executor, Service } from '../discovery/executor.ts'
import type { Http } from '../dispatch/http.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { hmacSha256 } from '../signing/hmac.ts'
import { generateSecret, signingKey } from '../signing/secret.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { emptyState, type State } from '../state/state.ts'
import { ManifestAsker } from './manifest-asker.ts'

interface Answered {
  status?: number
  text?: string
  secret?: string
  isSilent?: boolean
}

const HANDLERS = [{ name: 'report', job: { retry: { max: 3 } } }]
const MANIFEST = JSON.stringify({ type: 'manifest', data: { sdk: 'x', revision: 'v1', handlers: HANDLERS } })

/** A service whose executors answer as told. */
class AskedWorld {
  readonly clock = new StillClock()
  readonly state: State = emptyState()
  readonly asked: { host: string; message: { type: string; data: object } }[] = []
  readonly asker: ManifestAsker
  /** By host name. */
  readonly answers = new Map<string, Answered>()
  readonly #secret: string

  constructor() {
    let bytes = 0
    const random = { next: () => 0.5, bytes: (size: number) => new Uint8Array(size).fill(++bytes) }
    this.#secret = generateSecret(random)
    const { clock } = this
    this.asker = new ManifestAsker({
      clock,
      random,
      http: this.#http(),
      state: () => this.state,
      openSecret: (of) => of,
    })
    this.run({ kind: 'cluster-init', at: 1, cluster: 'c', namespaceSlots: 10 })
    const change = { description: '', allowedHosts: [], secrets: [this.#secret] }
    this.run({ kind: 'service-put', at: 1, namespace: 1, name: 'billing', change })
  }

  run(command: Command): void {
    apply(this.state, { index: this.state.index + 1, term: 1, command })
  }

  get service(): Service {
    return [...this.state.services.values()][0] as Service
  }

  executor(id: string, status: Executor['status'] = 'online', url = `http://${id}/`): void {
    const change = { kind: 'static' as const, url, weight: 1, slots: 0, labels: {}, status }
    this.run({ kind: 'executor-put', at: 1, service: this.service.uid, id, change })
  }

  #http(): Http {
    const send: Http['send'] = (request, owner) => {
      const { hostname: host } = new URL(request.origin)
      const message = JSON.parse(request.body?.toString() ?? '') as { type: string; data: object }
      this.asked.push({ host, message })
      const { status = 200, text = MANIFEST, secret = this.#secret, isSilent } = this.answers.get(host) ?? {}
      if (isSilent) return { abort: () => undefined }
      const body = Buffer.from(text)
      const id = `re_${request.headers[request.headers.indexOf('webhook-id') + 1]}`
      const seconds = String(Math.floor(this.clock.now() / 1000))
      const signature = hmacSha256(signingKey(secret).secret, `${id}.${seconds}.`, body, 'base64')
      const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` }
      owner.onDone({ sent: true, reply: { status, headers, body, bytes: body.length } })
      return { abort: () => undefined }
    }
    return { connections: 0, hasRoom: () => true, close: () => Promise.resolve(), send }
  }
}

let world: AskedWorld
beforeEach(() => {
  world = new AskedWorld()
})

describe('the program of a service', () => {
  test('is asked what it has by a signed message, at a URL that nobody has listed', async () => {
    expect(await world.asker.ask(world.service, 'http://edge/api')).toEqual({
      manifest: { revision: 'v1', handlers: HANDLERS },
    })
    expect(world.asked).toMatchObject([
      {
        host: 'edge',
        message: { type: 'manifest.get', data: { cluster: 'c', namespace: 'default', service: 'billing' } },
      },
    ])
    expect(world.asked[0]?.message.data).not.toHaveProperty('executor')
  })

  test('is asked at those of its executors that are online and can be called, until one answers', async () => {
    world.executor('e1', 'offline')
    world.executor('e2', 'online', 'pull')
    world.executor('e3')
    world.executor('e4')
    world.answers.set('e3', { status: 500 })
    expect(await world.asker.ask(world.service)).toHaveProperty('manifest')
    expect(world.asked.map(({ host }) => host)).toEqual(['e3', 'e4'])
    expect(world.asked[0]?.message.data).toMatchObject({ executor: 'e3' })
  })

  test.each<[string, Answered, RegExp]>([
    ['is not signed with its secret', { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }, /not signed/],
    ['is an error', { status: 500 }, /answered 500/],
    ['is another message', { text: '{"type":"pong","data":{}}' }, /not a manifest/],
    ['is not JSON', { text: '<html>' }, /not a manifest/],
    ['is nested too deep', { text: '['.repeat(100_000) }, /nested deeper/],
  ])('is not heard when its answer %s', async (_, answer, fault) => {
    world.answers.set('edge', answer)
    expect(await world.asker.ask(world.service, 'http://edge/')).toEqual({
      fault: expect.stringMatching(fault) as string,
    })
  })

  test('has ten seconds to answer', async () => {
    world.answers.set('edge', { isSilent: true })
    const asked = world.asker.ask(world.service, 'http://edge/')
    await world.clock.pass(10_000)
    expect(await asked).toEqual({ fault: 'it did not answer within 10000 ms' })
  })

  test('is not asked while it has no secret, or nobody is there', async () => {
    expect(await world.asker.ask(world.service)).toMatchObject({ fault: expect.stringContaining('online') as string })
    world.run({ kind: 'service-put', at: 1, namespace: 1, name: 'bare', change: { description: '', allowedHosts: [] } })
    const bare = [...world.state.services.values()][1] as Service
    expect(await world.asker.ask(bare, 'http://edge/')).toMatchObject({
      fault: expect.stringContaining('secret') as string,
    })
    expect(world.asked).toEqual([])
  })
})

import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HealthCheck } from '../discovery/executor.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { apply } from '../state/apply.ts'
import { BREAKER_OPEN_MS } from '../state/breaker.ts'
import type { Command } from '../state/commands.ts'
import { emptyState } from '../state/state.ts'
import { createEgressPolicy } from './egress.ts'
import { ExecutorWatch } from './executor-watch.ts'
import { type Listening, listenHttp } from './fixtures.ts'
import { createHttp, type Http } from './http.ts'

const CHECK: HealthCheck = { path: '/healthz', intervalMs: 1000, timeoutMs: 500, unhealthyAfter: 2, healthyAfter: 3 }

let world: ReturnType<typeof createWorld>
let executor: { status: number; hangs: boolean; paths: string[] }
let server: Listening

beforeEach(async () => {
  executor = { status: 204, hangs: false, paths: [] }
  server = await listenHttp((incoming, response) => {
    executor.paths.push(`${incoming.method} ${incoming.url}`)
    if (executor.hangs) return
    response.writeHead(executor.status, { location: '/elsewhere' }).end()
  })
  world = createWorld()
})

afterEach(async () => {
  await world.close()
  await server.close()
})

/** A watch over a state of its own, on a clock that stands still; connections are real. */
function createWorld({ allowLoopback = true } = {}) {
  const state = emptyState()
  const clock = new StillClock()
  const commands: Command[] = []
  const propose = (command: Command) => {
    commands.push(command)
    const index = state.index + 1
    const { value } = apply(state, { index, term: 1, command })
    return Promise.resolve({ kind: 'applied' as const, index, value })
  }
  const real = createHttp({ egress: createEgressPolicy({ allowLoopback }) })
  const answers = new EventEmitter()
  let asked = 0
  const http: Http = {
    ...real,
    connections: 0,
    send(request, owner, options) {
      asked += 1
      const onDone: typeof owner.onDone = (result) => {
        owner.onDone(result)
        answers.emit('answer')
      }
      return real.send(request, { onSent: () => owner.onSent(), onDone }, options)
    },
  }
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined }
  const random = { next: () => 0, bytes: (size: number) => new Uint8Array(size) }
  const watch = new ExecutorWatch({
    clock,
    random,
    logger,
    state: () => state,
    propose,
    egress: createEgressPolicy(),
    http,
  })
  void propose({ kind: 'cluster-init', at: clock.now(), cluster: 'c', namespaceSlots: 10 })
  const service = (healthCheck?: HealthCheck, space = 'default') => {
    const about = { description: '', slots: 10, queuedRunsMax: 10 }
    void propose({ kind: 'namespace-put', at: clock.now(), name: space, change: about })
    const namespace = state.namespaceNames.get(space) ?? 0
    void propose({
      kind: 'service-put',
      at: clock.now(),
      namespace,
      name: 'work',
      change: { description: '', allowedHosts: [], ...(healthCheck ? { healthCheck } : {}) },
    })
  }
  return {
    state,
    clock,
    watch,
    commands,
    service,
    get asked() {
      return asked
    },
    executor(url: string, id = 'e', status: 'online' | 'offline' = 'online') {
      const change = { kind: 'static' as const, url, weight: 1, slots: 0, labels: {}, status }
      void propose({
        kind: 'executor-put',
        at: clock.now(),
        service: [...state.services.keys()].at(-1) ?? 0,
        id,
        change,
      })
    },
    health: (id = 'e') => [...state.executors.values()][0]?.get(id)?.health ?? 'well',
    entries: (kind: Command['kind']) => commands.filter((command) => command.kind === kind).length,
    /** One interval: the executor is asked and answers, and what follows from that is proposed. */
    async round() {
      const answered = once(answers, 'answer')
      await clock.pass(1000)
      await answered
      await clock.pass(0)
      await clock.pass(250)
    },
    async close() {
      await watch.close()
      await real.close()
    },
  }
}

describe('an executor of a service with a health check', () => {
  beforeEach(() => {
    world.service(CHECK)
    world.executor(`${server.url}jobs`)
    world.watch.start()
  })

  test('is asked at its origin, and while it is well nothing enters the log', async () => {
    for (let i = 0; i < 4; i++) await world.round()
    expect(new Set(executor.paths)).toEqual(new Set(['GET /healthz']))
    expect([world.health(), world.entries('executor-health')]).toEqual(['well', 0])
  })

  test.each([
    500, 404, 302,
  ])('that answers %i is not well after so many times, and well again after so many', async (status) => {
    executor.status = status
    await world.round()
    expect(world.health()).toBe('well')
    await world.round()
    expect(world.health()).toBe('unhealthy')
    await world.round()
    executor.status = 200
    await world.round()
    await world.round()
    expect(world.health()).toBe('unhealthy')
    await world.round()
    expect([world.health(), world.entries('executor-health')]).toEqual(['well', 2])
  })

  test('that answers now and then is what it was', async () => {
    for (const status of [500, 200, 500, 200, 500, 200]) {
      executor.status = status
      await world.round()
    }
    expect([world.health(), world.entries('executor-health')]).toEqual(['well', 0])
  })

  test('that takes too long is not well', async () => {
    executor.hangs = true
    for (let i = 0; i < 2; i++) {
      await world.clock.pass(1000)
      await world.clock.pass(CHECK.timeoutMs)
    }
    await world.clock.pass(250)
    expect(world.health()).toBe('unhealthy')
  })

  test('is asked no more when the check is removed, and counts as well', async () => {
    executor.status = 500
    await world.round()
    await world.round()
    world.service()
    expect(world.health()).toBe('well')
    const { asked } = world
    await world.clock.pass(5000)
    await world.clock.pass(5000)
    expect(world.asked).toBe(asked)
  })

  test('at another address begins anew, and offline is left in peace', async () => {
    executor.status = 500
    await world.round()
    await world.round()
    world.executor(`${server.url}other`)
    expect(world.health()).toBe('well')
    world.executor(`${server.url}other`, 'e', 'offline')
    const { asked } = world
    await world.clock.pass(5000)
    expect(world.asked).toBe(asked)
  })

  test('is asked by nobody once this node leads no more', async () => {
    world.watch.stop()
    await world.clock.pass(5000)
    expect([world.asked, world.clock.timers]).toEqual([0, 0])
  })
})

test('an address that the egress policy refuses is not connected to, and its executor is not well', async () => {
  await world.close()
  world = createWorld({ allowLoopback: false })
  world.service(CHECK)
  world.executor(server.url)
  world.watch.start()
  await world.round()
  await world.round()
  expect([world.health(), executor.paths]).toEqual(['unhealthy', []])
})

test('many are asked at once, of each namespace so many at most, and of all so many', async () => {
  executor.hangs = true
  for (let n = 0; n < 9; n++) {
    world.service(CHECK, `space-${n}`)
    for (let i = 0; i < 40; i++) world.executor(server.url, `e${i}`)
    if (n === 1) {
      world.watch.start()
      await world.clock.pass(250)
      expect(world.asked).toBe(2 * 32)
    }
  }
  await world.clock.pass(250)
  expect(world.asked).toBe(256)
})

test('an open circuit breaker is half open when its time has come', async () => {
  world.service()
  world.executor(server.url)
  const [those] = world.state.executors.values()
  const open = { state: 'open' as const, until: world.clock.now() + BREAKER_OPEN_MS, openings: 1 }
  those?.set('e', { ...(those.get('e') as NonNullable<ReturnType<typeof those.get>>), breaker: open })
  world.watch.start()
  await world.clock.pass(BREAKER_OPEN_MS - 250)
  expect(world.entries('breakers-half-open')).toBe(0)
  await world.clock.pass(250)
  await world.clock.pass(250)
  expect(those?.get('e')?.breaker).toEqual({ state: 'half-open', openings: 1 })
})

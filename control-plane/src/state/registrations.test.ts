import { describe, expect, test } from 'vitest'
import type { Executor } from '../discovery/executor.ts'
import type { ExecutorFinding, ExecutorRegistration } from './executor-commands.ts'
import { plans, ShardWorld } from './shard-world.test-helper.ts'

type Said = Partial<Omit<ExecutorRegistration, 'kind' | 'service' | 'id'>>

/** A service with executors that register themselves. */
class World extends ShardWorld {
  register(id: string, boot = 'b1', said: Said = {}) {
    const about = { url: `http://${id}`, weight: 1, slots: 0, labels: {}, manifest: {}, ...said }
    return this.run({ kind: 'executor-register', service: this.service, id, boot, ...about })
  }

  found(id: string, status: ExecutorFinding['status'], boot = 'b1') {
    return this.run({ kind: 'executors-found', executors: [{ service: this.service, id, boot, status }] })
  }

  order(id: string, order: string, rest: object = {}) {
    return this.run({ kind: 'executor-order', service: this.service, id, order, ...rest })
  }

  of(id: string): Executor | undefined {
    return this.state.executors.get(this.service)?.get(id)
  }

  status(id: string) {
    return this.of(id)?.status
  }

  /** One that has proved itself. */
  online(id: string, boot = 'b1') {
    this.register(id, boot)
    this.found(id, 'online', boot)
  }
}

describe('the id of a registered executor', () => {
  test('belongs to its process: another one is refused while it is online', () => {
    const w = new World()
    w.online('e1')
    expect(w.register('e1', 'b2').rejection?.code).toBe('executor-live')
    expect(w.of('e1')).toMatchObject({ bootId: 'b1', status: 'online' })
  })

  test.each(['suspect', 'draining', 'offline'] as const)('is free once its process is %s', (status) => {
    const w = new World()
    w.online('e1')
    w.found('e1', status)
    expect(w.register('e1', 'b2').rejection).toBeUndefined()
    expect(w.of('e1')).toMatchObject({ bootId: 'b2', status: 'joining' })
  })

  test('is free while its process has not proved itself, and is then that of whoever does', () => {
    const w = new World()
    w.register('e1')
    expect(w.register('e1', 'b2').rejection).toBeUndefined()
    w.found('e1', 'online', 'b1')
    expect(w.of('e1')).toMatchObject({ bootId: 'b2', status: 'joining' })
    w.found('e1', 'online', 'b2')
    expect(w.register('e1', 'b1').rejection?.code).toBe('executor-live')
  })

  test('is not that of one that a person listed', () => {
    const w = new World()
    w.executor('e1')
    expect(w.register('e1').rejection?.code).toBe('executor-live')
    expect(w.of('e1')).toMatchObject({ kind: 'static', status: 'online' })
    w.order('e1', 'offline')
    expect(w.register('e1').rejection?.code).toBe('executor-live')
  })

  test('a process that names another boot neither drains nor removes it', () => {
    const w = new World()
    w.online('e1')
    expect(w.order('e1', 'draining', { boot: 'b2' }).rejection?.code).toBe('executor-live')
    const removal = { kind: 'executor-delete', service: w.service, id: 'e1' } as const
    expect(w.run({ ...removal, boot: 'b2' }).rejection?.code).toBe('executor-live')
    expect(w.run({ ...removal, boot: 'b1' }).rejection).toBeUndefined()
  })
})

describe('a registration', () => {
  test('that says nothing new changes nothing', () => {
    const w = new World()
    w.register('e1', 'b1', { labels: { zone: 'a' }, manifest: { hash: 'h', handlers: ['one', 'two'] } })
    const again = w.register('e1', 'b1', { labels: { zone: 'a' }, manifest: { hash: 'h', handlers: ['one', 'two'] } })
    expect([again.changes, again.events, w.of('e1')?.version]).toEqual([[], [], 1])
  })

  test('of what it can do keeps its place; of another address it has to prove itself again', () => {
    const w = new World()
    w.online('e1')
    w.register('e1', 'b1', { manifest: { revision: 'r2' } })
    expect(w.of('e1')).toMatchObject({ status: 'online', manifest: { revision: 'r2' } })
    w.register('e1', 'b1', { url: 'http://elsewhere' })
    expect(w.status('e1')).toBe('joining')
  })

  test('of one that somebody took out leaves it out, until it is another process', () => {
    const w = new World()
    w.online('e1')
    w.order('e1', 'offline')
    w.register('e1', 'b1', { url: 'http://elsewhere' })
    expect(w.status('e1')).toBe('offline')
    w.register('e1', 'b2')
    expect(w.status('e1')).toBe('joining')
  })

  test('of one of whom nothing was heard has it prove itself again', () => {
    const w = new World()
    w.online('e1')
    w.found('e1', 'offline')
    expect(w.of('e1')).toMatchObject({ status: 'offline', expired: true })
    w.register('e1')
    expect(w.status('e1')).toBe('joining')
    expect(w.of('e1')?.expired).toBeUndefined()
  })
})

test('one that was drained and then is not heard of left as it was to, unless it still had work', () => {
  const w = new World()
  for (const id of ['e1', 'e2']) {
    w.online(id)
    w.found(id, 'draining')
  }
  const busy = w.of('e2')
  if (busy) busy.held = 1
  for (const id of ['e1', 'e2']) w.found(id, 'offline')
  expect(w.of('e1')).toMatchObject({ status: 'offline' })
  expect(w.of('e1')).not.toHaveProperty('expired')
  expect(w.of('e2')).toMatchObject({ status: 'offline', expired: true })
})

describe('what the leader finds', () => {
  test('changes what it may: each status and the one found, and what comes of it', () => {
    const became = (['joining', 'online', 'suspect', 'draining', 'offline'] as const).map((from) => {
      const w = new World()
      w.register('e1')
      if (from !== 'joining') w.found('e1', 'online')
      if (from !== 'joining' && from !== 'online') w.found('e1', from)
      const { digest } = w.state
      return (['online', 'suspect', 'draining', 'offline'] as const).map((to) => {
        const world = new World()
        Object.assign(world, { state: structuredClone(w.state), service: w.service })
        expect(world.state.digest).toBe(digest)
        world.found('e1', to)
        return world.status('e1')
      })
    })
    expect(became).toEqual([
      ['online', 'joining', 'draining', 'offline'],
      ['online', 'suspect', 'draining', 'offline'],
      ['online', 'suspect', 'draining', 'offline'],
      ['draining', 'draining', 'draining', 'offline'],
      ['offline', 'offline', 'offline', 'offline'],
    ])
  })

  test('of another process, or of one that a person listed, is nothing', () => {
    const w = new World()
    w.online('e1')
    w.executor('e2')
    w.found('e1', 'offline', 'b0')
    w.found('e2', 'offline', '')
    w.found('e3', 'offline')
    expect([w.status('e1'), w.status('e2')]).toEqual(['online', 'online'])
  })

  test('of one that answers again closes its circuit breaker', () => {
    const w = new World()
    w.online('e1')
    Object.assign(w.of('e1') ?? {}, { failures: 7, breaker: { state: 'open', until: w.now + 10_000, openings: 1 } })
    w.found('e1', 'suspect')
    w.found('e1', 'online')
    expect(w.of('e1')).toMatchObject({ status: 'online', failures: 0 })
    expect(w.of('e1')?.breaker).toBeUndefined()
  })

  test('changes the digest, and so do boot id, revision and handlers', () => {
    const digests = new Set<number>()
    const steps: ((w: World) => unknown)[] = [
      (w) => w.register('e1'),
      (w) => w.register('e1', 'b2'),
      (w) => w.register('e1', 'b1', { manifest: { revision: 'r' } }),
      (w) => w.register('e1', 'b1', { manifest: { handlers: ['h'] } }),
      (w) => w.register('e1', 'b1', { manifest: { hash: 'h' } }),
    ]
    for (const step of steps) {
      const w = new World()
      step(w)
      digests.add(w.state.digest)
    }
    expect(digests.size).toBe(steps.length)
  })
})

describe('an order', () => {
  test('to take work again has a registered executor prove itself, and a listed one work at once', () => {
    const w = new World()
    w.online('e1')
    w.executor('e2')
    for (const id of ['e1', 'e2']) {
      w.order(id, 'draining')
      w.order(id, 'online')
    }
    expect([w.status('e1'), w.status('e2')]).toEqual(['joining', 'online'])
  })

  test('that holds already changes nothing', () => {
    const w = new World()
    w.online('e1')
    expect(w.order('e1', 'online').changes).toEqual([])
  })
})

describe('a new process of an executor that was lost', () => {
  test('ends what the old one had as uncertain, and the work moves on', () => {
    const w = new World()
    w.online('e1')
    w.online('e2')
    const run = w.fire(w.job({ routing: { strategy: 'sharded' }, sharding: { count: 2 } }), plans('e1', 'e2'))
    w.found('e1', 'suspect')
    w.register('e1', 'b2')
    expect(w.open(run).shards.map(({ attempt, last }) => [attempt === undefined, last?.error?.code])).toEqual([
      [true, 'executor-restarted'],
      [false, undefined],
    ])
  })

  test.each([
    ['drains', (w: World) => w.found('e1', 'draining')],
    ['has to prove itself once more', (w: World) => w.register('e1', 'b1', { url: 'http://elsewhere' })],
  ])('leaves what one that %s still does', (_, change) => {
    const w = new World()
    w.online('e1')
    const run = w.fire(w.job({ routing: { strategy: 'sharded' }, sharding: { count: 1 } }), plans('e1'))
    change(w)
    w.register('e1', 'b2')
    expect(w.open(run).shards[0]?.attempt).toBeDefined()
  })
})

describe('executors without a proof, and suspects', () => {
  test.each(['joining', 'suspect'] as const)('%s: nothing is placed on them', (status) => {
    const w = new World()
    w.register('e1')
    if (status === 'suspect') {
      w.found('e1', 'online')
      w.found('e1', 'suspect')
    }
    const run = w.fire(w.job({ routing: { strategy: 'sharded' }, sharding: { count: 1 } }), plans('e1'))
    expect(w.open(run)).toMatchObject({ state: 'queued' })
    w.found('e1', 'online')
    expect(w.split(run, plans('e1'))).toBe('started')
  })
})

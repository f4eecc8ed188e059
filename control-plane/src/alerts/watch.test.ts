import { beforeEach, describe, expect, test } from 'vitest'
import type { NodeVitals } from './vitals.ts'
import { leaderlessSince } from './watch.ts'
import { GRACE_MS, WatchBench } from './watch-bench.test-helper.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let bench: WatchBench

beforeEach(() => {
  bench = new WatchBench()
})

describe('what is gone', () => {
  test('is told of once it has been for so long, and that it is back once it has been well for a while', async () => {
    bench.rule({ kind: 'node-gone', forMs: MINUTE })
    bench.loseNode()
    await bench.pass(50_000)
    expect(bench.world.told).toEqual([])
    await bench.pass(20_000)
    expect(bench.world.episodes).toMatchObject([{ state: 'firing', subject: { kind: 'node', id: 'n2', name: 'two' } }])
    bench.loseNode(false)
    await bench.pass(5000)
    expect(bench.world.told).toEqual(['firing'])
    await bench.pass(10_000)
    expect(bench.world.told).toEqual(['firing', 'resolved'])
  })

  test('and comes back before that is not told of, however often', async () => {
    bench.rule({ kind: 'node-gone', forMs: MINUTE })
    for (let time = 0; time < 5; time++) {
      bench.loseNode()
      await bench.pass(50_000)
      bench.loseNode(false)
      await bench.pass(2000)
    }
    expect(bench.world.told).toEqual([])
  })

  test('and flaps while it is told of stays told of', async () => {
    bench.rule({ kind: 'node-gone', forMs: MINUTE })
    bench.loseNode()
    await bench.pass(70_000)
    for (let time = 0; time < 5; time++) {
      bench.loseNode(false)
      await bench.pass(5000)
      bench.loseNode()
      await bench.pass(5000)
    }
    expect(bench.world.told).toEqual(['firing'])
  })

  test('is not told of again by the next leader, and is not forgotten either', async () => {
    bench.rule({ kind: 'node-gone', forMs: 5000 })
    bench.loseNode()
    await bench.pass(10_000)
    bench.change()
    await bench.pass(MINUTE)
    expect(bench.world.told).toEqual(['firing'])
    bench.loseNode(false)
    await bench.pass(20_000)
    expect(bench.world.told).toEqual(['firing', 'resolved'])
  })

  test('what a leader could not record it records later', async () => {
    bench.rule({ kind: 'node-gone', forMs: 1000 })
    bench.loseNode()
    bench.refuses = true
    await bench.pass(20_000)
    expect(bench.world.told).toEqual([])
    bench.refuses = false
    await bench.pass(2000)
    expect(bench.world.told).toEqual(['firing'])
  })

  test('a new leader looks on for a while before it says anything', async () => {
    bench.rule({ kind: 'node-gone', forMs: 1000 })
    bench.loseNode()
    await bench.pass(GRACE_MS)
    expect(bench.world.told).toEqual([])
    await bench.pass(3000)
    expect(bench.world.told).toEqual(['firing'])
  })

  test('one that does not lead says nothing', async () => {
    bench.rule({ kind: 'node-gone', forMs: 1000 })
    await bench.lead('n3')
    bench.loseNode()
    await bench.pass(MINUTE)
    expect(bench.proposed).toEqual([])
    await bench.lead('n1')
    await bench.pass(10_000)
    expect(bench.world.told).toEqual(['firing'])
  })

  test('for good, it is over', async () => {
    bench.rule({ kind: 'node-gone', forMs: 1000 })
    bench.loseNode()
    await bench.pass(10_000)
    bench.world.run({ kind: 'member-delete', member: 'n2' })
    await bench.pass(2000)
    expect(bench.world.summary).toEqual(['resolved 1 subject-gone'])
  })
})

describe('services', () => {
  const service = () => {
    const { world } = bench
    const { namespace } = world
    const healthCheck = { path: '/', intervalMs: 1000, timeoutMs: 1000, unhealthyAfter: 1, healthyAfter: 1 }
    const whole = { description: '', allowedHosts: [], healthCheck }
    const uid = world.run({ kind: 'service-put', namespace, name: 'work', change: whole }).value?.uid ?? 0
    const change = { kind: 'static', url: 'http://e', weight: 1, slots: 0, labels: {}, status: 'online' }
    for (const id of ['e1', 'e2']) world.run({ kind: 'executor-put', service: uid, id, change })
    const health = (ids: string[], healthy: boolean) => {
      const executors = ids.map((id) => ({ service: uid, id, url: 'http://e', healthy }))
      world.run({ kind: 'executor-health', executors })
    }
    return { uid, health }
  }

  test('an executor that is not well, and a service without any that is', async () => {
    bench.rule({ kind: 'executor-gone', forMs: 5000 })
    bench.world.rule({ kind: 'service-gone', forMs: 5000 }, { name: 'service' })
    const { uid, health } = service()
    health(['e1'], false)
    await bench.pass(10_000)
    expect(bench.world.episodes.map(({ subject }) => subject)).toEqual([
      { kind: 'executor', id: `${uid}/e1`, name: 'e1', namespace: 'default' },
    ])
    health(['e2'], false)
    await bench.pass(10_000)
    expect(bench.world.episodes.map(({ subject: { kind } }) => kind)).toEqual(['executor', 'executor', 'service'])
    health(['e1', 'e2'], true)
    await bench.pass(20_000)
    expect(bench.world.summary).toEqual(['resolved 1', 'resolved 1', 'resolved 1'])
  })

  test('an executor that somebody took out of service is as wanted', async () => {
    bench.rule({ kind: 'executor-gone', forMs: 1000 })
    const { uid, health } = service()
    health(['e1'], false)
    const change = { kind: 'static', url: 'http://e', weight: 1, slots: 0, labels: {}, status: 'offline' }
    bench.world.run({ kind: 'executor-put', service: uid, id: 'e1', change })
    await bench.pass(MINUTE)
    expect(bench.world.summary).toEqual([])
  })

  test('an executor that registered itself is gone when it is not heard of, unless somebody ordered that', async () => {
    const { world } = bench
    bench.rule({ kind: 'executor-gone', forMs: 5000 })
    const { uid } = service()
    const own = { service: uid, url: 'http://e3', weight: 1, slots: 0, labels: {}, manifest: {} }
    const register = (id: string) => world.run({ kind: 'executor-register', ...own, id, boot: `boot-${id}` })
    const found = (id: string, status: string) =>
      world.run({ kind: 'executors-found', executors: [{ service: uid, id, boot: `boot-${id}`, status }] })
    for (const id of ['e3', 'e4', 'e5', 'e6']) {
      register(id)
      found(id, 'online')
    }
    world.run({ kind: 'executor-order', service: uid, id: 'e5', order: 'offline' })
    // Drained, and then gone.
    found('e6', 'draining')
    found('e6', 'offline')
    found('e4', 'suspect')
    found('e3', 'offline')
    await bench.pass(10_000)
    expect(world.episodes.map(({ subject, summary }) => [subject.name, summary])).toEqual([
      ['e3', 'Executor e3 of service work is not heard of any more.'],
      ['e4', 'Executor e4 of service work does not answer.'],
    ])
    register('e3')
    found('e3', 'online')
    found('e4', 'online')
    await bench.pass(20_000)
    expect(world.summary).toEqual(['resolved 1', 'resolved 1'])
  })
})

describe('the system', () => {
  const says = (alarms: NodeVitals['alarms'], certificates: NodeVitals['certificates'] = []) => [
    { node: 'n2', alarms, certificates },
  ]

  test('what nodes say is wrong with them; one that does not answer is not well because of that', async () => {
    bench.rule({ kind: 'disk-full' })
    bench.nodes = says([{ code: 'disk-full', detail: 'Less than 1 GiB is free.' }])
    await bench.pass(15_000)
    expect(bench.world.episodes).toMatchObject([{ state: 'firing', summary: 'Node n2: Less than 1 GiB is free.' }])
    bench.loseNode(false)
    bench.nodes = []
    await bench.pass(MINUTE)
    expect(bench.world.summary).toEqual(['firing 1'])
    bench.nodes = says([])
    await bench.pass(MINUTE)
    expect(bench.world.told).toEqual(['firing', 'resolved'])
  })

  test('nodes are asked only when a rule is about what they say', async () => {
    bench.rule({ kind: 'node-gone', forMs: 1000 })
    await bench.pass(MINUTE)
    expect(bench.asked).toBe(0)
  })

  test('certificates and tokens that end soon', async () => {
    const { world } = bench
    bench.loseNode(false)
    world.rule({ kind: 'certificate-ends', beforeMs: HOUR }, { name: 'c', namespace: 0 })
    world.rule({ kind: 'token-ends', beforeMs: HOUR }, { name: 't', namespace: 0 })
    bench.nodes = says([], [{ name: 'api', endsAt: bench.clock.now() + HOUR + MINUTE }])
    const expiresAt = bench.clock.now() + HOUR + MINUTE
    world.run({ kind: 'token-put', id: 't1', hash: 'h', name: 'ci', scope: 'read', by: 't', expiresAt })
    await bench.pass(30_000)
    expect(world.summary).toEqual([])
    await bench.pass(MINUTE)
    expect(world.episodes.map(({ subject }) => subject.name)).toEqual(['api of two', 'ci'])
    world.run({ kind: 'token-revoke', id: 't1' })
    bench.nodes = says([], [{ name: 'api', endsAt: bench.clock.now() + 100 * HOUR }])
    await bench.pass(30_000)
    expect(world.summary).toEqual(['resolved 1', 'resolved 1 subject-gone'])
  })

  test('that there was no leader is told by the next one, if it was so for long enough', async () => {
    bench.rule({ kind: 'no-leader', forMs: 10_000 })
    await bench.lead(undefined, false)
    await bench.pass(5000)
    await bench.lead('n1')
    await bench.pass(10_000)
    expect(bench.world.summary).toEqual([])
    await bench.lead(undefined, false)
    const since = bench.clock.now()
    await bench.pass(30_000)
    await bench.lead('n1')
    await bench.pass(10_000)
    expect(bench.world.episodes).toMatchObject([{ state: 'resolved', since, resolvedAt: since + 30_000 }])
    expect(bench.world.told).toEqual(['resolved'])
  })

  test.each([
    [
      'the longest that somebody without a leader was there',
      [
        [5, false],
        [30, false],
      ],
      30,
    ],
    [
      'less, where another one had a leader meanwhile',
      [
        [600, true],
        [4, true],
        [2, false],
      ],
      4,
    ],
    [
      'what one knows that had a leader, though others were started since',
      [
        [40, true],
        [3, false],
      ],
      40,
    ],
    ['nothing, where nobody was without', [], 0],
  ] as [string, [number, boolean][], number][])('%s is how long there was no leader', (_name, seen, seconds) => {
    const until = 1_000_000
    const ended = seen.map(([ago, knew]) => ({ since: until - ago * 1000, until: until + 500, knew }))
    const earlier = { since: 0, until: until - 60_000, knew: false }
    expect(until - leaderlessSince([...ended, undefined, earlier], until)).toBe(seconds * 1000)
  })

  test('how long there was no leader is told once, though it was not heard that it was recorded', async () => {
    bench.rule({ kind: 'no-leader', forMs: 10_000 })
    await bench.pass(5000)
    await bench.lead(undefined, false)
    await bench.pass(30_000)
    bench.loses = true
    await bench.lead('n1')
    await bench.pass(10_000)
    bench.loses = false
    await bench.pass(10_000)
    expect(bench.proposed.length).toBeGreaterThan(1)
    expect(bench.world.told).toEqual(['resolved'])
  })

  test('rows that a sink never got, each gap once', async () => {
    const { world } = bench
    const gap = (at: number) => ({ from: [1, 0], to: [2, 0], count: 7, at, reason: 'age' })
    world.run({ kind: 'sink-put', name: 'my', change: { connection: {} }, by: 't' })
    const [sink] = world.state.sinks.values()
    if (!sink) throw new Error('no sink')
    const change = (some: object) => void Object.assign(sink, some)
    change({ gaps: [gap(world.now - 1)] })
    bench.rule({ kind: 'sink-gap' })
    await bench.pass(10_000)
    expect(world.summary).toEqual([])
    change({ gaps: [gap(bench.clock.now())] })
    await bench.pass(10_000)
    expect(world.episodes).toMatchObject([
      {
        state: 'firing',
        subject: { kind: 'sink', name: 'my' },
        summary: '7 rows left the ledger before sink my got them.',
      },
    ])
    await bench.pass(2 * MINUTE)
    expect(world.told).toEqual(['firing', 'resolved'])
    bench.change()
    await bench.pass(MINUTE)
    expect(world.told).toEqual(['firing', 'resolved'])
    // Of rows that come before those of an older gap.
    change({ gaps: [gap(bench.clock.now()), gap(1)] })
    await bench.pass(10_000)
    expect(world.told).toEqual(['firing', 'resolved', 'firing'])
  })

  test('a channel that fails for long enough', async () => {
    const { world } = bench
    bench.rule({ kind: 'channel-failing', forMs: MINUTE })
    const channel = world.channel('broken', 10, 0)
    world.run({ kind: 'channel-test', channel, by: 't' })
    const send = (result: object) => world.run({ kind: 'alert-messages-sent', results: [{ message: 1, ...result }] })
    send({ error: 'no answer', nextAt: 1 })
    await bench.pass(50_000)
    expect(world.summary).toEqual([])
    await bench.pass(20_000)
    expect(world.episodes).toMatchObject([{ subject: { kind: 'channel', name: 'broken' } }])
    send({})
    await bench.pass(20_000)
    expect(world.summary).toEqual(['resolved 1'])
  })

  test('a run that takes too long is told of while it is open', async () => {
    const { world } = bench
    const job = world.job()
    world.rule({ kind: 'slow', durationMs: MINUTE })
    await bench.pass(1000)
    const run = world.start(job)
    await bench.pass(2 * MINUTE)
    expect(world.episodes).toMatchObject([{ state: 'firing', count: 1, run }])
    world.finish(run, 'succeeded')
    await bench.pass(10_000)
    expect(world.summary).toEqual(['firing 1'])
  })

  test('each rule about slow runs has its own limit and its own jobs', async () => {
    const { world } = bench
    const [one, two] = [world.job('one'), world.job('two')]
    const { namespace } = world
    world.rule({ kind: 'slow', durationMs: MINUTE }, { name: 'all' })
    const scope = { kind: 'job', namespace, job: two.uid } as const
    world.rule({ kind: 'slow', durationMs: 2 * MINUTE }, { name: 'two', scope })
    world.rule({ kind: 'slow', durationMs: 1000 }, { name: 'off', enabled: false })
    await bench.pass(5000)
    for (const job of [one, one, two, two]) world.start(job)
    await bench.pass(90_000)
    const found = () => world.episodes.map(({ ruleName, subject, count }) => [ruleName, subject.name, count])
    const after = [
      ['all', 'one', 1],
      ['all', 'two', 1],
    ]
    expect(found()).toEqual(after)
    await bench.pass(MINUTE)
    expect(found()).toEqual([...after, ['two', 'two', 1]])
  })
})

describe('what goes on', () => {
  test('is told of again as often as its rule says', async () => {
    const { world } = bench
    const channel = world.channel('ops', 10, 0)
    world.rule({ kind: 'node-gone', forMs: 1000 }, { namespace: 0, channels: [channel], repeatMs: 10 * MINUTE })
    bench.loseNode()
    await bench.pass(25 * MINUTE)
    expect(world.told).toEqual(['firing', 'repeated', 'repeated'])
  })

  test('is told of once its silence is over', async () => {
    const { world } = bench
    bench.rule({ kind: 'node-gone', forMs: 1000 })
    const until = bench.clock.now() + 5 * MINUTE
    world.run({ kind: 'silence-put', namespace: 0, match: {}, from: 0, until, reason: 'r', by: 't' })
    bench.loseNode()
    await bench.pass(4 * MINUTE)
    expect(world.told).toEqual([])
    await bench.pass(2 * MINUTE)
    expect(world.told).toEqual(['firing'])
  })

  test('where no rule is, nothing is looked at', async () => {
    bench.loseNode()
    await bench.pass(MINUTE)
    expect(bench.proposed).toEqual([])
  })
})

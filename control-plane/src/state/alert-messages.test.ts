import { describe, expect, test } from 'vitest'
import { MESSAGE_KEPT_MS, MESSAGES_MAX } from '../alerts/episode.ts'
import type { AlertCondition } from '../alerts/rule.ts'
import { AlertWorld } from './alert-world.test-helper.ts'

const FAILED: AlertCondition = { kind: 'run-ended', states: ['failed'], count: 1, windowMs: 60_000 }
const WINDOW = 60_000

function crowd(messagesMax: number, jobs: number) {
  const world = new AlertWorld()
  const channel = world.channel('ops', messagesMax)
  world.rule(FAILED, { channels: [channel] })
  const all = Array.from({ length: jobs }, (_, at) => world.job(`job-${at}`))
  world.pass(1000)
  const runs = all.map((job) => world.start(job))
  const { state } = world
  const summaries = () => [...state.alertMessages.values()].filter(({ about }) => about.kind === 'summary')
  return { world, channel, all, runs, state, summaries }
}

describe('a channel', () => {
  test('10,000 failures in a minute make as many messages as it allows, and a summary that says how many', () => {
    const { world, channel, runs, summaries } = crowd(10, 10_000)
    for (const run of runs) {
      world.pass(5)
      world.finish(run, 'failed')
    }
    world.pass(WINDOW)
    world.run({ kind: 'alert-summaries', channels: [channel] })
    expect(world.told).toEqual([...Array.from({ length: 10 }, () => 'firing'), 'summary'])
    expect(summaries()).toMatchObject([{ about: { firing: 9990, resolved: 0 } }])
    expect(summaries()[0]?.about).toHaveProperty('episodes.length', 50)
    expect(world.episodes).toHaveLength(10_000)
  })

  test('the first that is put off within a window says that a summary is owed', () => {
    const { world, runs } = crowd(1, 4)
    const events = runs.map((run) => {
      const error = { code: 'e', message: 'm' }
      const attempt = world.state.runs.get(run)?.shards[0]?.attempt?.id ?? ''
      const finish = { attempt, job: world.state.runs.get(run)?.job, outcome: 'failed', endedAt: world.now }
      const finishes = [{ ...finish, retryable: false, chance: 0, error }]
      const applied = world.run({ kind: 'attempts-finished', finishes })
      return applied.events.filter(({ type }) => type === 'alert-put-off').length
    })
    expect(events).toEqual([0, 1, 0, 0])
  })

  test('has no more messages within any window than it allows, the summary included', () => {
    const { world, channel, all, state } = crowd(3, 40)
    const sent: number[] = []
    for (let step = 0; step < 400; step++) {
      world.pass(2000)
      const job = all[step % all.length]
      if (job) world.ends(job, step % 3 === 0 ? 'succeeded' : 'failed', 10)
      world.run({ kind: 'alert-summaries', channels: [channel] })
    }
    for (const { at } of state.alertMessages.values()) sent.push(at)
    expect(sent.length).toBeGreaterThan(30)
    const windows = new Map<number, number>()
    for (const [place, at] of sent.entries()) {
      // From any message on, at most twice as many: the windows are one behind the other.
      const within = sent.slice(place).filter((other) => other < at + WINDOW).length
      windows.set(at, within)
      expect(within).toBeLessThanOrEqual(6)
    }
    expect(Math.max(...windows.values())).toBeGreaterThanOrEqual(3)
  })

  test('is summed up once, whoever asks for it again', () => {
    const { world, channel, runs, summaries } = crowd(1, 5)
    for (const run of runs) world.finish(run, 'failed')
    world.run({ kind: 'alert-summaries', channels: [channel] })
    expect(summaries()).toHaveLength(0)
    world.pass(WINDOW)
    for (let time = 0; time < 3; time++) world.run({ kind: 'alert-summaries', channels: [channel] })
    expect(summaries()).toMatchObject([{ about: { firing: 4 } }])
  })

  test('that has something to sum up says so before anything newer', () => {
    const { world, all, runs, state } = crowd(2, 4)
    for (const run of runs) world.finish(run, 'failed')
    world.pass(WINDOW)
    if (all[0]) world.ends(all[0], 'succeeded')
    expect(world.told).toEqual(['firing', 'firing', 'summary', 'resolved'])
    expect([...state.channels.values()][0]?.window).toMatchObject({ sent: 2, firing: 0 })
  })

  test('keeps a bounded number of messages; the oldest give way', () => {
    const { world, channel, state } = crowd(1000, 0)
    for (let sent = 0; sent < MESSAGES_MAX + 100; sent++) {
      if (sent % 900 === 0) world.pass(WINDOW)
      world.run({ kind: 'channel-test', channel, by: 't' })
    }
    expect(state.alertMessages.size).toBe(MESSAGES_MAX)
    expect([...state.alertMessages.keys()][0]).toBe(101)
    expect(state.alertIndex.messages.get(channel)?.size).toBe(MESSAGES_MAX)
  })

  test('one that is crowded crowds out no other', () => {
    const { world, channel, state } = crowd(1000, 0)
    const other = world.channel('other')
    world.run({ kind: 'channel-test', channel: other, by: 't' })
    for (let sent = 0; sent < 3000; sent++) {
      if (sent % 900 === 0) world.pass(WINDOW)
      world.run({ kind: 'channel-test', channel, by: 't' })
    }
    expect(state.alertIndex.messages.get(other)?.size).toBe(1)
  })

  test('of the cluster is shared out: a namespace that is noisy leaves room for others, and for the cluster', () => {
    const world = new AlertWorld()
    const channel = world.channel('ops', 10, 0)
    const ofNamespace = (name: string) => {
      const change = { description: '', slots: 1, queuedRunsMax: 1 }
      return world.run({ kind: 'namespace-put', name, change }).value?.uid ?? 0
    }
    const put = (namespace: number) =>
      world.run({
        kind: 'alert-rule-put',
        namespace,
        name: 'r',
        change: {
          scope: namespace === 0 ? { kind: 'cluster' } : { kind: 'namespace', namespace },
          condition: { kind: 'stopped' },
          channels: [channel],
          notifyResolved: true,
          enabled: true,
        },
        by: 't',
      }).value?.uid ?? 0
    const told = (rule: number) => {
      const before = world.told.length
      for (let id = 0; id < 100; id++)
        world.observe({ rule, subject: { kind: 'executor', id: `${rule}/${id}`, name: 'e' } })
      return world.told.length - before
    }
    const rules = ['a', 'b', 'c', 'd', 'e'].map((name) => put(ofNamespace(name)))
    expect(rules.map(told)).toEqual([5, 2, 1, 1, 0])
    expect(told(put(0))).toBe(1)
    world.pass(WINDOW)
    world.run({ kind: 'alert-summaries', channels: [channel] })
    const [summary] = [...world.state.alertMessages.values()].filter(({ about }) => about.kind === 'summary')
    expect(summary?.about).toMatchObject({ firing: 600 - 10 })
    expect(told(rules[0] ?? 0)).toBe(0)
  })

  test('forgets what was told long ago', () => {
    const { world, channel, state } = crowd(10, 0)
    world.run({ kind: 'channel-test', channel, by: 't' })
    world.run({ kind: 'alert-messages-sent', results: [{ message: 1 }] })
    world.pass(MESSAGE_KEPT_MS)
    world.run({ kind: 'channel-test', channel, by: 't' })
    expect([...state.alertMessages.keys()]).toEqual([2])
  })

  test('refuses a test message when it has had as many as it may', () => {
    const { world, channel } = crowd(1, 0)
    const ask = () => world.run({ kind: 'channel-test', channel, by: 't' }).rejection?.code
    expect([ask(), ask()]).toEqual([undefined, 'alerts-full'])
    world.pass(WINDOW)
    expect(ask()).toBeUndefined()
  })
})

describe('a message', () => {
  const sent = (results: object[]) => {
    const { world, channel, state } = crowd(10, 0)
    world.run({ kind: 'channel-test', channel, by: 't' })
    for (const result of results) world.run({ kind: 'alert-messages-sent', results: [{ message: 1, ...result }] })
    return { message: state.alertMessages.get(1), trouble: state.channels.get(channel)?.trouble }
  }
  const again = { error: 'no answer', nextAt: 1 }

  test.each([
    ['delivered', [{}], { state: 'delivered', attempts: 1 }, undefined],
    [
      'delivered in part',
      [{ error: 'no such user', partly: true }],
      { state: 'delivered', error: 'no such user' },
      undefined,
    ],
    ['to be sent again', [again], { state: 'open', attempts: 1, nextAt: 1, error: 'no answer' }, 'no answer'],
    [
      'left to some',
      [{ error: 'c for now', partly: true, nextAt: 5, left: { to: ['c'] } }],
      { state: 'open', nextAt: 5, error: 'c for now', left: { to: ['c'] } },
      undefined,
    ],
    [
      'delivered to those too',
      [{ error: 'c for now', partly: true, nextAt: 5, left: { to: ['c'] } }, {}],
      { state: 'delivered', attempts: 2 },
      undefined,
    ],
    [
      'given up for those alone',
      [
        { error: 'c for now', partly: true, nextAt: 5, left: { to: ['c'] } },
        { error: 'c for good', partly: true },
      ],
      { state: 'delivered', error: 'c for good' },
      undefined,
    ],
    ['given up', [again, { error: 'refused' }], { state: 'failed', attempts: 2, error: 'refused' }, 'refused'],
    ['delivered after all', [again, {}], { state: 'delivered', attempts: 2 }, undefined],
    ['delivered once, whatever is said later', [{}, { error: 'late' }], { state: 'delivered', attempts: 1 }, undefined],
  ])('is %s', (_name, results, expected, trouble) => {
    const found = sent(results)
    expect(found.message).toMatchObject(expected)
    expect(found.trouble?.error).toBe(trouble)
  })

  test('that ended has nobody left', () => {
    const left = { error: 'c for now', partly: true, nextAt: 5, left: { to: ['c'] } }
    for (const end of [{}, { error: 'c for good', partly: true }]) {
      const { message } = sent([left, end])
      expect([message?.left, message?.nextAt]).toEqual([undefined, undefined])
      expect(message?.error).toBe('error' in end ? end.error : undefined)
    }
  })

  test('that ended has no error of before, and its time', () => {
    const { message } = sent([again, {}])
    expect(message?.error).toBeUndefined()
    expect(message?.nextAt).toBeUndefined()
    expect(message?.endedAt).toBeGreaterThan(0)
  })
})

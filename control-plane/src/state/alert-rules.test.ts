import { describe, expect, test } from 'vitest'
import { CHANNELS_OF_NAMESPACE_MAX } from '../alerts/channel.ts'
import { RULES_OF_NAMESPACE_MAX, SILENCES_OF_NAMESPACE_MAX, type AlertCondition } from '../alerts/rule.ts'
import { AlertWorld } from './alert-world.test-helper.ts'

const FAILED: AlertCondition = { kind: 'run-ended', states: ['failed'], count: 1, windowMs: 60_000 }

function failing() {
  const world = new AlertWorld()
  const job = world.job()
  const channel = world.channel()
  const rule = world.rule(FAILED, { channels: [channel] })
  world.ends(job, 'failed')
  return { world, job, channel, rule }
}

describe('an episode', () => {
  test('goes on when its rule gets other channels, and those are told when it is over', () => {
    const { world, job } = failing()
    const other = world.channel('other')
    world.rule(FAILED, { channels: [other] })
    world.ends(job, 'succeeded')
    expect(world.summary).toEqual(['resolved 1'])
    expect([...world.state.alertMessages.values()].at(-1)).toMatchObject({
      channel: other,
      about: { kind: 'resolved' },
    })
  })

  test.each([
    ['watches for something else', { ...FAILED, count: 2 }, {}],
    ['is disabled', FAILED, { enabled: false }],
  ])('is closed when its rule %s, and nobody is told', (_name, condition, change) => {
    const { world, channel } = failing()
    world.rule(condition, { channels: [channel], ...change })
    expect(world.summary).toEqual(['resolved 1 rule-changed'])
    expect(world.told).toEqual(['firing'])
  })

  test('is closed with its rule', () => {
    const { world, rule } = failing()
    world.run({ kind: 'alert-rule-delete', rule })
    expect(world.summary).toEqual(['resolved 1 rule-changed'])
    expect(world.told).toEqual(['firing'])
    expect(world.state.alertIndex).toMatchObject({
      moments: {},
      ruleNames: new Map(),
      open: new Map(),
      about: new Map(),
    })
  })

  test('is over when its job is deleted, which is told', () => {
    const { world, job } = failing()
    world.run({ kind: 'job-delete', job: job.uid, force: true })
    expect(world.summary).toEqual(['resolved 1 subject-gone'])
    expect(world.told).toEqual(['firing', 'resolved'])
  })

  test('does not tell when it is over, if its rule does not want that', () => {
    const { world, job, channel } = failing()
    world.rule(FAILED, { channels: [channel], notifyResolved: false })
    world.ends(job, 'succeeded')
    expect(world.told).toEqual(['firing'])
  })

  test('is told of again as often as its rule says, while it goes on', () => {
    const { world, job, channel } = failing()
    const [episode] = world.episodes
    world.rule(FAILED, { channels: [channel], repeatMs: 60_000 })
    const repeat = () => world.run({ kind: 'alerts-repeated', episodes: [episode?.id ?? ''] })
    repeat()
    expect(world.told).toEqual(['firing'])
    world.pass(60_000)
    repeat()
    repeat()
    expect(world.told).toEqual(['firing', 'repeated'])
    world.ends(job, 'succeeded')
    world.pass(60_000)
    repeat()
    expect(world.told).toEqual(['firing', 'repeated', 'resolved'])
  })
})

describe('a silence', () => {
  const silenced = (match: object, of = 1) => {
    const world = new AlertWorld()
    const job = world.job()
    world.rule(FAILED, { channels: [world.channel()] })
    const namespace = of === 1 ? world.namespace : of
    const until = world.now + 60_000
    world.run({ kind: 'silence-put', namespace, match, from: world.now, until, reason: 'r', by: 't' })
    const run = world.ends(job, 'failed')
    return { world, job, run }
  }

  test.each([
    ['of everything in its namespace', {}],
    ['of the job', { job: 2 }],
    ['of the rule', { rule: 4 }],
  ])('%s: nobody is told, and it is recorded', (_name, match) => {
    const { world, job } = silenced(match)
    expect(world.told).toEqual([])
    expect(world.episodes).toMatchObject([{ state: 'firing', silenced: '0000000005' }])
    world.ends(job, 'succeeded')
    expect(world.told).toEqual([])
  })

  test('of the cluster is over every namespace', () => {
    expect(silenced({}, 0).world.told).toEqual([])
  })

  test.each([
    ['another job', { job: 99 }],
    ['another rule', { rule: 99 }],
    ['a node', { node: 'n1' }],
    ['a service', { service: 99 }],
    ['the job by another rule', { job: 2, rule: 99 }],
  ])('of %s silences nothing else', (_name, match) => {
    expect(silenced(match).world.told).toEqual(['firing'])
  })

  test('that is over: what still goes on is told then, once', () => {
    const { world, job } = silenced({})
    const repeat = () => world.run({ kind: 'alerts-repeated', episodes: world.episodes.map(({ id }) => id) })
    repeat()
    expect(world.told).toEqual([])
    world.pass(60_000)
    repeat()
    repeat()
    expect(world.told).toEqual(['firing'])
    world.ends(job, 'succeeded')
    expect(world.told).toEqual(['firing', 'resolved'])
  })

  test('what was told before it is told to be over meanwhile', () => {
    const { world, job } = failing()
    const until = world.now + 600_000
    const { namespace } = world
    world.run({ kind: 'silence-put', namespace, match: {}, from: world.now, until, reason: 'r', by: 't' })
    world.ends(job, 'succeeded')
    expect(world.told).toEqual(['firing', 'resolved'])
  })
})

describe('rules, channels and silences', () => {
  test('a channel that a rule names stays', () => {
    const { world, rule, channel } = failing()
    expect(world.run({ kind: 'channel-delete', channel }).rejection?.code).toBe('in-use')
    world.run({ kind: 'alert-rule-delete', rule })
    expect(world.run({ kind: 'channel-delete', channel }).rejection).toBeUndefined()
    expect(world.state.alertMessages.size).toBe(0)
    expect(world.state.alertIndex.messages.size).toBe(0)
  })

  test('a rule names only channels and things of its namespace, or of the cluster', () => {
    const world = new AlertWorld()
    const change = { description: '', slots: 1, queuedRunsMax: 1 }
    const other = world.run({ kind: 'namespace-put', name: 'other', change }).value?.uid ?? 0
    const foreign = world.channel('foreign', 10, other)
    const common = world.channel('common', 10, 0)
    const scope = { kind: 'namespace', namespace: other } as const
    expect(() => world.rule(FAILED, { channels: [foreign] })).toThrow('names a channel that does not exist')
    expect(() => world.rule(FAILED, { scope })).toThrow('watches another namespace')
    expect(() => world.rule(FAILED, { scope: { kind: 'cluster' } })).toThrow('watches more than its namespace')
    expect(() => world.rule(FAILED, { channels: [common] })).not.toThrow()
    expect(() => world.rule(FAILED, { namespace: 0, scope })).not.toThrow()
  })

  test('a rule goes with the job that it watches', () => {
    const world = new AlertWorld()
    const job = world.job()
    const scope = { kind: 'job', namespace: world.namespace, job: job.uid } as const
    world.rule({ ...FAILED, count: 3 }, { scope })
    world.ends(job, 'failed')
    expect(world.state.alertTallies.size).toBe(1)
    world.run({ kind: 'job-delete', job: job.uid, force: true })
    expect([world.state.alertRules.size, world.state.alertTallies.size]).toEqual([0, 0])
  })

  test('everything goes with its namespace, and the rules of the cluster that watch it', () => {
    const { world, job } = failing()
    const { namespace, state } = world
    world.run({ kind: 'silence-put', namespace, match: {}, from: 0, until: world.now + 9, reason: 'r', by: 't' })
    world.rule(FAILED, { namespace: 0, scope: { kind: 'namespace', namespace } })
    world.run({ kind: 'job-delete', job: job.uid, force: true })
    expect(world.run({ kind: 'namespace-delete', name: 'default' }).rejection).toBeUndefined()
    const { alertRules, channels, silences, episodes, alertMessages } = state
    expect([alertRules, channels, silences, episodes, alertMessages].map(({ size }) => size)).toEqual([0, 0, 0, 0, 0])
    expect([...state.alertIndex.channelNames.keys(), ...state.alertIndex.episodes.keys()]).toEqual([])
  })

  test('each namespace has a bounded number of each, and one that is full leaves room for others', () => {
    const world = new AlertWorld()
    for (let at = 0; at < RULES_OF_NAMESPACE_MAX; at++) world.rule(FAILED, { name: `r${at}` })
    expect(() => world.rule(FAILED, { name: 'more' })).toThrow('too many rules')
    expect(() => world.rule(FAILED, { name: 'more', namespace: 0 })).not.toThrow()
    for (let at = 0; at < CHANNELS_OF_NAMESPACE_MAX; at++) world.channel(`c${at}`)
    expect(world.channel('more')).toBe(0)
    expect(world.channel('more', 10, 0)).toBeGreaterThan(0)
    const put = (namespace: number) => {
      const silence = { namespace, match: {}, from: 0, until: world.now + 9, reason: 'r', by: 't' }
      return world.run({ kind: 'silence-put', ...silence }).rejection?.code
    }
    for (let at = 0; at < SILENCES_OF_NAMESPACE_MAX; at++) put(world.namespace)
    expect([put(world.namespace), put(0)]).toEqual(['alerts-full', undefined])
    world.pass(9)
    expect(put(world.namespace)).toBeUndefined()
    expect(world.state.silences.size).toBe(1)
  })

  test('a change that was made for another version is refused', () => {
    const { world, rule, channel } = failing()
    expect(world.run({ kind: 'alert-rule-delete', rule, ifVersion: 7 }).rejection?.code).toBe('version-mismatch')
    expect(world.run({ kind: 'channel-delete', channel, ifVersion: 7 }).rejection?.code).toBe('version-mismatch')
  })

  test('a secret stays with a channel that goes on being of its kind', () => {
    const world = new AlertWorld()
    const put = (kind: string, more: object) => {
      const change = { target: { kind }, messagesMax: 1, windowMs: 1000, ...more }
      world.run({ kind: 'channel-put', namespace: 0, name: 'x', change, by: 't' })
      return [...world.state.channels.values()][0]?.secret
    }
    expect(put('slack', { secret: 'sealed' })).toBe('sealed')
    expect(put('slack', {})).toBe('sealed')
    expect(put('wecom', {})).toBeUndefined()
    expect(put('wecom', { secret: 'other' })).toBe('other')
    expect(put('wecom', { secret: null })).toBeUndefined()
  })
})

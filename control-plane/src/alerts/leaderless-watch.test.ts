import { beforeEach, expect, test } from 'vitest'
import type { Leadership } from '../cluster/consensus.ts'
import { raftId } from '../cluster/member-id.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { AlertWorld } from '../state/alert-world.test-helper.ts'
import type { AlertText, Channel, Sent } from './channel.ts'
import { alertText } from './text.ts'
import { LeaderlessWatch } from './leaderless-watch.ts'
import { SaidAlone, saidObservations } from './said.ts'

const [FIRST, SECOND, THIRD] = ['aaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaa2', 'bbbbbbbbbbbbbbb3'] as const

let clock: StillClock
let world: AlertWorld
let told: AlertText[]
/** Where that was sent to. */
let targets: Channel['target'][]
let answer: Sent
let said: SaidAlone
let lead: (leader: string | undefined) => void

/** The watch of a node that hears of these. */
function watch(node: string, heard: string[] = [], voters: string[] = [FIRST, SECOND], silenceMs = 100): void {
  const silences = new Map(heard.map((id) => [raftId(id), silenceMs]))
  let listener: (leadership: Leadership) => void = () => undefined
  const { signal } = new AbortController()
  lead = (leader) => listener({ term: 1, leader, isLeader: leader === node, signal })
  const one = new LeaderlessWatch({
    clock,
    logger: { warn: () => undefined },
    node,
    state: () => world.state,
    consensus: { membership: () => ({ voters, learners: [THIRD], outgoing: [] }) },
    network: { silence: (id) => silences.get(id) },
    channels: {
      send: ({ target }, _secret, text) => {
        told.push(text)
        targets.push(target)
        return Promise.resolve(answer)
      },
    },
    said,
    openSecret: () => '',
    baseUrl: 'http://cron.example.com',
  })
  one.follow({
    leadership: () => ({ term: 1, leader: 'n1', isLeader: false, signal }),
    onLeadership: (listening) => {
      listener = listening
      return () => undefined
    },
  })
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) await clock.pass(1000)
}

beforeEach(async () => {
  said = await SaidAlone.open({ load: () => Promise.resolve([]), save: () => Promise.resolve() })
  clock = new StillClock()
  world = new AlertWorld(clock.now())
  told = []
  targets = []
  answer = { kind: 'delivered' }
  const channels = [world.channel('ops', 10, 0)]
  world.rule({ kind: 'no-leader', forMs: 30_000 }, { namespace: 0, channels, name: 'leaderless' })
})

test('a node that hears of no leader for long enough says so, once, without writing anything', async () => {
  watch(SECOND)
  lead(undefined)
  await pass(29)
  expect(told).toEqual([])
  await pass(600)
  expect(told).toMatchObject([{ kind: 'firing', rule: 'leaderless', subject: { kind: 'cluster' } }])
  expect(world.state.alertMessages.size).toBe(0)
})

test('others that have been silent for seconds are not reached, although they may still be the ones to say it', async () => {
  watch(FIRST, [SECOND, THIRD], [FIRST, SECOND, THIRD], 4000)
  lead(undefined)
  await pass(31)
  expect(told).toMatchObject([{ subject: { kind: 'node', id: FIRST } }])
  watch(SECOND, [FIRST, THIRD], [FIRST, SECOND, THIRD], 4000)
  lead(undefined)
  await pass(31)
  expect(told.length).toBe(1)
})

test.each([
  ['there is no leader', SECOND, [], [FIRST, SECOND]],
  ['it is cut off', THIRD, [], [FIRST, SECOND, THIRD]],
])('that %s is told to be over under the key that it was told under, whoever leads then', async (_name, node, heard, voters) => {
  watch(node, heard, voters)
  lead(undefined)
  await pass(60)
  expect(said.over(world.state)).toEqual([])
  lead(FIRST)
  const [text] = told
  const over = said.over(world.state)
  expect(over).toMatchObject([{ key: text?.key, since: text?.since, until: clock.now() }])
  world.run({ kind: 'alerts-observed', observations: saidObservations(world.state, [{ said: over }]) })
  const [episode] = world.episodes
  const [message] = world.state.alertMessages.values()
  if (!episode || !message || !text) throw new Error('nothing is told')
  const resolved = alertText(message, { cluster: 'c', baseUrl: 'http://c', channel: 'ops', episode })
  expect(resolved).toMatchObject({ kind: 'resolved', key: text.key, subject: text.subject })
  expect(resolved.id).not.toBe(text.id)
})

test('the same leader, lost and found again, is lost under another key', async () => {
  watch(THIRD, [], [FIRST, SECOND, THIRD])
  for (let time = 0; time < 3; time++) {
    lead(undefined)
    await pass(60)
    lead(FIRST)
    world.run({
      kind: 'alerts-observed',
      observations: saidObservations(world.state, [{ said: said.over(world.state) }]),
    })
  }
  expect(new Set(told.map(({ key }) => key)).size).toBe(3)
  expect(new Set(told.map(({ id }) => id)).size).toBe(3)
  expect(world.episodes.map(({ key }) => key)).toEqual(told.map(({ key }) => key))
})

test('and again when it happens again', async () => {
  watch(SECOND)
  for (let time = 0; time < 2; time++) {
    lead(undefined)
    await pass(60)
    lead(FIRST)
    await pass(60)
  }
  expect(told).toHaveLength(2)
})

test.each([
  ['the first voter says it, though others hear it', FIRST, [SECOND], 1],
  ['the second says nothing while it hears the first', SECOND, [FIRST], 0],
  ['the second says it when it hears of nobody', SECOND, [], 1],
  ['one that does not vote says nothing', THIRD, [], 0],
])('%s', async (_name, node, heard, times) => {
  watch(node, heard)
  lead(undefined)
  await pass(60)
  expect(told).toHaveLength(times)
})

test('one that does not reach a majority says that it is cut off, and from whom: the others may have a leader', async () => {
  watch(THIRD, [], [FIRST, SECOND, THIRD])
  lead(undefined)
  await pass(60)
  expect(told).toMatchObject([{ subject: { kind: 'node', id: THIRD } }])
  expect(told[0]?.title).toContain('is cut off')
  expect(told[0]?.summary).toMatch(/does not reach .*aaaaaaaaaaaaaaa1/)
  expect(told[0]?.summary).not.toContain('without one nothing starts')
  told = []
  watch(SECOND, [THIRD], [FIRST, SECOND, THIRD])
  lead(undefined)
  await pass(60)
  expect(told).toMatchObject([{ title: expect.stringContaining('no leader'), subject: { kind: 'cluster' } }])
})

test('a leader that is found in time is nothing to tell of', async () => {
  watch(FIRST)
  for (let time = 0; time < 10; time++) {
    lead(undefined)
    await pass(20)
    lead(SECOND)
  }
  expect(told).toEqual([])
})

test('a channel that fails is tried again for a while, under the same id; one that refuses is not', async () => {
  watch(FIRST)
  answer = { kind: 'retry', error: 'no answer' }
  lead(undefined)
  await pass(3600)
  expect(told).toHaveLength(10)
  expect(new Set(told.map(({ id }) => id)).size).toBe(1)
  lead(SECOND)
  told = []
  answer = { kind: 'failed', error: 'no such user' }
  lead(undefined)
  await pass(600)
  expect(told).toHaveLength(1)
})

test('recipients whom a mail server refuses for now are told again, alone', async () => {
  const mail = { kind: 'email', host: 'h', port: 25, security: 'none', from: 'f@b.example' } as const
  const target = { ...mail, to: ['a@b.example', 'c@b.example', 'd@b.example'] }
  world.run({
    kind: 'channel-put',
    namespace: 0,
    name: 'ops',
    change: { target, messagesMax: 10, windowMs: 60_000 },
    by: 't',
  })
  watch(FIRST)
  answer = { kind: 'partly', error: 'greylisted', left: { to: ['c@b.example', 'd@b.example'] } }
  lead(undefined)
  await pass(31)
  answer = { kind: 'retry', error: 'no answer' }
  await pass(31)
  answer = { kind: 'delivered' }
  await pass(3600)
  const left = { ...mail, to: ['c@b.example', 'd@b.example'] }
  expect(targets).toEqual([target, left, left])
})

test('under a silence nobody is told', async () => {
  const until = clock.now() + 3_600_000
  world.run({ kind: 'silence-put', namespace: 0, match: {}, from: 0, until, reason: 'r', by: 't' })
  watch(FIRST)
  lead(undefined)
  await pass(60)
  expect(told).toEqual([])
})

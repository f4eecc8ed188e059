import { setImmediate as breathe } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { AlertWorld } from '../state/alert-world.test-helper.ts'
import type { Channel, Sent } from './channel.ts'
import { sentToLeft } from './left-over.ts'
import { MESSAGE_TRIES_MAX, Sender } from './sender.ts'

let clock: StillClock
let world: AlertWorld
let sender: Sender
let rule: number
/** What was sent: the kind, and to whom. */
let sent: string[]
/** Recipients whom the server refuses, and how. */
let refuses: Record<string, 'now' | 'good'>
let isDown: boolean

beforeEach(() => {
  clock = new StillClock()
  world = new AlertWorld(clock.now())
  sent = []
  refuses = {}
  isDown = false
  const target = mailTo(['a', 'b', 'c'])
  const { value } = world.run({
    kind: 'channel-put',
    namespace: 0,
    name: 'ops',
    change: { target, messagesMax: 100, windowMs: 60_000 },
    by: 't',
  })
  rule = world.rule({ kind: 'node-gone', forMs: 1000 }, { namespace: 0, channels: [value?.uid ?? 0] })
  sender = new Sender({
    clock,
    random: { next: () => 0, bytes: (count) => new Uint8Array(count) },
    logger: { warn: () => undefined },
    state: () => world.state,
    async propose(command) {
      await Promise.resolve()
      world.now = clock.now()
      const { events, value: answer } = world.run({ ...command })
      for (const event of events) sender.onEvent(event)
      return { kind: 'applied', index: world.state.index, value: answer ?? {} }
    },
    openSecret: () => '{}',
    channels: {
      send: (channel, _secret, text) => Promise.resolve(take(channel, text.kind)),
      close: () => Promise.resolve(),
    },
    ended: { run: () => Promise.resolve(undefined), attempts: () => Promise.resolve([]) },
    baseUrl: 'http://c',
  })
  sender.lead(new AbortController().signal)
})

function mailTo(to: string[]): Channel['target'] {
  return { kind: 'email', host: 'h', port: 25, security: 'none', from: 'f', to }
}

/** A mail server that refuses some. */
function take({ target }: Channel, kind: string): Sent {
  if (target.kind !== 'email') throw new Error(target.kind)
  sent.push(`${kind} ${target.to.join('')}`)
  if (isDown) return { kind: 'retry', error: 'down' }
  const bad = (how: string) => target.to.filter((who) => refuses[who] === how)
  const [later, gone] = [bad('now'), bad('good')]
  if (later.length + gone.length === 0) return { kind: 'delivered' }
  if (later.length === target.to.length) return { kind: 'retry', error: `${later.join('')} for now` }
  const refused = gone.length > 0 ? { refused: `${gone.join('')} for good` } : {}
  if (later.length === 0) return { kind: 'partly', error: refused.refused ?? '' }
  return { kind: 'partly', error: `${later.join('')} for now`, left: { to: later, ...refused } }
}

function observe(firing: boolean): void {
  world.now = clock.now()
  const observations = [{ rule, subject: { kind: 'node', id: 'n2', name: 'n2' }, firing, summary: 's' }]
  const { events } = world.run({ kind: 'alerts-observed', observations })
  for (const event of events) sender.onEvent(event)
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.pass(1000)
    await breathe()
  }
}

const messages = () => [...world.state.alertMessages.values()]

test('whom a server refuses for now is told again, alone, until it is taken', async () => {
  refuses = { b: 'good', c: 'now' }
  observe(true)
  await pass(4)
  expect(sent.slice(0, 2)).toEqual(['firing abc', 'firing c'])
  expect(messages()).toMatchObject([{ state: 'open', left: { to: ['c'], refused: 'b for good' } }])
  delete refuses['c']
  await pass(60)
  expect(messages()).toMatchObject([{ state: 'delivered', error: 'b for good' }])
  expect(new Set(sent.slice(1))).toEqual(new Set(['firing c']))
})

test('a recipient who is refused to the end is given up after as many tries as any, and said', async () => {
  refuses = { c: 'now' }
  observe(true)
  for (let quarter = 0; quarter < 30; quarter++) {
    await clock.pass(15 * 60_000)
    await breathe()
  }
  expect(sent).toHaveLength(MESSAGE_TRIES_MAX)
  expect(messages()).toMatchObject([{ state: 'delivered', error: 'c for now' }])
  expect([...world.state.channels.values()][0]?.trouble).toBeUndefined()
})

test('the others are told at once that it is over, and who has not heard that it began hears of its end alone', async () => {
  refuses = { c: 'now' }
  observe(true)
  await pass(1)
  delete refuses['c']
  observe(false)
  await pass(60)
  expect(sent).toEqual(['firing abc', 'resolved abc'])
  expect(messages().map(({ state }) => state)).toEqual(['delivered', 'delivered'])
})

test('that the server is gone when it is sent again to a few neither makes nor ends the trouble of the channel', async () => {
  const trouble = () => [...world.state.channels.values()][0]?.trouble?.error
  refuses = { c: 'now' }
  observe(true)
  await pass(1)
  isDown = true
  await pass(30)
  expect(trouble()).toBeUndefined()
  observe(false)
  await pass(300)
  expect(trouble()).toBe('down')
})

test('who is no recipient any more is not told', async () => {
  refuses = { c: 'now' }
  observe(true)
  await pass(1)
  const change = { target: mailTo(['a', 'b']), messagesMax: 100, windowMs: 60_000 }
  world.run({ kind: 'channel-put', namespace: 0, name: 'ops', change, by: 't' })
  await pass(60)
  expect(sent).toEqual(['firing abc'])
  expect(messages()).toMatchObject([{ state: 'delivered', error: 'c for now' }])
})

test('what was refused for good is said at the end, whatever becomes of the rest', () => {
  const left = { to: ['c'], refused: 'b' }
  const more: Sent = { kind: 'partly', error: 'c; d', left: { to: ['d'], refused: 'c' } }
  expect(sentToLeft(left, { kind: 'failed', error: 'c' })).toEqual({ kind: 'partly', error: 'b; c' })
  expect(sentToLeft(left, more)).toMatchObject({ error: 'b; c; d', left: { to: ['d'], refused: 'b; c' } })
  expect(sentToLeft({ to: ['c'] }, { kind: 'delivered' })).toEqual({ kind: 'delivered' })
})

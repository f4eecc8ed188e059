import { setImmediate as breathe } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from '../api/fixtures.ts'
import type { AlertText, Channel, ChannelSender, Sent } from './channel.ts'
import { FLIGHTS_MAX, MESSAGE_TRIES_MAX, Sender } from './sender.ts'

const NS = '/v1/namespaces/default'
const HOOK = { kind: 'webhook', url: 'https://hooks.example.com/alerts' }

let api: Bench
let sender: Sender
let term: AbortController
/** What was handed to channels, in order. */
let sent: { channel: string; text: AlertText }[]
/** What channels do with a message; delivered when absent. */
let behave: (channel: Channel, text: AlertText) => Promise<Sent> | Sent
/** Entries are refused, as without a majority. */
let isCutOff: boolean

beforeEach(() => {
  api = createBench()
  sent = []
  behave = () => ({ kind: 'delivered' })
  isCutOff = false
  sender = senderOf()
  term = new AbortController()
})

function senderOf(): Sender {
  const channels: ChannelSender = {
    async send(channel, _secret, text) {
      sent.push({ channel: channel.name, text })
      return behave(channel, text)
    },
    close: () => Promise.resolve(),
  }
  return new Sender({
    clock: api.clock,
    random: { next: () => 0, bytes: (count) => new Uint8Array(count) },
    logger: { warn: () => undefined },
    state: () => api.state,
    async propose(command) {
      if (isCutOff) throw new Error('no majority')
      return api.apply(command)
    },
    openSecret: () => '{}',
    channels,
    ended: api.context.ledger,
    baseUrl: 'https://cron.example.com',
  })
}

async function channel(name: string, change: object = {}): Promise<void> {
  await api.ok(`${NS}/channels/${name}`, { method: 'PUT', body: { target: HOOK, ...change } })
}

/** A job, and a rule that tells a channel when it fails. */
async function watched(job: string, channels: string[]): Promise<void> {
  const target = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }
  await api.ok(`${NS}/jobs`, { method: 'POST', body: { name: job, target } })
  const body = { condition: { kind: 'run-ended' }, scope: { job }, channels }
  await api.ok(`${NS}/alert-rules/${job}-fails`, { method: 'PUT', body })
}

function end(job: string, outcome: 'failed' | 'succeeded'): void {
  const uid = [...api.state.jobs.values()].find(({ name }) => name === job)?.uid ?? 0
  const run = `r${api.state.index}`
  const at = api.clock.now()
  const from = api.state.alertSerial
  api.apply({ kind: 'run-request', at, job: uid, run, cause: 'api', by: 't' })
  api.apply({ kind: 'place-shards', at, node: 'n', placements: [{ run, shard: 0, attempts: 0, executor: '-' }] })
  const attempt = api.state.runs.get(run)?.shards[0]?.attempt?.id ?? ''
  const error = { code: 'http-status', message: 'it answered 500' }
  const finish = { attempt, job: uid, outcome, endedAt: at, retryable: false, chance: 0 }
  api.apply({ kind: 'attempts-finished', at, finishes: [outcome === 'failed' ? { ...finish, error } : finish] })
  told(from)
}

/** The events of messages made since, and of channels that owe a summary. */
function told(from: number): void {
  for (let id = from + 1; id <= api.state.alertSerial; id++) sender.onEvent({ type: 'alert-message-due', message: id })
  for (const { uid, window } of api.state.channels.values())
    if (window && window.firing + window.resolved > 0) sender.onEvent({ type: 'alert-put-off', channel: uid })
}

async function pass(ms: number): Promise<void> {
  api.clock.pass(ms)
  for (let i = 0; i < 30; i++) await breathe()
}

const messages = () => [...api.state.alertMessages.values()]
const kinds = () => sent.map(({ text }) => text.kind)

describe('a message', () => {
  test('S105 leaves at once, says what was tried and where to look, and once more when it is over', async () => {
    await channel('ops')
    await watched('nightly', ['ops'])
    sender.lead(term.signal)
    end('nightly', 'failed')
    await pass(0)
    expect(sent).toHaveLength(1)
    const [{ text } = { text: undefined }] = sent
    expect(text).toMatchObject({ kind: 'firing', title: 'Firing: job default/nightly – nightly-fails' })
    expect(text?.link).toMatch(/^https:\/\/cron\.example\.com\/n\/default\/runs\/r\d+$/)
    const facts = Object.fromEntries(text?.facts.map(({ label, value }) => [label, value]) ?? [])
    expect(facts).toMatchObject({
      Job: 'default/nightly',
      Error: 'http-status: it answered 500',
      'Attempt 1': expect.stringMatching(/^failed at 2026-.*Z after 0\.0 s: http-status: it answered 500$/) as string,
    })
    await pass(1000)
    end('nightly', 'failed')
    end('nightly', 'succeeded')
    await pass(0)
    expect(kinds()).toEqual(['firing', 'resolved'])
    expect(sent[1]?.text.key).toBe(text?.key)
    expect(messages().map(({ state }) => state)).toEqual(['delivered', 'delivered'])
  })

  test('is sent again later and later until it is taken', async () => {
    await channel('ops')
    await watched('nightly', ['ops'])
    sender.lead(term.signal)
    behave = () => ({ kind: 'retry', error: 'down' })
    end('nightly', 'failed')
    const times: number[] = []
    for (let second = 0; second <= 30; second++) {
      const before = sent.length
      await pass(second === 0 ? 0 : 1000)
      if (sent.length > before) times.push(second)
    }
    expect(times).toEqual([0, 2, 6, 14, 30])
    behave = () => ({ kind: 'delivered' })
    await pass(32_000)
    expect(messages()).toMatchObject([{ state: 'delivered', attempts: 6 }])
    expect(new Set(sent.map(({ text }) => text.id)).size).toBe(1)
  })

  test('waits as long as the channel asks', async () => {
    await channel('ops')
    await watched('nightly', ['ops'])
    sender.lead(term.signal)
    behave = () => ({ kind: 'retry', error: 'slow down', afterMs: 60_000 })
    end('nightly', 'failed')
    await pass(0)
    await pass(59_999)
    expect(sent).toHaveLength(1)
    await pass(1)
    expect(sent).toHaveLength(2)
  })

  test('is given up after a while, which is recorded, and so is what nobody takes for good', async () => {
    await channel('ops')
    await watched('nightly', ['ops'])
    sender.lead(term.signal)
    behave = () => ({ kind: 'retry', error: 'down' })
    end('nightly', 'failed')
    for (let i = 0; i < 40; i++) await pass(15 * 60_000)
    expect(sent).toHaveLength(MESSAGE_TRIES_MAX)
    expect(messages()).toMatchObject([{ state: 'failed', error: 'down' }])
    behave = () => ({ kind: 'failed', error: 'no such hook' })
    end('nightly', 'succeeded')
    await pass(0)
    await pass(3_600_000)
    expect(sent).toHaveLength(MESSAGE_TRIES_MAX + 1)
    expect(messages()[1]).toMatchObject({ state: 'failed', error: 'no such hook' })
    const [ops] = api.state.channels.values()
    expect(ops?.trouble).toMatchObject({ error: 'no such hook' })
  })

  test('that some recipients do not get counts as delivered, and says who', async () => {
    await channel('ops')
    await watched('nightly', ['ops'])
    sender.lead(term.signal)
    behave = () => ({ kind: 'partly', error: 'the server refused b@example.com' })
    end('nightly', 'failed')
    await pass(0)
    expect(messages()).toMatchObject([{ state: 'delivered', error: 'the server refused b@example.com' }])
  })

  test('of an episode never overtakes the one before it, and both go when the channel is well again', async () => {
    await channel('ops')
    await watched('nightly', ['ops'])
    await watched('hourly', ['ops'])
    sender.lead(term.signal)
    behave = () => ({ kind: 'retry', error: 'down' })
    end('nightly', 'failed')
    for (const ms of [0, 2000, 4000, 8000, 16_000]) await pass(ms)
    end('nightly', 'succeeded')
    await pass(0)
    expect(kinds()).not.toContain('resolved')
    behave = () => ({ kind: 'delivered' })
    end('hourly', 'failed')
    await pass(0)
    await pass(0)
    expect(sent.slice(-3).map(({ text }) => `${text.kind} ${text.subject?.name}`)).toEqual([
      'firing hourly',
      'firing nightly',
      'resolved nightly',
    ])
  })

  test('to try a channel is sent once', async () => {
    await channel('ops')
    sender.lead(term.signal)
    behave = () => ({ kind: 'retry', error: 'down' })
    const from = api.state.alertSerial
    await api.ok(`${NS}/channels/ops/test`, { method: 'POST' })
    told(from)
    await pass(0)
    await pass(3_600_000)
    expect(kinds()).toEqual(['test'])
    expect(messages()).toMatchObject([{ state: 'failed', error: 'down' }])
  })
})

describe('a channel that hangs', () => {
  test('holds up no other', async () => {
    await channel('dead')
    await channel('ops')
    for (const job of ['a', 'b', 'c', 'd']) await watched(job, ['dead', 'ops'])
    sender.lead(term.signal)
    behave = ({ name }) => (name === 'dead' ? new Promise(() => undefined) : { kind: 'delivered' })
    for (const job of ['a', 'b', 'c', 'd']) end(job, 'failed')
    await pass(0)
    expect(sent.filter(({ channel: name }) => name === 'ops')).toHaveLength(4)
    expect(sent.filter(({ channel: name }) => name === 'dead')).toHaveLength(2)
  })

  test('leaves room for others however many of its kind there are, once they are known to fail', async () => {
    const own = Array.from({ length: 40 }, (_, i) => `dead-${i}`)
    const shared = Array.from({ length: 40 }, (_, i) => `gone-${i}`)
    for (const name of [...own, 'ops']) await channel(name)
    for (const name of shared) await api.ok(`/v1/channels/${name}`, { method: 'PUT', body: { target: HOOK } })
    const dead = [...own, ...shared.map((name) => `cluster/${name}`)]
    for (let i = 0; i < dead.length; i += 10) await watched(`job-${i}`, dead.slice(i, i + 10))
    await watched('mine', ['ops'])
    let isHanging = false
    behave = ({ name }) =>
      name === 'ops'
        ? { kind: 'delivered' }
        : isHanging
          ? new Promise(() => undefined)
          : { kind: 'retry', error: 'down' }
    sender.lead(term.signal)
    for (let i = 0; i < dead.length; i += 10) end(`job-${i}`, 'failed')
    await pass(0)
    isHanging = true
    const before = sent.length
    for (let i = 0; i < 10; i++) await pass(2000)
    expect(sent.length - before).toBeLessThan(FLIGHTS_MAX)
    end('mine', 'failed')
    await pass(0)
    expect(sent.at(-1)?.channel).toBe('ops')
  })
})

describe('beyond what a channel takes', () => {
  test('one summary says how many, when its window is over', async () => {
    await channel('ops', { messagesMax: 3, window: '1m' })
    const jobs = Array.from({ length: 20 }, (_, i) => `job-${i}`)
    for (const job of jobs) await watched(job, ['ops'])
    sender.lead(term.signal)
    for (const job of jobs) end(job, 'failed')
    await pass(0)
    expect(kinds()).toEqual(['firing', 'firing', 'firing'])
    await pass(250)
    const from = api.state.alertSerial
    await pass(59_750)
    told(from)
    await pass(0)
    expect(kinds().slice(3)).toEqual(['summary'])
    const { text } = sent.at(-1) ?? {}
    expect(text?.title).toBe('Summary: 17 alerts began and 0 ended')
    expect(text?.facts.map(({ label }) => label)).toContain('Firing: job default/job-3')
    await pass(600_000)
    expect(sent).toHaveLength(4)
  })

  test('the next leader owes the summary too', async () => {
    await channel('ops', { messagesMax: 1, window: '1m' })
    for (const job of ['a', 'b', 'c']) await watched(job, ['ops'])
    sender.lead(term.signal)
    for (const job of ['a', 'b', 'c']) end(job, 'failed')
    await pass(0)
    term.abort()
    await pass(120_000)
    expect(kinds()).toEqual(['firing'])
    const from = api.state.alertSerial
    sender = senderOf()
    sender.lead(new AbortController().signal)
    await pass(0)
    told(from)
    await pass(0)
    expect(kinds()).toEqual(['firing', 'summary'])
    expect(sent[1]?.text.title).toBe('Summary: 2 alerts began and 0 ended')
  })
})

describe('a change of leader', () => {
  test('neither forgets what is open nor repeats what is done', async () => {
    await channel('ops')
    for (const job of ['a', 'b']) await watched(job, ['ops'])
    sender.lead(term.signal)
    end('a', 'failed')
    await pass(0)
    term.abort()
    end('b', 'failed')
    await pass(5000)
    expect(sent).toHaveLength(1)
    sender.lead(new AbortController().signal)
    await pass(0)
    await pass(60_000)
    expect(sent.map(({ text }) => text.subject?.name)).toEqual(['a', 'b'])
  })

  test('repeats what was under way, and nothing else', async () => {
    await channel('ops')
    await watched('a', ['ops'])
    let answer: (how: Sent) => void = () => undefined
    behave = () => new Promise((resolve) => (answer = resolve))
    sender.lead(term.signal)
    end('a', 'failed')
    await pass(0)
    term.abort()
    answer({ kind: 'delivered' })
    await pass(0)
    expect(messages()).toMatchObject([{ state: 'open' }])
    behave = () => ({ kind: 'delivered' })
    const next = senderOf()
    next.lead(new AbortController().signal)
    await pass(0)
    await pass(60_000)
    expect(sent.map(({ text }) => text.id)).toEqual([sent[0]?.text.id, sent[0]?.text.id])
    expect(messages()).toMatchObject([{ state: 'delivered' }])
  })

  test('that gives the term back to the same node does not send again what is still under way', async () => {
    await channel('ops')
    await watched('a', ['ops'])
    let answer: (how: Sent) => void = () => undefined
    behave = () => new Promise((resolve) => (answer = resolve))
    sender.lead(term.signal)
    end('a', 'failed')
    await pass(0)
    term.abort()
    sender.lead(new AbortController().signal)
    await pass(1000)
    answer({ kind: 'delivered' })
    await pass(0)
    expect(sent).toHaveLength(1)
    expect(messages()).toMatchObject([{ state: 'delivered' }])
  })
})

test('what was delivered is not sent again because it could not be recorded at once', async () => {
  await channel('ops')
  await watched('a', ['ops'])
  sender.lead(term.signal)
  end('a', 'failed')
  isCutOff = true
  await pass(0)
  await pass(5000)
  expect(messages()).toMatchObject([{ state: 'open' }])
  isCutOff = false
  await pass(1000)
  await pass(60_000)
  expect(sent).toHaveLength(1)
  expect(messages()).toMatchObject([{ state: 'delivered' }])
})

test('who does not lead, or has stopped, sends nothing and waits for nothing', async () => {
  await channel('ops')
  await watched('a', ['ops'])
  end('a', 'failed')
  await pass(60_000)
  sender.lead(term.signal)
  await sender.stop()
  await pass(60_000)
  expect(sent).toEqual([])
})

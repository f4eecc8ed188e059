import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../problems.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Command } from '../state/commands.ts'
import { type Leadership, NotCommitted, type Outcome } from './consensus.ts'
import { DEPOSED_MS, forward, FORWARD_TIMEOUT_MS } from './forward.ts'
import { PeerFault, PeerLost, PeerUnreachable } from './network.ts'
import { decodeSubmit, encodeFailure, encodeOutcome } from './submit-codec.ts'

const OWN = 'a1b2c3d4e5f60718'
const LEADER = 'b2c3d4e5f6071829'
const COMMAND: Command = { kind: 'kv-put', at: 1, namespace: 1, key: 'a', value: Buffer.from('b') }
const DONE: Outcome = { kind: 'applied', index: 7, value: {} }

let clock: StillClock
let listeners: Set<(leadership: Leadership) => void>
let asked: { body: Uint8Array; timeoutMs: number }[]
let answer: { resolve(reply: Uint8Array): void; reject(error: Error): void }

beforeEach(() => {
  clock = new StillClock()
  listeners = new Set()
  asked = []
})

function leadership(leader: string | undefined): Leadership {
  return { term: 3, leader, isLeader: false, signal: new AbortController().signal }
}

function send(leader: string | null = LEADER): Promise<Outcome> {
  return forward(
    {
      clock,
      node: OWN,
      consensus: {
        leadership: () => leadership(leader ?? undefined),
        onLeadership(listener) {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
      },
      network: {
        request: (_to, _kind, body, timeoutMs) =>
          new Promise((resolve, reject) => {
            asked.push({ body, timeoutMs })
            answer = { resolve, reject }
          }),
      },
    },
    COMMAND,
  )
}

function tell(leader: string | undefined): void {
  for (const listener of listeners) listener(leadership(leader))
}

/** What it rejects with: the code of a problem, or that nobody knows. */
async function failure(outcome: Promise<Outcome>): Promise<string> {
  const error: unknown = await outcome.then(
    () => 'no failure',
    (cause: unknown) => cause,
  )
  if (error instanceof NotCommitted) return 'unknown'
  return error instanceof Problem ? error.code : String(error)
}

describe('a change that is handed to the leader', () => {
  test('is asked for once, with the time that the asker waits, and answered as the leader says', async () => {
    const outcome = send()
    answer.resolve(encodeOutcome(DONE))
    expect(await outcome).toEqual(DONE)
    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([FORWARD_TIMEOUT_MS])
    expect(decodeSubmit(asked[0]?.body ?? Buffer.alloc(0))).toEqual({ command: COMMAND, withinMs: FORWARD_TIMEOUT_MS })
    expect([clock.timers, listeners.size]).toEqual([0, 0])
  })

  test('is refused while there is no leader, or it is this node that is about to lead', async () => {
    expect(await failure(send(null))).toBe('not-leader')
    expect(await failure(send(OWN))).toBe('not-leader')
    expect(asked).toEqual([])
  })

  test.each([
    ['was never sent', new PeerUnreachable('no connection'), 'not-leader'],
    ['was sent and not answered', new PeerLost('the connection is gone'), 'unknown'],
    ['failed over there in a way that nobody foresaw', new PeerFault('the reply is too long'), 'unknown'],
  ])('that %s is never sent again', async (_, error, code) => {
    const outcome = send()
    answer.reject(error)
    expect(await failure(outcome)).toBe(code)
    expect(asked).toHaveLength(1)
  })

  test.each([
    [new Problem('not-leader', 'I do not lead'), 'not-leader'],
    [new NotCommitted('I am stopping'), 'unknown'],
    [new Error('I have a bug'), 'unknown'],
  ])('is refused with what the leader says: %s', async (error, code) => {
    const outcome = send()
    answer.resolve(encodeFailure(error))
    expect(await failure(outcome)).toBe(code)
  })

  test('is waited for a little longer when that one leads no more', async () => {
    const outcome = send()
    tell(undefined)
    await clock.pass(DEPOSED_MS - 1)
    answer.resolve(encodeOutcome(DONE))
    expect(await outcome).toEqual(DONE)
    expect([clock.timers, listeners.size]).toEqual([0, 0])
  })

  test('is given up then, and nobody knows what became of it', async () => {
    const outcome = failure(send())
    tell(undefined)
    tell(OWN)
    await clock.pass(DEPOSED_MS)
    expect(await outcome).toBe('unknown')
    expect([clock.timers, listeners.size]).toEqual([0, 0])
  })

  test('goes on when the same one leads again', async () => {
    const outcome = send()
    tell(undefined)
    tell(LEADER)
    await clock.pass(10 * DEPOSED_MS)
    answer.resolve(encodeOutcome(DONE))
    expect(await outcome).toEqual(DONE)
  })
})

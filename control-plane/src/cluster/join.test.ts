import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../problems.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { emptyState, type State } from '../state/state.ts'
import { Admission } from './admission.ts'
import { NotCommitted, type Outcome } from './consensus.ts'
import { joinCluster } from './join.ts'
import {
  decodeJoinToken,
  encodeJoinToken,
  JOIN_TOKEN_MS,
  type JoinToken,
  joinSecret,
  joinTokenFault,
} from './join-token.ts'

const KEY = Buffer.alloc(32, 5)
const [CLUSTER, N1, N4] = ['c'.repeat(16), '1'.repeat(16), '4'.repeat(16)]
const SELF = { address: '10.0.0.4:7421', folder: 'f'.repeat(16), version: '1.0.0', clusterVersion: 1, tzdata: '2026b' }
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

let clock: StillClock
let state: State
let admission: Admission
let token: JoinToken
let fault: Error | undefined

function run(command: Command): Outcome {
  const index = state.index + 1
  const { rejection, value } = apply(state, { index, term: 1, command })
  return rejection ? { kind: 'rejected', index, rejection } : { kind: 'applied', index, value }
}

beforeEach(() => {
  clock = new StillClock()
  state = emptyState()
  fault = undefined
  const at = clock.now()
  run({ kind: 'cluster-init', at, cluster: CLUSTER, namespaceSlots: 10 })
  run({ kind: 'member-put', at, member: { id: N1, name: 'n1', address: '10.0.0.1:7421', addedAt: at, joinedAt: at } })
  const expiresAt = at + JOIN_TOKEN_MS
  run({ kind: 'member-put', at, member: { id: N4, name: 'n4', address: '', addedAt: at, joinBy: expiresAt } })
  token = {
    cluster: CLUSTER,
    member: N4,
    addresses: ['10.0.0.1:7421'],
    names: ['n1'],
    secret: joinSecret(KEY, N4, expiresAt),
    expiresAt,
  }
  const submit = (command: Command) => (fault ? Promise.reject(fault) : Promise.resolve(run(command)))
  admission = new Admission({ clock, logger, clusterKey: KEY, tzdata: '2026b', state: () => state, submit })
})

const join = (change: Partial<JoinToken> = {}, self = SELF, signal = new AbortController().signal) =>
  joinCluster({ clock, logger, token: { ...token, ...change }, self, ask: (_, body) => admission.answer(body) }, signal)

describe('a node with a join token', () => {
  test('becomes the member that the token is for, and has the key and the addresses of the cluster', async () => {
    expect(await join()).toEqual({
      member: N4,
      cluster: CLUSTER,
      name: 'n4',
      clusterKey: KEY.toString('base64'),
      members: [
        { id: N1, name: 'n1', address: '10.0.0.1:7421' },
        { id: N4, name: 'n4', address: '10.0.0.4:7421' },
      ],
    })
    expect(state.members.get(N4)).toMatchObject({ address: '10.0.0.4:7421', joinedAt: clock.now() })
  })

  test('that did not hear the answer is given it again, until its node has come up', async () => {
    const first = await join()
    const { joinedAt } = state.members.get(N4) ?? {}
    await clock.pass(1000)
    expect(await join()).toEqual(first)
    expect(state.members.get(N4)?.joinedAt).toBe(joinedAt)
    run({ kind: 'node-up', at: clock.now(), node: N4, incarnation: 1 })
    await expect(join()).rejects.toThrow('The join token of member n4 was used already.')
    run({ kind: 'node-down', at: clock.now(), node: N4, incarnation: 1 })
    await expect(join()).rejects.toThrow('The join token of member n4 was used already.')
  })

  test('is refused when another node has used the token before, wherever it is', async () => {
    await join()
    const other = { ...SELF, folder: 'e'.repeat(16) }
    await expect(join({}, other)).rejects.toThrow('The join token of member n4 was used already.')
    const outcome = run({ kind: 'member-join', at: clock.now(), member: N4, change: {}, from: other.folder })
    expect(outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'join-refused' } })
  })

  test('is refused an hour later, although it has joined and did not hear of it', async () => {
    await join()
    await clock.pass(JOIN_TOKEN_MS + 1)
    await expect(join()).rejects.toThrow('has expired')
  })

  test('is refused when the token has expired, by the time that the log says', async () => {
    await clock.pass(JOIN_TOKEN_MS + 1)
    await expect(join()).rejects.toThrow('has expired')
    expect(state.members.get(N4)?.joinedAt).toBeUndefined()
    await clock.pass(60_000)
    expect(admission.secretOf(N4)).toBeUndefined()
  })

  test('is refused when the member was removed meanwhile', async () => {
    run({ kind: 'member-delete', at: clock.now(), member: N4 })
    await expect(join()).rejects.toThrow('has been removed')
  })

  test.each<[string, () => Partial<JoinToken>]>([
    ['of another key', () => ({ secret: joinSecret(Buffer.alloc(32, 6), N4, token.expiresAt) })],
    ['of a later expiry', () => ({ secret: joinSecret(KEY, N4, token.expiresAt + 1) })],
    ["of another member's secret", () => ({ secret: joinSecret(KEY, N1, token.expiresAt) })],
  ])('is refused with a token %s, and the token of the member stays good', async (_, change) => {
    await expect(join(change())).rejects.toThrow('The join token is not one of this cluster.')
    await join()
  })

  test('of another cluster is refused', async () => {
    await expect(join({ cluster: 'd'.repeat(16) })).rejects.toThrow(`and this is ${CLUSTER}`)
  })

  test('whose build knows less than the cluster needs is refused, and may join with a newer one', async () => {
    state.clusterVersion = 2
    await expect(join()).rejects.toThrow('knows cluster versions up to 1, and the cluster is at 2')
    await join({}, { ...SELF, clusterVersion: 2 })
  })

  test('asks again while there is no leader, and while nobody knows what became of the change', async () => {
    const joined = join()
    for (const error of [new Problem('not-leader'), new NotCommitted('gone')]) {
      fault = error
      await turn()
      await clock.pass(1000)
    }
    fault = undefined
    await turn()
    await clock.pass(1000)
    expect(await joined).toMatchObject({ member: N4 })
  })

  test('gives up when the token has expired and nobody answers', async () => {
    await clock.pass(JOIN_TOKEN_MS + 1)
    const ask = () => Promise.reject(new Error('connection refused'))
    const asking = joinCluster({ clock, logger, token, self: SELF, ask }, new AbortController().signal)
    await expect(asking).rejects.toThrow('no member took this node in: 10.0.0.1:7421: connection refused')
  })

  test('gives up after two minutes in which no member took it in', async () => {
    const ask = () => Promise.reject(new Error('connection refused'))
    const asking = joinCluster({ clock, logger, token, self: SELF, ask }, new AbortController().signal)
    const refused = expect(asking).rejects.toThrow('No member took this node in: 10.0.0.1:7421: connection refused')
    await turn()
    await clock.pass(120_001)
    await refused
  })

  test('stops asking when it is told to', async () => {
    const stop = new AbortController()
    fault = new Problem('not-leader')
    const joined = join({}, SELF, stop.signal)
    await turn()
    stop.abort(new Error('stopped'))
    await expect(joined).rejects.toThrow('stopped')
  })
})

describe('a join token', () => {
  test('is read as it was written', () => {
    expect(decodeJoinToken(encodeJoinToken(token))).toEqual(token)
    expect(joinTokenFault(` ${encodeJoinToken(token)}\n`)).toBeUndefined()
  })

  test('that was cut short or altered in its form is none', () => {
    const text = encodeJoinToken(token)
    for (const wrong of [
      '',
      'x',
      'ccj_',
      text.slice(0, -10),
      text.slice(4),
      `${text.slice(0, 4)}!${text.slice(5)}`,
      'ccj_bnVsbA',
    ])
      expect(joinTokenFault(wrong)).toBe('it is not a join token, or was cut short')
  })

  test('never has the key of the cluster in it', () => {
    const text = Buffer.from(encodeJoinToken(token).slice(4), 'base64url').toString()
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(text).not.toContain(KEY.toString(form).slice(0, 20))
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

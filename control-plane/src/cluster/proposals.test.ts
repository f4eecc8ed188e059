import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { Problem } from '../problems.ts'
import type { Command } from '../state/commands.ts'
import { NotCommitted } from './consensus.ts'
import { decodeCommand, encodeCommand } from './entry-codec.ts'
import { changeOf, commandOf, Proposals, tooEarly, TooManyProposals } from './proposals.ts'

const LIMITS = { proposalsMax: 100, proposalBytesMax: 10_000, payloadBytesMax: 1000 }
const ONE = '1'.repeat(16)
const CERTAIN = { code: 'not-leader' }

function command(at: number, id = 't'): Command {
  return { kind: 'token-revoke', at, id }
}

/** Proposals of which `count` stand in the log from `index` on. */
function placed(count: number, index: number, term: number, proposals = new Proposals(LIMITS)) {
  const outcomes = Array.from({ length: count }, (_, at) => proposals.add(command(at)))
  for (const outcome of outcomes) outcome.catch(() => undefined)
  proposals.give(1e6, () => ({ index, term }))
  return { proposals, outcomes }
}

test('proposals are given to the log in the order in which they came, as many at once as weigh so much', () => {
  const proposals = new Proposals(LIMITS)
  for (let at = 0; at < 4; at++) proposals.add(command(at, 'x'.repeat(100))).catch(() => undefined)
  const given: number[] = []
  const give = (bytesMax: number) =>
    proposals.give(bytesMax, (payloads) => {
      given.push(payloads.length)
      return { index: 1, term: 1 }
    })
  give(300)
  give(1)
  give(1e6)
  expect(given).toEqual([2, 1, 1])
  expect(proposals.queued).toBe(0)
})

test('those that find no place go on waiting, before what came later', async () => {
  const proposals = new Proposals(LIMITS)
  const first = proposals.add(command(1))
  proposals.give(1e6, () => ({ kind: 'proposal-dropped' }))
  const second = proposals.add(command(2))
  proposals.give(1e6, () => ({ index: 5, term: 1 }))
  proposals.settle(5, 1)!.resolve({ kind: 'applied', index: 5, value: {} })
  proposals.settle(6, 1)!.resolve({ kind: 'applied', index: 6, value: {} })
  expect(await first).toMatchObject({ index: 5 })
  expect(await second).toMatchObject({ index: 6 })
  expect(proposals.waiting).toBe(0)
})

test('a proposal whose place another entry took has certainly not been made', async () => {
  const { proposals, outcomes } = placed(1, 5, 1)
  expect(proposals.settle(5, 2)).toBeUndefined()
  await expect(outcomes[0]).rejects.toMatchObject(CERTAIN)
})

test('after an entry of a newer term nothing of an older one comes: all that stands behind it has certainly not been made', async () => {
  const { proposals, outcomes } = placed(3, 5, 1)
  const first = proposals.settle(5, 1)!
  first.resolve({ kind: 'applied', index: 5, value: {} })
  proposals.settle(6, 2)
  for (const outcome of outcomes.slice(1)) await expect(outcome).rejects.toMatchObject(CERTAIN)
  expect(proposals.waiting).toBe(0)
})

test('an entry of an older term says nothing about those that stand behind it', () => {
  const { proposals } = placed(2, 5, 3)
  expect(proposals.settle(4, 2)).toBeUndefined()
  expect(proposals.waiting).toBe(2)
  expect(proposals.settle(5, 3)).toBeDefined()
})

test('whose place in this log is taken by a newer proposal, of that one nobody knows, and it is answered', async () => {
  const { proposals, outcomes } = placed(1, 5, 1)
  const { outcomes: newer } = placed(1, 5, 3, proposals)
  await expect(outcomes[0]).rejects.toBeInstanceOf(NotCommitted)
  proposals.settle(5, 3)!.resolve({ kind: 'applied', index: 5, value: {} })
  expect(await newer[0]).toMatchObject({ index: 5 })
  expect(proposals.waiting).toBe(0)
})

test('what is abandoned is uncertain, what is refused without a place is certain', async () => {
  const { proposals, outcomes } = placed(1, 5, 1)
  const queued = proposals.add(command(9))
  proposals.refuseQueued(new Problem('not-leader', 'no'))
  proposals.abandon('nobody knows')
  await expect(outcomes[0]).rejects.toBeInstanceOf(NotCommitted)
  await expect(queued).rejects.toMatchObject(CERTAIN)
  expect(proposals.waiting).toBe(0)
})

test('only those of older terms are abandoned where a term is named', async () => {
  const { proposals, outcomes } = placed(1, 5, 1)
  placed(1, 6, 3, proposals)
  proposals.abandon('nobody knows', 3)
  await expect(outcomes[0]).rejects.toBeInstanceOf(NotCommitted)
  expect(proposals.waiting).toBe(1)
})

test('of those that are lost on their way into the log nobody knows', async () => {
  const proposals = new Proposals(LIMITS)
  const lost = proposals.add(command(1))
  const give = () =>
    proposals.give(1e6, () => {
      throw new Error('broken')
    })
  expect(give).toThrow('broken')
  await expect(lost).rejects.toBeInstanceOf(NotCommitted)
  expect(proposals.waiting).toBe(0)
})

test('too many, too much, and one that is too large are refused for certain, and room comes back', async () => {
  const proposals = new Proposals({ ...LIMITS, proposalsMax: 2 })
  const [one] = [proposals.add(command(1)), proposals.add(command(2))]
  await expect(proposals.add(command(3))).rejects.toBeInstanceOf(TooManyProposals)
  proposals.give(1e6, () => ({ index: 1, term: 1 }))
  proposals.settle(1, 1)!.resolve({ kind: 'applied', index: 1, value: {} })
  await one
  proposals.add(command(4)).catch(() => undefined)
  expect(proposals.waiting).toBe(2)
  const large = new Proposals(LIMITS)
  await expect(large.add(command(1, 'x'.repeat(1000)))).rejects.toMatchObject({ code: 'body-too-large' })
  const full = new Proposals({ ...LIMITS, proposalBytesMax: 700 })
  full.add(command(1, 'x'.repeat(500))).catch(() => undefined)
  await expect(full.add(command(1, 'x'.repeat(500)))).rejects.toBeInstanceOf(TooManyProposals)
  expect(full.waiting).toBe(1)
})

test('a wait for what is under way ends with it, or when its time is over', async () => {
  const clock = new VirtualClock(0)
  const { proposals } = placed(1, 5, 1)
  const ends: number[] = []
  void proposals.settled(clock, 50).then(() => ends.push(clock.monotonic()))
  await clock.run(40)
  expect(ends).toEqual([])
  await clock.run(100)
  expect(ends).toEqual([50])
  proposals.abandon('over')
  await proposals.settled(clock, 50)
})

test('an entry gives back the command that went in; a change of membership carries its own', () => {
  const revoke = command(3)
  const { context, ...change } = changeOf([{ do: 'add-learner', member: ONE }], revoke)
  expect(change).toEqual({ transition: 'auto', steps: [{ do: 'add-learner', member: 0x1111111111111 }] })
  const empty = new Uint8Array(0)
  const at = { index: 1, term: 1, data: empty }
  expect(commandOf({ ...at, kind: 'change', change: { ...change, context } }, undefined)).toEqual(revoke)
  expect(commandOf({ ...at, kind: 'change', change: changeOf([], undefined) }, undefined)).toBeUndefined()
  expect(commandOf({ ...at, kind: 'normal' }, undefined)).toBeUndefined()
  expect(commandOf({ ...at, kind: 'normal', data: encodeCommand(revoke) }, undefined)).toEqual(revoke)
})

test('whoever proposed a text that does not come back applies what the others apply', () => {
  const applied = (id: string) => {
    const own = command(3, id)
    const data = encodeCommand(own)
    const ends = { resolve: () => undefined, reject: () => undefined }
    const proposal = { isChange: false, command: own, payload: data, index: 1, term: 1, since: 0, ...ends }
    return { own, data, used: commandOf({ index: 1, term: 1, kind: 'normal', data }, proposal) }
  }
  const half = applied('x\ud83d')
  expect(half.used).toEqual(decodeCommand(half.data))
  expect(half.used).not.toEqual(half.own)
  const whole = applied('😀')
  expect(whole.used).toBe(whole.own)
})

test('nobody joins a log that begins without a state; whoever goes may go', () => {
  expect(tooEarly([{ do: 'add-learner', member: ONE }], 1)).toMatchObject({ code: 'member-change-refused' })
  expect(tooEarly([{ do: 'add-voter', member: ONE }], 2)).toBeUndefined()
  expect(tooEarly([{ do: 'remove', member: ONE }], 1)).toBeUndefined()
})

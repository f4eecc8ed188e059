import { expect, test } from 'vitest'
import { NotCommitted, type Outcome } from '../../control-plane/src/cluster/consensus.ts'
import { raftId } from '../../control-plane/src/cluster/member-id.ts'
import { Problem } from '../../control-plane/src/problems.ts'
import { Engines } from './engines.ts'

const id = Engines.id

/** Others than one, of a cluster of so many. */
function others(number: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1).filter((other) => other !== number)
}

/** The same state everywhere, and nothing has failed. */
function expectAlike(engines: Engines, numbers: number[]): void {
  const [first, ...rest] = numbers.map((number) => engines.at(number).state)
  for (const state of rest)
    expect({ at: state.index, is: state.digest }).toEqual({ at: first!.index, is: first!.digest })
  expect(engines.fatal).toEqual([])
}

test('one of three is elected, and what it proposes is applied by all; a follower refuses for certain', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  expect(await engines.propose(leader, 1)).toMatchObject({ kind: 'applied' })
  await engines.run(500)
  expectAlike(engines, [1, 2, 3])
  const [follower] = others(leader, 3)
  const { consensus } = engines.at(follower!)
  expect(consensus.leadership()).toMatchObject({ leader: id(leader), isLeader: false })
  const refused = { code: 'not-leader' }
  await expect(consensus.propose({ kind: 'token-revoke', at: 1, id: 't' })).rejects.toMatchObject(refused)
  await expect(consensus.change([{ do: 'remove', member: id(leader) }])).rejects.toMatchObject(refused)
  await engines.run(500)
  expect(engines.at(leader).consensus.membership().voters).toHaveLength(3)
})

test('a linearizable read on a follower sees what was applied before it was asked', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  const { index } = await engines.propose(leader, 1)
  const [follower] = others(leader, 3)
  expect(await engines.settle(engines.at(follower!).consensus.readIndex())).toBeGreaterThanOrEqual(index)
})

test('S010 a cluster of one grows: a member joins by the state, is promoted, and leads when told to', async () => {
  const engines = await Engines.of(1)
  await engines.leader()
  for (let at = 1; at <= 5; at++) await engines.propose(1, at)
  await engines.run(2000)
  await engines.join(2)
  const { consensus } = engines.at(1)
  await engines.run(2000)
  expectAlike(engines, [1, 2])
  expect(engines.at(2).consensus.status().role).toBe('learner')
  await engines.settle(consensus.change([{ do: 'add-voter', member: id(2) }]))
  await engines.settle(consensus.transfer(id(2)))
  expect(await engines.leader()).toBe(2)
  await engines.propose(2, 6)
  await engines.run(500)
  expectAlike(engines, [1, 2])
})

test('a member that joins a cluster that has just begun learns from its state who the members are', async () => {
  const engines = await Engines.of(1)
  await engines.leader()
  await engines.propose(1, 1)
  await engines.join(2)
  await engines.run(3000)
  expect(engines.at(2).consensus.membership()).toEqual({ voters: [id(1)], learners: [id(2)], outgoing: [] })
})

test('S006 a transfer takes less than 50 ms, and what is proposed meanwhile is made once or certainly not at all', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  await engines.propose(leader, 1)
  const { consensus } = engines.at(leader)
  const [to] = others(leader, 3)
  const began = engines.clock.monotonic()
  const transfer = consensus.transfer(id(to!))
  const proposed = consensus.propose({ kind: 'node-up', at: 2, node: id(9), incarnation: 2 })
  const outcome: Promise<Outcome | Error> = proposed.catch((error: Error) => error)
  await engines.settle(transfer)
  expect(await engines.leader()).toBe(to)
  expect(engines.clock.monotonic() - began).toBeLessThan(50)
  const end = await engines.settle(outcome)
  await engines.run(500)
  const made = engines.at(to!).state.nodes.get(id(9))?.incarnation === 2
  expect(made).toBe(!(end instanceof Problem))
  expectAlike(engines, [1, 2, 3])
})

test('a leader that is removed steps down, the others go on, and it hears no more of them', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  await engines.settle(engines.at(leader).consensus.change([{ do: 'remove', member: id(leader) }]))
  await engines.run(100)
  expect(engines.at(leader).consensus.leadership().isLeader).toBe(false)
  await engines.run(3000)
  const next = await engines.leader()
  expect(next).not.toBe(leader)
  await engines.propose(next, 1)
  await engines.run(500)
  expectAlike(engines, others(leader, 3))
  expect(engines.at(next).consensus.membership().voters).toHaveLength(2)
})

test('after all have been stopped, all come up with what they had, and a leader is elected', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  for (let at = 1; at <= 10; at++) await engines.propose(leader, at)
  await engines.run(200)
  for (const number of [1, 2, 3]) await engines.stop(number)
  for (const number of [1, 2, 3]) await engines.start(number)
  const next = await engines.leader()
  expect(engines.at(next).state.nodes.get(id(9))).toMatchObject({ incarnation: 10 })
  await engines.propose(next, 11)
  await engines.run(500)
  expectAlike(engines, [1, 2, 3])
})

test('a leader without its majority is out of touch within an election timeout, and steps down', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  await engines.run(500)
  const { consensus } = engines.at(leader)
  expect(consensus.inTouch()).toBe(true)
  const { signal } = consensus.leadership()
  engines.cut(leader)
  await engines.run(1101)
  expect(consensus.inTouch()).toBe(false)
  await engines.run(1000)
  expect(signal.aborted).toBe(true)
  expect(consensus.leadership()).toMatchObject({ isLeader: false, leader: undefined })
})

test('what a deposed leader had proposed is certainly not made once it applies an entry of the next one', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  await engines.propose(leader, 1)
  engines.cut(leader)
  const { consensus } = engines.at(leader)
  const lost = [2, 3].map((at) => {
    const proposed = consensus.propose({ kind: 'node-up', at, node: id(9), incarnation: at })
    return proposed.catch((error: Error) => error)
  })
  await engines.run(100)
  const next = await engines.leader()
  await engines.propose(next, 7)
  engines.mend()
  for (const error of await engines.settle(Promise.all(lost))) expect(error).toMatchObject({ code: 'not-leader' })
  await engines.run(500)
  expectAlike(engines, [1, 2, 3])
  expect(engines.at(leader).state.nodes.get(id(9))).toMatchObject({ incarnation: 7 })
})

test('of what a leader had proposed that stays cut off, nobody knows', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  engines.cut(leader)
  const proposed = engines.at(leader).consensus.propose({ kind: 'node-up', at: 2, node: id(9), incarnation: 2 })
  await expect(engines.settle(proposed)).rejects.toBeInstanceOf(NotCommitted)
})

test('a follower that was away gets from the disk of the leader what memory does not hold any more', async () => {
  const engines = await Engines.of(3)
  const first = await engines.leader()
  const [away] = others(first, 3)
  await engines.stop(away!)
  for (let at = 1; at <= 50; at++) await engines.propose(first, at)
  const rest = others(away!, 3)
  await engines.run(500)
  for (const number of rest) await engines.stop(number)
  for (const number of rest) await engines.start(number)
  const leader = await engines.leader()
  const before = engines.at(leader).consensus.status().firstIndex
  await engines.start(away!)
  await engines.run(2000)
  expect(before).toBeLessThan(10)
  expectAlike(engines, [1, 2, 3])
})

test('S009 a follower too far behind for the log gets the state, while writes go on and the log is compacted', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  const [away] = others(leader, 3)
  engines.cut(away!)
  const snapshots: number[] = []
  engines.passes = (message) => {
    if (message.type === 'snapshot') snapshots.push(message.snapshot.index)
    return true
  }
  for (let at = 1; at <= 30; at++) await engines.propose(leader, at)
  await engines.settle(engines.at(leader).compact(0))
  engines.mend()
  for (let at = 31; at <= 200; at++) {
    await engines.propose(leader, at)
    if (at % 10 === 0) await engines.settle(engines.at(leader).compact(0))
  }
  await engines.run(2000)
  expect(snapshots.length).toBeGreaterThan(0)
  expectAlike(engines, [1, 2, 3])
})

test('a state is sent again when the leader that sent it is gone before it counted', async () => {
  const engines = await Engines.of(3)
  const first = await engines.leader()
  const [away] = others(first, 3)
  engines.cut(away!)
  for (let at = 1; at <= 30; at++) await engines.propose(first, at)
  await engines.run(200)
  for (const number of others(away!, 3)) await engines.settle(engines.at(number).compact(0))
  let lost = 0
  engines.passes = ({ type, from }) => {
    if (type !== 'snapshot' || from !== raftId(id(first))) return true
    lost++
    engines.cut(first)
    return false
  }
  engines.mend()
  await engines.run(10_000)
  expect(lost).toBeGreaterThan(0)
  const next = await engines.leader()
  expect(next).not.toBe(first)
  await engines.run(5000)
  expectAlike(engines, others(first, 3))
})

test('a stop never takes long: of a follower, of one without a leader, of one whose disk has failed', async () => {
  const engines = await Engines.of(3)
  const leader = await engines.leader()
  const [one, two] = others(leader, 3)
  let began = engines.clock.monotonic()
  await engines.stop(one!)
  expect(engines.clock.monotonic() - began).toBeLessThan(100)
  engines.cut(leader)
  const proposed = engines.at(leader).consensus.propose({ kind: 'node-up', at: 2, node: id(9), incarnation: 2 })
  const unknown = expect(proposed).rejects.toBeInstanceOf(NotCommitted)
  began = engines.clock.monotonic()
  await engines.stop(leader)
  await unknown
  expect(engines.clock.monotonic() - began).toBeLessThan(5000)
  await engines.run(3000)
  engines.at(two!).consensus.fail(new Error('the disk has failed'))
  began = engines.clock.monotonic()
  await engines.stop(two!)
  expect(engines.clock.monotonic() - began).toBeLessThan(100)
  expect(engines.fatal).toHaveLength(1)
})

test('a broken invariant in the core ends the node once, and answers all who wait', async () => {
  const engines = await Engines.of(1)
  await engines.leader()
  const { consensus } = engines.at(1)
  const proposed = consensus.propose({ kind: 'node-up', at: 2, node: id(9), incarnation: 2 })
  const waits = consensus.waitApplied(1e6, 60_000)
  const failed = expect(waits).rejects.toMatchObject({ code: 'storage-failed' })
  const snapshot = { index: 1e9, term: 1, membership: { voters: [] } } as never
  consensus.receive({ type: 'snapshot', from: 5, to: raftId(id(1)), term: 99, snapshot })
  consensus.receive({ type: 'snapshot', from: 5, to: raftId(id(1)), term: 99, snapshot })
  await expect(engines.settle(proposed)).rejects.toThrow()
  await failed
  expect(engines.fatal).toHaveLength(1)
})

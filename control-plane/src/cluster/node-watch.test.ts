import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import type { Command } from '../state/commands.ts'
import { emptyState } from '../state/state.ts'
import type { Outcome } from './consensus.ts'
import { raftId } from './member-id.ts'
import { NodeWatch } from './node-watch.ts'

const [ME, A, B] = ['1', '2', '3'].map((digit) => digit.repeat(16)) as [string, string, string]
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** The watch of a leader over two others; `silent` says since when each is. */
function bench() {
  const clock = new VirtualClock(0)
  const state = emptyState()
  for (const id of [ME, A, B]) {
    state.nodes.set(id, { incarnation: 4 })
    state.members.set(id, { id, name: id, address: '', addedAt: 0 })
  }
  const silent = new Map<number, number>()
  const given: string[] = []
  let commit = (command: Command): Promise<Outcome> => {
    if (command.kind === 'node-down') state.nodes.set(command.node, { incarnation: 4, down: true })
    return Promise.resolve({ kind: 'applied', index: 1, value: {} })
  }
  const watch = new NodeWatch({
    clock,
    logger: quiet,
    node: ME,
    network: { silence: (id) => silent.get(id) },
    nodeTtlMs: 3000,
    state: () => state,
    propose(command) {
      if (command.kind === 'node-down') given.push(`${command.node[0]}.${command.incarnation}`)
      return commit(command)
    },
  })
  const setCommit = (next: typeof commit) => (commit = next)
  return { clock, state, silent, given, watch, setCommit }
}

test('a node that is silent for too long is given up, once, and the others are not', async () => {
  const { clock, silent, given, watch } = bench()
  watch.start()
  silent.set(raftId(A), 3100)
  silent.set(raftId(B), 2900)
  await clock.run(10_000)
  expect(given).toEqual(['2.4'])
})

test('a new leader has heard of nobody yet: silence counts from when it took office', async () => {
  const { clock, given, watch } = bench()
  watch.start()
  await clock.run(2999)
  expect(given).toEqual([])
  watch.stop()
  await clock.run(60_000)
  watch.start()
  await clock.run(62_999)
  expect(given).toEqual([])
  await clock.run(63_600)
  expect(given).toEqual(['2.4', '3.4'])
})

test('one that is no member any more is given up once it cannot be sending, although it is heard of', async () => {
  const { clock, state, silent, given, watch } = bench()
  silent.set(raftId(A), 0)
  silent.set(raftId(B), 0)
  state.members.delete(B)
  watch.start()
  await clock.run(2900)
  expect(given).toEqual([])
  await clock.run(3600)
  expect(given).toEqual(['3.4'])
})

test('one that is heard of again while another is given up is not', async () => {
  const { clock, silent, given, watch, setCommit } = bench()
  const commits: (() => void)[] = []
  setCommit(() => new Promise((resolve) => commits.push(() => resolve({ kind: 'applied', index: 1, value: {} }))))
  watch.start()
  await clock.run(3300)
  expect(given).toEqual(['2.4'])
  silent.set(raftId(A), 0)
  silent.set(raftId(B), 0)
  commits[0]!()
  await clock.run(3500)
  expect(given).toEqual(['2.4'])
})

test('who is out of office gives nobody up, not even those who come next', async () => {
  const { clock, given, watch, setCommit } = bench()
  const commits: (() => void)[] = []
  setCommit(() => new Promise((_, reject) => commits.push(() => reject(new Error('not the leader')))))
  watch.start()
  await clock.run(3300)
  watch.stop()
  commits[0]!()
  await clock.run(20_000)
  expect(given).toEqual(['2.4'])
})

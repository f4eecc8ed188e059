import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import type { Command } from '../state/commands.ts'
import type { Member, State } from '../state/state.ts'
import { emptyState } from '../state/state.ts'
import type { Outcome } from './consensus.ts'
import { Presence } from './presence.ts'

const ME = '1'.repeat(16)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** A process of a cluster that takes in what it says, unless the test says otherwise. */
function bench({ address, known }: { address?: string; known?: number } = {}) {
  const clock = new VirtualClock(0)
  const state: State = emptyState()
  state.cluster = 'c'
  const submitted: Command[] = []
  const ups: number[] = []
  if (known !== undefined) state.nodes.set(ME, { incarnation: known })
  const commit = (command: Command) => {
    if (command.kind === 'node-up') state.nodes.set(ME, { incarnation: command.incarnation })
    if (command.kind === 'member-update') Object.assign(state.members.get(command.member)!, command.change)
  }
  const answers: ((command: Command) => Promise<Outcome>)[] = []
  const presence = new Presence({
    clock,
    logger: quiet,
    node: ME,
    about: { version: '1', clusterVersion: 1, tzdata: '2026a' },
    address,
    apiUrl: undefined,
    state: () => state,
    submit(command) {
      submitted.push(command)
      const answer = answers.shift()
      if (answer) return answer(command)
      commit(command)
      return Promise.resolve({ kind: 'applied', index: 1, value: {} })
    },
    onUp: (incarnation) => void ups.push(incarnation),
  })
  return { clock, state, submitted, ups, presence, answers, commit }
}

test('a process comes up under an incarnation above the last one', async () => {
  const { presence, ups } = bench({ known: 5 })
  await presence.introduce()
  expect(ups).toEqual([6])
  expect(presence.incarnation).toBe(6)
})

test('it asks until it is known, each time under a new incarnation while nobody knows of the last one', async () => {
  const { clock, presence, ups, answers, submitted } = bench()
  answers.push(() => Promise.reject(new Error('lost')))
  answers.push(() => Promise.reject(new Error('lost again')))
  const introduced = presence.introduce()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(1000)
  await introduced
  expect(submitted.map((command) => command.kind === 'node-up' && command.incarnation)).toEqual([1, 2, 3])
  expect(ups).toEqual([3])
})

test('an incarnation that was tried and turns out to be known is taken up', async () => {
  const { clock, presence, ups, answers, commit, submitted } = bench()
  answers.push((command) => {
    commit(command)
    return Promise.reject(new Error('the answer is lost'))
  })
  const introduced = presence.introduce()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(1000)
  await introduced
  expect(ups).toEqual([1])
  expect(submitted).toHaveLength(1)
})

test('a process that was given up comes up anew, even while it was telling its address', async () => {
  const { clock, state, presence, ups, answers } = bench({ address: 'b.test:1' })
  state.members.set(ME, { id: ME, name: 'n1', address: 'a.test:1', addedAt: 0 } satisfies Member)
  let tell: () => void = () => undefined
  answers.push((command) => {
    if (command.kind === 'node-up') state.nodes.set(ME, { incarnation: 1 })
    return Promise.resolve({ kind: 'applied', index: 1, value: {} })
  })
  answers.push(() => new Promise((_, reject) => (tell = () => reject(new Error('lost')))))
  const introduced = presence.introduce()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(10)
  expect(ups).toEqual([1])
  state.nodes.set(ME, { incarnation: 1, down: true })
  presence.onNodeChanged(ME)
  tell()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(1000)
  await introduced
  expect(ups).toEqual([1, 2])
  expect(state.members.get(ME)).toMatchObject({ address: 'b.test:1' })
})

test('what is said of others, or of a process that has not come up yet, changes nothing', async () => {
  const { presence, submitted } = bench({ known: 3 })
  presence.onNodeChanged(ME)
  presence.onNodeChanged('2'.repeat(16))
  await Promise.resolve()
  expect(submitted).toEqual([])
})

test('a process that stops asks no more', async () => {
  const { clock, presence, answers, submitted } = bench()
  answers.push(() => Promise.reject(new Error('lost')))
  const introduced = presence.introduce()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(100)
  presence.stop()
  await clock.run(1000)
  await introduced
  expect(submitted).toHaveLength(1)
})

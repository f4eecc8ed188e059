import { beforeEach, expect, test } from 'vitest'
import { systemRandom } from '../runtime/random.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { emptyState, type Member, type State } from '../state/state.ts'
import { Caretaker, commonVersion } from './caretaker.ts'
import type { Outcome } from './consensus.ts'
import { Leading, OWN_ID } from './leading.test-helper.ts'

const [N2, N3] = ['2'.repeat(16), '3'.repeat(16)]

let clock: StillClock
let state: State
let leading: Leading
let warned: object[]

function run(command: Command): Outcome {
  const index = state.index + 1
  const { rejection, value } = apply(state, { index, term: 1, command })
  return rejection ? { kind: 'rejected', index, rejection } : { kind: 'applied', index, value }
}

function put(id: string, more: Partial<Member> = {}): void {
  const member = { id, name: `n${id[0]}`, address: `h${id[0]}:1`, addedAt: 0, joinedAt: 0, ...more }
  run({ kind: 'member-put', at: clock.now(), member })
}

/** Looks twice a second; others are heard of all the while. */
async function pass(ms: number, ...heard: string[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    for (const member of heard) leading.hears(member)
    await clock.pass(500)
  }
}

beforeEach(() => {
  clock = new StillClock()
  state = emptyState()
  warned = []
  run({ kind: 'cluster-init', at: clock.now(), cluster: 'c'.repeat(16), namespaceSlots: 10 })
  put(OWN_ID)
  leading = new Leading({ clock, random: systemRandom, state, run })
  const warn = (fields: object) => void warned.push(fields)
  new Caretaker({
    clock,
    logger: { debug: () => undefined, info: () => undefined, warn, error: () => undefined },
    node: OWN_ID,
    tzdata: '2026a',
    state: () => state,
    consensus: leading.consensus,
    propose: (command) => Promise.resolve(run(command)),
    promote: (member) => leading.members.promote(member),
  }).start()
})

test('a learner that has kept up for three seconds votes, one that is to stay a learner does not', async () => {
  put(N2)
  put(N3, { staysLearner: true })
  leading.view.learners.push(N2, N3)
  await pass(2500, N2, N3)
  expect(leading.view.voters).toEqual([OWN_ID])
  await pass(2000, N2, N3)
  expect(leading.view).toMatchObject({ voters: [OWN_ID, N2], learners: [N3] })
})

test('a learner that falls behind begins anew, and one that has not joined waits', async () => {
  put(N2)
  put(N3, { joinedAt: undefined as unknown as number, joinBy: clock.now() + 1000 })
  leading.view.learners.push(N2, N3)
  await pass(2500, N2)
  leading.hears(N2, 5000)
  await clock.pass(500)
  await pass(2500, N2)
  expect(leading.view.voters).toEqual([OWN_ID])
})

test('a member that takes no part, since its replacement was cut short, is let go; those that do are not', async () => {
  put(N2)
  put(N3)
  leading.view.voters.push(N3)
  await pass(9000, N3)
  expect(state.members.has(N2)).toBe(true)
  await pass(2000, N3)
  expect([...state.members.keys()].sort()).toEqual([OWN_ID, N3])
})

test('nobody is let go while he is on his way out, or after he has come back in', async () => {
  put(N2)
  leading.view.outgoing.push(N2)
  await pass(12_000)
  leading.view.outgoing.length = 0
  await pass(8000)
  leading.view.voters.push(N2)
  await pass(500, N2)
  leading.view.voters.pop()
  await pass(8000)
  expect(state.members.has(N2)).toBe(true)
})

test('one that leads no more looks after nobody', async () => {
  put(N2)
  leading.view.learners.push(N2)
  leading.lead(N2)
  await pass(12_000, N2)
  expect(leading.steps).toEqual([])
})

test('newer time zone data of a member are warned of once', async () => {
  const about = { version: '1', clusterVersion: 1, tzdata: '2026b' }
  put(N2)
  leading.view.voters.push(N2)
  run({ kind: 'node-up', at: clock.now(), node: N2, incarnation: 1, about })
  await pass(2000)
  expect(warned).toEqual([{ ours: '2026a', members: ['n2'] }])
})

test('the version of the cluster is that of the oldest build, and unknown while one has not said it', () => {
  put(N2)
  const about = (clusterVersion: number) => ({ version: '1', clusterVersion, tzdata: '' })
  run({ kind: 'node-up', at: clock.now(), node: OWN_ID, incarnation: 1, about: about(1) })
  expect(commonVersion(state)).toBeUndefined()
  run({ kind: 'node-up', at: clock.now(), node: N2, incarnation: 1, about: about(0) })
  expect(commonVersion(state)).toBe(0)
})

import { expect, test } from 'vitest'
import type { Command } from '../state/commands.ts'
import { AlertWorld } from '../state/alert-world.test-helper.ts'
import { TallySweep } from './tally-sweep.ts'

/** A rule on everything that remembers something of so many jobs. */
function remembering(world: AlertWorld, name: string, tallies: number): number {
  const uid = world.rule({ kind: 'failures-in-row', count: 3 }, { name })
  for (let job = 0; job < tallies; job++) {
    const subject = String(1000 + job)
    world.state.alertTallies.set(`${uid}/job/${subject}`, { rule: uid, kind: 'job', subject })
  }
  return uid
}

function sweeping(world: AlertWorld) {
  const steps: string[][] = []
  const propose = (command: Command) => {
    if (command.kind === 'alert-tallies-forget') steps.push(command.tallies)
    return Promise.resolve(world.run(command as never))
  }
  const sweep = new TallySweep({ clock: { now: () => world.now }, state: () => world.state, propose })
  return { sweep, steps }
}

test('few tallies go with their rule, many are left to steps of a bounded size, and others stay', async () => {
  const world = new AlertWorld(0)
  const [few, many, other] = [
    remembering(world, 'few', 900),
    remembering(world, 'many', 2500),
    remembering(world, 'other', 5),
  ]
  world.run({ kind: 'alert-rule-delete', rule: few })
  expect(world.state.alertTallies.size).toBe(2505)
  world.run({ kind: 'alert-rule-delete', rule: many })
  expect([world.state.alertRules.size, world.state.alertTallies.size]).toEqual([1, 2505])
  const { sweep, steps } = sweeping(world)
  await sweep.work(() => true)
  expect(steps.map((step) => step.length)).toEqual([1000, 1000, 500])
  expect(new Set([...world.state.alertTallies.values()].map(({ rule }) => rule))).toEqual(new Set([other]))
})

test('a tally whose rule is there is not forgotten by a step', () => {
  const world = new AlertWorld(0)
  remembering(world, 'rule', 2)
  world.run({ kind: 'alert-tallies-forget', tallies: [...world.state.alertTallies.keys(), 'none'] })
  expect(world.state.alertTallies.size).toBe(2)
})

test('a leader looks at first, whenever a rule has gone, and stops when it leads no more', async () => {
  const world = new AlertWorld(0)
  const { sweep, steps } = sweeping(world)
  const first = remembering(world, 'first', 1500)
  await sweep.work(() => true)
  world.run({ kind: 'alert-rule-delete', rule: first })
  await sweep.work(() => false)
  expect([steps.length, world.state.alertTallies.size]).toEqual([0, 1500])
  await sweep.work(() => true)
  expect(world.state.alertTallies.size).toBe(0)
})

import { expect, test } from 'vitest'
import { costsOf } from './cost-profile.ts'
import { keepsUp } from './scale-model.ts'

test('a node alone keeps up with what its thread has time for', () => {
  const { perSecond } = keepsUp({ calling: 60, everyNode: 20, leader: 20, perFollower: 5 }, 1)
  expect(perSecond).toBeGreaterThan(9000)
  expect(perSecond).toBeLessThanOrEqual(11_000)
})

test('calling is shared, the work of the leader is not: nodes help until it has no time left', () => {
  const costs = { calling: 80, everyNode: 10, leader: 10, perFollower: 2 }
  const [one, three, seven] = [1, 3, 7].map((nodes) => keepsUp(costs, nodes).perSecond) as [number, number, number]
  expect(three / one).toBeGreaterThan(1.8)
  expect(seven).toBeGreaterThan(three)
  expect(seven).toBeLessThan((1e6 / (10 + 10 + 6 * 2)) * 1.2)
})

test('the bottleneck is named', () => {
  const costs = { calling: 10, everyNode: 5, leader: 5, perFollower: 20 }
  expect(keepsUp(costs, 1).bottleneck).toContain('calling')
  expect(keepsUp(costs, 5).bottleneck).toContain('followers')
})

test('time belongs to the nearest frame that says whose it is, what nobody claims is shared out, idle time is nobody’s', () => {
  const frame = (id: number, url: string, children: number[] = [], functionName = 'f') => ({
    id,
    callFrame: { functionName, url },
    children,
  })
  const profile = {
    nodes: [
      frame(1, '', [2, 4, 5, 6]),
      frame(2, 'file:///x/control-plane/dist/state/apply.js', [3]),
      frame(3, 'node:buffer'),
      frame(4, 'file:///x/node_modules/undici/lib/a.js'),
      frame(5, '', [], '(garbage collector)'),
      frame(6, '', [], '(idle)'),
    ],
    samples: [3, 4, 5, 6],
    timeDeltas: [300, 100, 80, 1000],
  }
  expect(costsOf(profile)).toEqual({ calling: 120, scheduling: 0, replicating: 0, applying: 360, serving: 0 })
})

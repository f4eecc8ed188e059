import { expect, test } from 'vitest'
import { eventually } from './harness.ts'
import { withoutLeaderRule } from './leaderless.ts'

test('S106 a node that is cut off says so once, and the leader, who stays the same, under the same key that it is over', async () => {
  const { cluster, heard, left, others, isOver } = await withoutLeaderRule(true)
  const leader = await cluster.leader()
  expect(others).toContain(leader)
  const around = others.flatMap(({ name }) => [cluster.link(name, left.name), cluster.link(left.name, name)])
  for (const link of around) link.set({ kind: 'break' })
  await eventually('that a node is cut off is told', () => heard.length > 0)
  expect(heard[0]?.title).toContain(`node ${left.name} is cut off`)
  for (const link of around) link.set({ kind: 'open' })
  await eventually('that it is cut off no more is told', () => heard.some(isOver))
  expect(await cluster.leader()).toBe(leader)
  expect(heard.map(({ type }) => type)).toEqual(['alert.fired', 'alert.resolved'])
})

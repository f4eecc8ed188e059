import { expect, test } from 'vitest'
import { eventually } from './harness.ts'
import { withoutLeaderRule } from './leaderless.ts'

test('S106 a node that is left without a leader says so once, and the next leader under the same key that it is over', async () => {
  const { heard, left, others, isOver } = await withoutLeaderRule(false)
  await Promise.all(others.map((node) => node.end('SIGKILL')))
  await eventually('that there is no leader is told', () => heard.length > 0)
  expect(heard[0]?.title).toContain(`node ${left.name} is cut off, or most others are down`)
  for (const node of others) node.start()
  const key = heard[0]?.key
  await eventually('that it is cut off no more is told', () => heard.length > 2 && heard.some(isOver))
  // What nobody had told, how long nothing started, is an alert of its own.
  const told = (its: boolean) => heard.filter((each) => (each.key === key) === its).map(({ type }) => type)
  expect(told(true)).toEqual(['alert.fired', 'alert.resolved'])
  expect(told(false)).toEqual(['alert.resolved'])
})

import { expect, test } from 'vitest'
import type { AlertCondition } from '../alerts/rule.ts'
import type { Store } from '../store/store.ts'
import { AlertWorld } from './alert-world.test-helper.ts'
import type { Change } from './applied.ts'
import { Image, loadState } from './image.ts'
import { Shelf } from './shelf.test-helper.ts'

const FAILED: AlertCondition = { kind: 'run-ended', states: ['failed'], count: 1, windowMs: 60_000 }

test('a member that is restarted forgets in the same order: alerts as they ended, messages as they were made', async () => {
  const world = new AlertWorld()
  const shelf = new Shelf() as unknown as Store
  const changes: Change[] = []
  const run = world.run.bind(world)
  world.run = (command) => {
    const applied = run(command)
    changes.push(...applied.changes)
    return applied
  }
  world.rule(FAILED, { channels: [world.channel('a'), world.channel('b')] })
  const jobs = ['one', 'two', 'three', 'four'].map((name) => world.job(name))
  for (const job of jobs) world.ends(job, 'failed')
  for (const place of [2, 0, 3]) if (jobs[place]) world.ends(jobs[place], 'succeeded')
  const image = new Image(world.state, shelf)
  image.note(changes)
  const loaded = await loadState(shelf)

  const { namespace, state } = world
  const over = (of: typeof state) => [...(of.alertIndex.episodes.get(namespace)?.over ?? [])]
  expect(over(loaded)).toEqual(over(state))
  expect(over(state)).toHaveLength(3)
  expect(over(state)).not.toEqual([...over(state)].sort())
  expect([...loaded.alertIndex.messages].map(([channel, ids]) => [channel, [...ids]])).toEqual(
    [...state.alertIndex.messages].map(([channel, ids]) => [channel, [...ids]]),
  )
  expect([...loaded.alertRules.keys(), ...loaded.silences.keys(), ...loaded.episodes.keys()]).toEqual([
    ...state.alertRules.keys(),
    ...state.silences.keys(),
    ...state.episodes.keys(),
  ])
})

import { expect, test } from 'vitest'
import type { Event } from '../state/applied.ts'
import { emptyState } from '../state/state.ts'
import { Feed } from './feed.ts'

const DELETED: Event = { type: 'job-deleted', job: 1, namespace: 1, name: 'report' }

test('what happened before anybody read is not held, and whoever names it is told so', async () => {
  const feed = new Feed('boot', 8)
  const state = emptyState()
  feed.onEvent(state, DELETED)
  feed.onEvent(state, DELETED)
  expect(feed.positionOf(feed.idOf(1))).toBeUndefined()
  const position = feed.open()
  expect(position).toBe(2)
  feed.onEvent(state, DELETED)
  expect(await feed.read(position, 10)).toMatchObject({ kind: 'events', events: [{ job: 'report' }], last: 3 })
  expect(feed.positionOf(feed.idOf(2))).toBe(2)
  expect(await feed.read(1, 10)).toEqual({ kind: 'dropped' })
})

test('a reader that falls behind the ring is told so, and one that comes back within it goes on', async () => {
  const feed = new Feed('boot', 4)
  const state = emptyState()
  const position = feed.open()
  for (let i = 0; i < 5; i++) feed.onEvent(state, DELETED)
  expect(await feed.read(position, 10)).toEqual({ kind: 'dropped' })
  expect(feed.positionOf(feed.idOf(position))).toBeUndefined()
  expect(await feed.read(position + 1, 10)).toMatchObject({ kind: 'events', last: 5 })
})

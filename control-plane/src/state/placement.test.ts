import { expect, test } from 'vitest'
import { OWN_URL } from './executors.ts'
import { ShardWorld } from './shard-world.test-helper.ts'

const ownUrl = { target: { kind: 'http', method: 'POST', url: 'https://example.com/', service: 'work' } }

test.each([
  { kind: 'an executor', before: {}, after: ownUrl, planned: 'e1', now: OWN_URL },
  { kind: 'a URL of its own', before: ownUrl, after: {}, planned: OWN_URL, now: 'e1' },
])('what was planned for $kind is planned anew when its job was edited meanwhile', ({
  before,
  after,
  planned,
  now,
}) => {
  const w = new ShardWorld()
  w.executor('e1')
  const run = w.fire(w.job(before))
  w.job(after)
  expect(w.place(run, 0, planned)).toBe('queued')
  expect(w.state.attempts.size).toBe(0)
  expect(w.place(run, 0, now)).toBe('started')
  expect(w.held('e1')).toBe(now === 'e1' ? 1 : 0)
})

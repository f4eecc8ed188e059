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

test('a retry is not made before its delay is over, whatever the clock of whoever offered it had said', () => {
  const w = new ShardWorld()
  w.executor('e1')
  const run = w.fire(w.job({ retry: { max: 1, delay: '5s' } }), undefined, ['e1'])
  w.finish(run, 0, 'failed')
  const { retryAt = 0, attempts } = w.shard(run, 0)
  expect(retryAt).toBeGreaterThan(w.now)
  const placements = [{ run, shard: 0, attempts, executor: 'e1' }]
  const early = w.run({ kind: 'place-shards', at: retryAt - 1, node: 'n', placements })
  expect(early.value?.fires).toEqual(['queued'])
  expect(w.run({ kind: 'place-shards', at: retryAt, node: 'n', placements }).value?.fires).toEqual(['started'])
})

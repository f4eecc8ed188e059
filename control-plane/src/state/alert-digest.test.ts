import { expect, test } from 'vitest'
import { AlertWorld } from './alert-world.test-helper.ts'
import type { AlertThing } from './alert-digest.ts'
import type { Change } from './applied.ts'
import { digestAfter } from './digest.ts'
import type { State } from './state.ts'

/** A state with one of each. */
function furnished(): { state: State; ids: Record<AlertThing, string | number> } {
  const world = new AlertWorld()
  const job = world.job()
  const channel = world.channel('ops', 1)
  const rule = world.rule({ kind: 'run-ended', states: ['failed'], count: 1, windowMs: 1000 }, { channels: [channel] })
  world.rule({ kind: 'run-ended', states: ['failed'], count: 9, windowMs: 1000 }, { name: 'slow' })
  const { namespace, state } = world
  world.ends(job, 'failed')
  world.run({ kind: 'silence-put', namespace, match: {}, from: 0, until: 9, reason: 'r', by: 't' })
  const first = <K>(map: ReadonlyMap<K, unknown>) => [...map.keys()][0] as K
  return {
    state,
    ids: {
      'alert-rule': rule,
      channel,
      silence: first(state.silences),
      episode: first(state.episodes),
      'alert-message': first(state.alertMessages),
      'alert-tally': first(state.alertTallies),
    },
  }
}

test.each<[AlertThing, string, (state: State, id: never) => unknown]>([
  ['alert-rule', 'version', (state, id) => Object.assign(state.alertRules.get(id) ?? {}, { version: 9 })],
  ['alert-rule', 'channels', (state, id) => Object.assign(state.alertRules.get(id) ?? {}, { channels: [] })],
  ['channel', 'version', (state, id) => Object.assign(state.channels.get(id) ?? {}, { version: 9 })],
  ['channel', 'shares', (state, id) => Object.assign(state.channels.get(id)?.window ?? {}, { shares: { 7: 1 } })],
  ['channel', 'sent', (state, id) => Object.assign(state.channels.get(id)?.window ?? {}, { sent: 9 })],
  [
    'channel',
    'trouble',
    (state, id) => Object.assign(state.channels.get(id) ?? {}, { trouble: { since: 1, error: 'e' } }),
  ],
  ['silence', 'until', (state, id) => Object.assign(state.silences.get(id) ?? {}, { until: 10 })],
  ['episode', 'state', (state, id) => Object.assign(state.episodes.get(id) ?? {}, { state: 'resolved' })],
  ['episode', 'count', (state, id) => Object.assign(state.episodes.get(id) ?? {}, { count: 9 })],
  ['episode', 'toldAt', (state, id) => Object.assign(state.episodes.get(id) ?? {}, { toldAt: 9 })],
  ['alert-message', 'state', (state, id) => Object.assign(state.alertMessages.get(id) ?? {}, { state: 'failed' })],
  ['alert-message', 'nextAt', (state, id) => Object.assign(state.alertMessages.get(id) ?? {}, { nextAt: 9 })],
  ['alert-message', 'left', (state, id) => Object.assign(state.alertMessages.get(id) ?? {}, { left: { to: ['a'] } })],
  ['episode', 'key', (state, id) => Object.assign(state.episodes.get(id) ?? {}, { key: 'k' })],
  ['alert-tally', 'times', (state, id) => Object.assign(state.alertTallies.get(id) ?? {}, { times: [1, 2] })],
  ['alert-tally', 'instant', (state, id) => Object.assign(state.alertTallies.get(id) ?? {}, { instant: 9 })],
  ['episode', 'being there', (state, id) => state.episodes.delete(id)],
])('the digest takes in of %s: %s', (kind, _field, change) => {
  const { state, ids } = furnished()
  const changes: Change[] = [{ kind, id: ids[kind] }]
  const before = digestAfter(state, changes)
  expect(digestAfter(state, changes)).toBe(before)
  change(state, ids[kind] as never)
  expect(digestAfter(state, changes)).not.toBe(before)
})

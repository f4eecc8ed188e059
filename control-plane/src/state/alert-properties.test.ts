import { expect, test } from 'vitest'
import type { AlertMessage } from '../alerts/episode.ts'
import { watchKey } from '../alerts/episode.ts'
import { apply } from './apply.ts'
import { drawAlert } from './chance-alerts.test-helper.ts'
import { ChanceWorld } from './chance-world.test-helper.ts'
import type { Command } from './commands.ts'
import { emptyState, type State } from './state.ts'

const SEEDS = 60
const STEPS = 600
const T0 = 1_800_000_000_000

const BEGINNING: Record<string, unknown>[] = [
  { kind: 'cluster-init', cluster: 'c', namespaceSlots: 6 },
  { kind: 'service-put', namespace: 1, name: 'work', change: { description: '', allowedHosts: [] } },
]

/** Every message that was ever made, by episode and channel. */
class Told {
  readonly all = new Map<number, AlertMessage>()

  note(state: State): void {
    for (const message of state.alertMessages.values())
      if (!this.all.has(message.id)) this.all.set(message.id, structuredClone(message))
  }

  counts(kind: 'firing' | 'resolved'): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { about, channel } of this.all.values()) {
      if (about.kind !== kind) continue
      const key = `${about.episode} by ${channel}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return counts
  }
}

/** What the index says is what the state has. */
function checkIndex(state: State): void {
  const { alertIndex, episodes, alertMessages, alertRules, channels } = state
  const open = [...episodes.values()].filter((episode) => episode.state === 'firing')
  const keys = open.map(({ rule, subject }) => watchKey(rule, subject.kind, subject.id))
  // One at a time for each rule and subject.
  expect(new Set(keys).size).toBe(keys.length)
  expect(new Set(alertIndex.open.keys())).toEqual(new Set(keys))
  expect(new Set(alertIndex.open.values())).toEqual(new Set(open.map(({ id }) => id)))
  expect([...alertIndex.about.values()].reduce((sum, { size }) => sum + size, 0)).toBe(keys.length)
  for (const { rule } of open) expect(alertRules.get(rule)?.enabled).toBe(true)
  for (const { channel } of alertMessages.values()) expect(channels.has(channel)).toBe(true)
  const indexed = [...alertIndex.messages.values()].reduce((sum, { size }) => sum + size, 0)
  expect(indexed).toBe(alertMessages.size)
  let over = 0
  for (const its of alertIndex.episodes.values()) over += its.over.size
  expect(over).toBe(episodes.size - open.length)
  for (const { window, messagesMax } of channels.values())
    expect(window?.sent ?? 0).toBeLessThanOrEqual(Math.max(3, messagesMax))
  for (const { rule } of state.alertTallies.values()) expect(alertRules.has(rule)).toBe(true)
}

test('whatever happens, each episode is told of once, and once that it is over, and never the other way round', () => {
  const kinds = new Set<string>()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const chance = new ChanceWorld(seed)
    const state = emptyState()
    const told = new Told()
    let now = T0
    for (let index = 1; index <= STEPS; index++) {
      now += chance.pause()
      const drawn = chance.int(4) === 0 ? drawAlert(state, (max) => chance.int(max)) : chance.draw(state)
      const command = { at: now, ...(BEGINNING[index - 1] ?? drawn) } as Command
      const { rejection } = apply(state, { index, term: 1, command })
      if (!rejection) kinds.add(command.kind)
      told.note(state)
      if (index % 20 === 0) checkIndex(state)
    }
    const [firing, resolved] = [told.counts('firing'), told.counts('resolved')]
    for (const [key, count] of [...firing, ...resolved]) expect(count, `seed ${seed}: ${key}`).toBe(1)
    // A channel that the rule got since is told of the end alone; one that was told of both heard of the end last.
    const order = new Map<string, string[]>()
    for (const { about, channel } of told.all.values()) {
      if (!('episode' in about)) continue
      const key = `${about.episode} by ${channel}`
      order.set(key, [...(order.get(key) ?? []), about.kind])
    }
    for (const kindsInOrder of order.values()) {
      expect(kindsInOrder.slice(1)).not.toContain('firing')
      expect(kindsInOrder.slice(0, -1)).not.toContain('resolved')
    }
  }
  for (const kind of ['alert-rule-put', 'alert-rule-delete', 'silence-put', 'alerts-observed', 'alerts-repeated'])
    expect(kinds).toContain(kind)
}, 60_000)

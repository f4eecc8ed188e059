import { expect, test } from 'vitest'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import { apply } from '../../../control-plane/src/state/apply.ts'
import { breakersDue, noteConnection } from '../../../control-plane/src/state/breaker.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import { emptyState } from '../../../control-plane/src/state/state.ts'
import type { Turn } from '../../../control-plane/src/state/turn.ts'
import { Breakers } from './breakers.ts'

const T0 = 1_800_000_000_000

/** An executor that nobody reaches, and the promise beside it. */
class Story {
  readonly state = emptyState()
  readonly breakers = new Breakers()
  #now = T0

  constructor() {
    const { state } = this
    this.enter({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 10 })
    const namespace = state.namespaceNames.get('default')
    this.enter({ kind: 'service-put', namespace, name: 'work', change: { description: '', allowedHosts: [] } })
    const change = { kind: 'static', url: 'http://e/', weight: 1, slots: 0, labels: {}, status: 'online' }
    this.enter({ kind: 'executor-put', service: this.service, id: 'e', change })
    this.enter({ kind: 'node-up', node: 'a', incarnation: 1 })
  }

  get service(): number {
    return [...this.state.services.keys()][0] ?? 0
  }

  get executor(): Executor {
    return this.state.executors.get(this.service)?.get('e') as Executor
  }

  enter(fields: { kind: Command['kind'] } & Record<string, unknown>): void {
    const command = { at: this.#now, ...fields } as Command
    apply(this.state, { index: this.state.index + 1, term: 1, command })
    this.breakers.check(command, this.state)
  }

  fail(): void {
    const lists = { changes: [], events: [], ended: [], failing: [], roomyQueues: [] }
    const turn: Turn = { state: this.state, index: this.state.index, at: this.state.now, rows: 0, ...lists }
    noteConnection(turn, this.executor, 'a', true)
    this.breakers.ended(`${this.service}/e`, { id: 'attempt', node: 'a' }, false, this.state)
    this.look()
  }

  look(): void {
    this.breakers.check({ kind: 'node-up', at: this.#now, node: 'a', incarnation: 1 }, this.state)
  }

  /** Time goes by until somebody may try it; how long that was, in milliseconds. */
  wait(): number {
    const { breaker } = this.executor
    const since = this.#now
    if (breaker?.state === 'open') this.#now = breaker.until
    this.enter({ kind: 'breakers-half-open', executors: breakersDue(this.state, this.#now) })
    return this.#now - since
  }
}

test('who is tried in vain is shut for twice as long each time, up to five minutes', () => {
  const story = new Story()
  for (let failure = 0; failure < 5; failure++) story.fail()
  const waits = Array.from({ length: 8 }, () => {
    const waited = story.wait()
    story.fail()
    return waited / 1000
  })
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300])
  expect(story.breakers).toMatchObject({ opened: 1, doubled: 8 })
})

test.each<[string, (executor: Executor) => void]>([
  ['opens too early', (executor) => Object.assign(executor, { breaker: { state: 'half-open', openings: 1 } })],
  ['is shut for too long', ({ breaker }) => Object.assign(breaker!, { until: T0 + 20_000 })],
  ['is not shut', (executor) => delete executor.breaker],
])('one that %s is noticed', (_, spoil) => {
  const story = new Story()
  for (let failure = 0; failure < 5; failure++) story.fail()
  spoil(story.executor)
  expect(() => story.look()).toThrow('its circuit breaker is to be open until')
})

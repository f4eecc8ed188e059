import { describe, expect, test } from 'vitest'
import type { Executor } from '../discovery/executor.ts'
import { apply } from './apply.ts'
import { BREAKER_OPEN_MS, BREAKER_OPEN_MS_MAX, breakersDue, isTried, noteConnection, noteTrial } from './breaker.ts'
import type { Command } from './commands.ts'
import { digestAfter } from './digest.ts'
import { emptyState } from './state.ts'
import type { Turn } from './turn.ts'

const T0 = 1_800_000_000_000

/** One executor, nodes that may send, and what each step of a story makes of its circuit breaker. */
function world(nodes: readonly string[]) {
  const state = emptyState()
  let now = T0
  let index = 0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>) =>
    apply(state, { index: ++index, term: 1, command: { at: now, ...command } as Command })
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 10 })
  const change = { description: '', allowedHosts: [] }
  run({ kind: 'service-put', namespace: state.namespaceNames.get('default'), name: 'work', change })
  const service = [...state.services.keys()][0] ?? 0
  const put = (url: string) => {
    const executor = { kind: 'static', url, weight: 1, slots: 0, labels: {}, status: 'online' }
    run({ kind: 'executor-put', service, id: 'e', change: executor })
  }
  put('http://e/')
  for (const node of nodes) run({ kind: 'node-up', node, incarnation: 1 })
  const executor = (): Executor => state.executors.get(service)?.get('e') as Executor
  const turn = (): Turn => ({
    state,
    index: ++index,
    at: now,
    changes: [],
    events: [],
    ended: [],
    failing: [],
    roomyQueues: [],
    rows: 0,
  })
  const note = (node: string, failed: boolean) => noteConnection(turn(), executor(), node, failed)
  return {
    state,
    executor,
    put,
    run,
    breaker: () => executor().breaker?.state ?? 'closed',
    /** `a a b` fails from those nodes; `a+` is a call of node a that got through. */
    story(text: string) {
      for (const step of text.split(' ')) note(step.replace('+', ''), !step.endsWith('+'))
    },
    pass(ms: number) {
      now += ms
      run({ kind: 'breakers-half-open', executors: breakersDue(state, now) })
    },
    openMs: () => (executor().breaker?.state === 'open' ? (executor().breaker as { until: number }).until - now : 0),
    trial: (attempt: string) => noteTrial(turn(), executor(), attempt),
  }
}

describe('five connections in a row that failed open the circuit breaker', () => {
  test.each<[string, string[], string, string]>([
    ['four are not enough', ['a'], 'a a a a', 'closed'],
    ['five of the only node', ['a'], 'a a a a a', 'open'],
    ['one that got through between them', ['a'], 'a a a a a+ a', 'closed'],
    ['five of one node where two send', ['a', 'b'], 'a a a a a a a a', 'closed'],
    ['five of two nodes', ['a', 'b'], 'a a a a b', 'open'],
    ['the sixth from another node', ['a', 'b', 'c'], 'a a a a a c', 'open'],
    ['witnesses before a call that got through do not count', ['a', 'b'], 'b a+ a a a a a', 'closed'],
    ['a call of before that got through closes it', ['a'], 'a a a a a a+', 'closed'],
  ])('%s', (_, nodes, story, expected) => {
    const w = world(nodes)
    w.story(story)
    expect(w.breaker()).toBe(expected)
  })

  test('a node that was given up is no witness that has to be waited for', () => {
    const w = world(['a', 'b'])
    w.run({ kind: 'member-put', member: { id: 'b', name: 'b', address: 'b:1', addedAt: T0 } })
    w.run({ kind: 'node-down', node: 'b', incarnation: 1 })
    w.story('a a a a a')
    expect(w.breaker()).toBe('open')
  })
})

describe('after its time it is half open, and one attempt tries', () => {
  test('a trial that fails opens it for twice as long, up to five minutes; one that gets through closes it', () => {
    const w = world(['a', 'b'])
    w.story('a a a a b')
    const lengths = []
    for (let i = 0; i < 8; i++) {
      lengths.push(w.openMs())
      w.pass(w.openMs() - 1)
      expect(w.breaker()).toBe('open')
      w.pass(1)
      expect(w.breaker()).toBe('half-open')
      w.story('a')
    }
    expect(lengths.slice(0, 5)).toEqual([1, 2, 4, 8, 16].map((times) => times * BREAKER_OPEN_MS))
    expect(lengths.slice(5)).toEqual([BREAKER_OPEN_MS_MAX, BREAKER_OPEN_MS_MAX, BREAKER_OPEN_MS_MAX])
    w.pass(BREAKER_OPEN_MS_MAX)
    w.story('b+')
    expect([w.breaker(), w.executor().failures, w.executor().failedFrom]).toEqual(['closed', 0, undefined])
    w.story('a a a a b')
    expect(w.openMs()).toBe(BREAKER_OPEN_MS)
  })

  test('calls of before that fail while it is open do not keep it open for longer', () => {
    const w = world(['a'])
    w.story('a a a a a')
    const before = w.openMs()
    w.story('a a a')
    expect(w.openMs()).toBe(before)
  })

  test('a trial is one attempt: until it has ended there is no other', () => {
    const w = world(['a'])
    w.story('a a a a a')
    w.pass(BREAKER_OPEN_MS)
    w.state.attempts.set('r-0-1', 'r').set('r-0-2', 'r')
    w.trial('r-0-1')
    w.trial('r-0-2')
    expect([w.executor().breaker, isTried(w.state, w.executor())]).toMatchObject([{ trial: 'r-0-1' }, true])
    w.state.attempts.delete('r-0-1')
    expect(isTried(w.state, w.executor())).toBe(false)
    w.trial('r-0-2')
    expect(w.executor().breaker).toMatchObject({ trial: 'r-0-2' })
  })

  test('one that was opened anew, changed or removed since is left alone', () => {
    const w = world(['a'])
    w.story('a a a a a')
    w.pass(BREAKER_OPEN_MS)
    w.story('a')
    const service = w.executor().service
    w.run({
      kind: 'breakers-half-open',
      executors: [
        { service, id: 'e' },
        { service, id: 'gone' },
        { service: 9, id: 'e' },
      ],
    })
    expect(w.breaker()).toBe('open')
  })
})

test('another address starts with a closed breaker, the same one keeps it', () => {
  const w = world(['a'])
  w.story('a a a a a')
  w.put('http://e/')
  expect(w.breaker()).toBe('open')
  w.put('http://elsewhere/')
  expect([w.breaker(), w.executor().failures]).toEqual(['closed', 0])
})

test.each<[string, (executor: Executor) => void]>([
  ['failures', (executor) => void (executor.failures += 1)],
  ['breaker', (executor) => void (executor.breaker = { state: 'half-open', openings: 1 })],
  ['health', (executor) => void (executor.health = 'unhealthy')],
  ['lastToken', (executor) => void (executor.lastToken = 7)],
])('members whose executors differ in %s have different digests', (_, change) => {
  const w = world(['a'])
  const { service, id } = w.executor()
  const digest = () => digestAfter(w.state, [{ kind: 'executor', service, id }])
  const before = digest()
  expect(digest()).toBe(before)
  change(w.executor())
  expect(digest()).not.toBe(before)
})

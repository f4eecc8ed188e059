import { expect, test } from 'vitest'
import { PATIENCE_MS, Pollers } from './pollers.ts'

const NODES = ['near', 'far', 'farther']

/** Who gets what arrives, when each node asks again so long after it was given something. */
function shares(roundTripMs: Record<string, number>, arrivalsPerMs: number, forMs = 4000): Record<string, number> {
  const pollers = new Pollers()
  const given: Record<string, number> = {}
  const asksAt = new Map(Object.keys(roundTripMs).map((node) => [node, 0]))
  let ready = 0
  let heldSince: number | undefined
  for (let now = 0; now < forMs; now++) {
    ready += Math.floor((now + 1) * arrivalsPerMs) - Math.floor(now * arrivalsPerMs)
    for (const [node, at] of asksAt) {
      if (at > now) continue
      asksAt.set(node, Number.POSITIVE_INFINITY)
      pollers.add({ ask: ask(node), until: Number.POSITIVE_INFINITY, answer: () => undefined }, now)
    }
    while (ready > 0) {
      const next = pollers.next(ready, heldSince === undefined || now - heldSince < PATIENCE_MS, now)
      if (!next) {
        if (pollers.size > 0) heldSince ??= now
        break
      }
      heldSince = undefined
      const { node } = next.poller.ask
      const calls = Math.min(next.share, ready)
      pollers.give(next.poller, { token: 't', index: 0, evaluations: [] }, calls)
      given[node] = (given[node] ?? 0) + calls
      ready -= calls
      asksAt.set(node, now + (roundTripMs[node] ?? 0))
    }
  }
  const all = Object.values(given).reduce((sum, calls) => sum + calls, 0)
  return Object.fromEntries(Object.entries(given).map(([node, calls]) => [node, calls / all]))
}

function ask(node: string, room = 256) {
  return { node, incarnation: 1, worker: 1, room, holds: [] }
}

test.each([
  ['one in a while', 0.02],
  ['one a millisecond', 1],
  ['twenty a millisecond', 20],
])('nodes get equal shares however near they are: %s', (_, arrivals) => {
  const found = shares({ near: 0, far: 2, farther: 3 }, arrivals)
  for (const node of NODES) expect(found[node], `${node} of ${JSON.stringify(found)}`).toBeGreaterThan(0.28)
  for (const node of NODES) expect(found[node]).toBeLessThan(0.39)
})

test('a node far away is not waited for longer than a moment: the others take its part', () => {
  const found = shares({ near: 0, far: 1, farther: 400 }, 1)
  expect(found['near']).toBeGreaterThan(0.3)
  expect(found['far']).toBeGreaterThan(0.3)
  expect(found['farther']).toBeLessThan(0.3)
})

test('a node that comes later begins where the others are, and does not get everything until it has caught up', () => {
  const pollers = new Pollers()
  const add = (node: string, now: number) =>
    pollers.add({ ask: ask(node), until: now + 1000, answer: () => undefined }, now)
  add('a', 0)
  for (let i = 0; i < 1000; i++) {
    const next = pollers.next(1, true, i)
    if (next) pollers.give(next.poller, { token: 't', index: 0, evaluations: [] }, 1)
    add('a', i)
  }
  let late = 0
  for (let i = 1000; i < 1100; i++) {
    add('b', i)
    const next = pollers.next(1, true, i)
    if (next?.poller.ask.node === 'b') late += 1
    if (next) pollers.give(next.poller, { token: 't', index: 0, evaluations: [] }, 1)
    add('a', i)
  }
  expect(late).toBeGreaterThan(40)
  expect(late).toBeLessThan(60)
})

test('what is ready is divided among those who wait; one alone gets all', () => {
  const pollers = new Pollers()
  for (const node of NODES) pollers.add({ ask: ask(node), until: 1000, answer: () => undefined }, 0)
  expect(pollers.next(300, true, 0)?.share).toBe(100)
  const alone = new Pollers()
  alone.add({ ask: ask('a'), until: 1000, answer: () => undefined }, 0)
  expect(alone.next(300, true, 0)?.share).toBe(300)
})

test('a question of the same worker takes the place of the one before, which is answered with nothing', () => {
  const pollers = new Pollers()
  const answers: string[] = []
  pollers.add({ ask: ask('a'), until: 1000, answer: () => answers.push('first') }, 0)
  pollers.add({ ask: ask('a'), until: 1000, answer: () => answers.push('second') }, 1)
  expect(answers).toEqual(['first'])
  pollers.expire(999)
  expect(answers).toEqual(['first'])
  pollers.expire(1000)
  expect(answers).toEqual(['first', 'second'])
})

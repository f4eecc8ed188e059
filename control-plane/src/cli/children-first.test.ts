import { expect, test } from 'vitest'
import { childrenFirst } from './children-first.ts'

function order(jobs: Record<string, string[]>): string {
  const given = Object.entries(jobs).map(([name, children]) => ({
    name,
    definition: { children: children.map((job) => ({ job, on: 'success' as const })) },
  }))
  return childrenFirst(given)
    .map(({ name }) => name)
    .join(' ')
}

test('a job comes after its children, and the others stay where they were', () => {
  expect(order({ a: ['c'], b: [], c: ['d', 'elsewhere'], d: [] })).toBe('d c a b')
  expect(order({ x: [], y: [], z: ['x'] })).toBe('x y z')
})

test('a circle is left for the server to refuse', () => {
  expect(order({ a: ['b'], b: ['a'], c: [] })).toBe('b a c')
})

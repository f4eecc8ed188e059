import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Overlay, overlaid } from './overlay.ts'
import type { RangeOptions } from './store.ts'

const key = fc.tuple(fc.constantFrom('A/', 'B/', 'a/'), fc.nat({ max: 20 })).map(([kind, n]) => kind + n)
const write = fc.tuple(key, fc.constantFrom(null, Buffer.from('x')))
const options = fc.record(
  {
    gte: key,
    lt: fc.oneof(key, fc.constantFrom('A0', 'B0', 'a0')),
    limit: fc.integer({ min: 1, max: 30 }),
    reverse: fc.boolean(),
  },
  { requiredKeys: ['reverse'] },
)

test('a short list has all that its rows take, removals included, and a long one everything', () => {
  fc.assert(
    fc.property(fc.array(write), fc.array(write), options, (older, newer, options) => {
      const overlays = [older, newer].map((writes) => {
        const overlay = new Overlay()
        for (const [key, value] of writes) overlay.put(key, value)
        return overlay
      })
      const whole = naive([...older, ...newer], options)
      const found = overlaid(overlays, options)
      expect(found).toEqual(whole.slice(0, found.length))
      const rows = found.filter(([, value]) => value !== null).length
      expect(found.length === whole.length || rows >= (options.limit ?? Number.POSITIVE_INFINITY)).toBe(true)
    }),
  )
})

test('what was written is found by its key, counted once, and the last write counts', () => {
  const overlay = new Overlay()
  overlay.put('A/1', Buffer.from('one'))
  overlay.put('A/1', null)
  overlay.put('b/1', Buffer.from('two'))
  expect([overlay.get('A/1'), overlay.get('b/1')?.toString(), overlay.get('A/2'), overlay.size]).toEqual([
    null,
    'two',
    undefined,
    2,
  ])
})

function naive(writes: readonly (readonly [string, Buffer | null])[], { gte, lt, reverse }: RangeOptions) {
  const within = [...new Map(writes)].filter(
    ([key]) => (gte === undefined || key >= gte) && (lt === undefined || key < lt),
  )
  const sorted = within.sort(([a], [b]) => (a < b ? -1 : 1))
  return reverse ? sorted.reverse() : sorted
}

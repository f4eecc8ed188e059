import { describe, expect, test } from 'vitest'
import { divergence } from './digest-verdict.ts'

const ring = (...digests: [index: number, digest: number][]) => digests.map(([index, digest]) => ({ index, digest }))

function judge(rings: Record<string, ReturnType<typeof ring>>, memberCount = 3, leader = 'a') {
  return divergence(new Map(Object.entries(rings)), leader, memberCount)
}

describe('whose state is not that of the others', () => {
  test('nobody, while digests at the same index are the same', () => {
    expect(judge({ a: ring([1024, 7], [2048, 8]), b: ring([1024, 7]), c: ring([2048, 8]) })).toBeUndefined()
  })

  test('the one that differs from two others, the leader too', () => {
    const rings = { a: ring([1024, 9]), b: ring([1024, 7]), c: ring([1024, 7]) }
    expect(judge(rings)).toEqual({ index: 1024, members: ['a', 'b', 'c'], right: 7, wrong: ['a'] })
  })

  test('of two members the one that does not lead', () => {
    const rings = { a: ring([1024, 9]), b: ring([1024, 7]) }
    expect(judge(rings, 2, 'b')).toMatchObject({ right: 7, wrong: ['a'] })
  })

  test('nobody can say, when one of three does not answer', () => {
    const rings = { a: ring([1024, 9]), b: ring([1024, 7]) }
    expect(judge(rings)).toEqual({ index: 1024, members: ['a', 'b'], wrong: [] })
  })

  test('what can be said at an older index counts before what cannot at a newer one', () => {
    const rings = { a: ring([1024, 7], [2048, 8]), b: ring([1024, 7], [2048, 9]), c: ring([1024, 6]) }
    expect(judge(rings)).toMatchObject({ index: 1024, wrong: ['c'] })
  })

  test('two against two is for nobody to say', () => {
    const rings = { a: ring([1024, 1]), b: ring([1024, 1]), c: ring([1024, 2]), d: ring([1024, 2]) }
    expect(judge(rings, 4)).toMatchObject({ wrong: [] })
  })
})

import { describe, expect, test } from 'vitest'
import { describeJob, resolveJob } from './definition.ts'

const target = { kind: 'handler', service: 'billing', handler: 'h' } as const
const sharded = { strategy: 'sharded' }

function pointersOf(definition: object): string[] {
  const resolved = resolveJob({ target, ...definition })
  return resolved.ok ? [] : resolved.faults.map(({ pointer }) => pointer)
}

describe('S063 what a definition says of sharding', () => {
  test.each([
    ['a number of items', { routing: sharded, sharding: { count: 5 } }],
    [
      'items by name',
      { routing: sharded, sharding: { items: ['tianjin', '上海'], mode: 'per-item' }, placement: 'all' },
    ],
    ['everybody', { routing: { strategy: 'broadcast' } }],
  ])('%s is read and described back', (_what, definition) => {
    const resolved = resolveJob({ target, ...definition })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
    expect(describeJob(resolved.spec)).toMatchObject(definition)
  })

  test.each<[string, object, string[]]>([
    ['neither count nor items', { routing: sharded, sharding: {} }, ['/sharding/count']],
    ['both', { routing: sharded, sharding: { count: 1, items: ['a'] } }, ['/sharding/count']],
    ['no items to split', { routing: sharded }, ['/sharding']],
    ['items for another strategy', { sharding: { count: 3 } }, ['/sharding']],
    ['more parts than there may be', { routing: sharded, sharding: { count: 10_001 } }, ['/sharding/count']],
    ['none', { routing: sharded, sharding: { count: 0 } }, ['/sharding/count']],
    ['an empty item', { routing: sharded, sharding: { items: ['a', ''] } }, ['/sharding/items']],
    ['an item that is no text', { routing: sharded, sharding: { items: [1] } }, ['/sharding/items']],
    [
      'more than one call can carry',
      { routing: sharded, sharding: { items: Array<string>(5000).fill('x'.repeat(150)) } },
      ['/sharding/items'],
    ],
    ['another mode', { routing: sharded, sharding: { count: 2, mode: 'halves' } }, ['/sharding/mode']],
    [
      'a target that is no executor',
      { routing: sharded, sharding: { count: 2 }, target: { kind: 'http', url: 'https://example.com' } },
      ['/routing/strategy'],
    ],
  ])('%s is refused', (_what, definition, pointers) => {
    expect(pointersOf(definition)).toEqual(pointers)
  })
})

import { describe, expect, test } from 'vitest'
import { kvWorld } from './kv-world.test-helper.ts'
import { KV_BYTES_MAX, KV_KEYS_MAX, KV_LEASES_MAX, KV_VALUE_BYTES_MAX } from './kv-types.ts'
import { keyBytes } from './kv.ts'

describe('a put', () => {
  test('makes a key, then new versions of it, and tells watchers', () => {
    const world = kvWorld()
    const first = world.put('a', 'one')
    const second = world.put('a', 'two', { contentType: 'text/plain' })
    expect([first.value, second.value]).toEqual([
      { version: 1, createIndex: first.index },
      { version: 2, createIndex: first.index },
    ])
    expect(world.entry('a')).toEqual({
      value: new TextEncoder().encode('two'),
      contentType: 'text/plain',
      createIndex: first.index,
      modIndex: second.index,
      version: 2,
      lease: '',
    })
    expect(second.events).toEqual([
      { type: 'kv-changed', namespace: world.namespace, key: 'a', index: second.index, entry: world.entry('a') },
    ])
    expect(second.changes).toEqual([{ kind: 'kv', namespace: world.namespace, key: 'a' }])
  })

  test('keeps a copy: what arrived may be used for something else', () => {
    const world = kvWorld()
    const value = new TextEncoder().encode('kept')
    world.run({ kind: 'kv-put', namespace: world.namespace, key: 'a', value })
    value.fill(0)
    expect(world.text('a')).toBe('kept')
  })

  test.each([
    ['a number that is its index', (index: number) => index, 'a', undefined],
    ['another number', () => 1, 'a', 'version-mismatch'],
    ['a number, and no such key', () => 1, 'b', 'version-mismatch'],
    ['present', () => 'present' as const, 'a', undefined],
    ['present, and no such key', () => 'present' as const, 'b', 'version-mismatch'],
    ['absent', () => 'absent' as const, 'b', undefined],
    ['absent, and there is one', () => 'absent' as const, 'a', 'version-mismatch'],
  ])('is judged by its condition: %s', (_, conditionAt, key, code) => {
    const world = kvWorld()
    const { index } = world.put('a', 'one')
    const condition = conditionAt(index)
    const before = world.shown()
    expect(world.put(key, 'two', { condition }).rejection?.code).toBe(code)
    if (code) expect(world.shown()).toEqual(before)
    expect(world.remove(key, condition === 'absent' ? 'absent' : condition).rejection !== undefined).toBe(
      condition !== 'present' || key === 'b',
    )
  })

  test('beyond the bytes of a namespace is refused; one that needs fewer than before is not', () => {
    const world = kvWorld()
    const big = 'x'.repeat(KV_VALUE_BYTES_MAX)
    let count = 0
    while (world.put(`k${String(count).padStart(5, '0')}`, big).rejection === undefined) count += 1
    expect(world.space()?.bytes).toBeLessThanOrEqual(KV_BYTES_MAX)
    expect(world.put('z', big).rejection?.code).toBe('kv-full')
    expect(world.put('k00000', 'small').rejection).toBeUndefined()
    expect(world.put('z', 'small').rejection).toBeUndefined()
  })

  test('beyond the keys of a namespace is refused; an old key takes new values', () => {
    const world = kvWorld()
    for (let i = 0; i < KV_KEYS_MAX; i++) world.put(`k${i}`, '')
    expect(world.put('one more', '').rejection?.code).toBe('kv-full')
    expect(world.put('k0', 'v').rejection).toBeUndefined()
    expect(world.remove('k1').rejection).toBeUndefined()
    expect(world.put('one more', '').rejection).toBeUndefined()
  })
})

test('the bytes of a namespace are those of what is in it, in UTF-8', () => {
  const world = kvWorld()
  for (const key of ['a', 'ü', '€', '🙂', 'ü€🙂', '\u07ff\u0800\uffff']) {
    expect([key, keyBytes(key)]).toEqual([key, Buffer.byteLength(key)])
    world.put(key, 'value')
  }
  world.put('a', 'longer value')
  world.remove('€')
  const expected = [...(world.space()?.entries ?? [])].reduce(
    (sum, [key, { value }]) => sum + Buffer.byteLength(key) + value.length,
    0,
  )
  expect(world.space()?.bytes).toBe(expected)
})

test('a deleted key is gone, and begins anew', () => {
  const world = kvWorld()
  world.put('a', 'one')
  world.put('a', 'two')
  const gone = world.remove('a')
  expect(gone.events).toEqual([{ type: 'kv-changed', namespace: world.namespace, key: 'a', index: gone.index }])
  expect(world.remove('a').rejection?.code).toBe('key-not-found')
  expect(world.state.kv.size).toBe(0)
  const again = world.put('a', 'three')
  expect(again.value).toEqual({ version: 1, createIndex: again.index })
})

describe('a lease', () => {
  test('takes its keys with it, and only those that are still its own', () => {
    const world = kvWorld()
    world.grant('l1')
    world.grant('l2')
    world.put('mine', '', { lease: 'l1' })
    world.put('moved', '', { lease: 'l1' })
    world.put('moved', '', { lease: 'l2' })
    world.put('freed', '', { lease: 'l1' })
    world.put('freed', '')
    world.put('deleted', '', { lease: 'l1' })
    world.remove('deleted')
    world.put('deleted', '')
    const end = world.run({ kind: 'lease-revoke', namespace: world.namespace, lease: 'l1' })
    expect(world.keys()).toEqual(['deleted', 'freed', 'moved'])
    expect(end.events.map(({ type }) => type)).toEqual(['kv-changed', 'lease-ended'])
    expect(world.run({ kind: 'lease-revoke', namespace: world.namespace, lease: 'l2' }).rejection).toBeUndefined()
    expect(world.keys()).toEqual(['deleted', 'freed'])
  })

  test('that is not there, or of another namespace, takes no key', () => {
    const world = kvWorld()
    world.grant('theirs', { namespace: world.other })
    for (const lease of ['none', 'theirs']) {
      expect(world.put('a', '', { lease }).rejection?.code).toBe('lease-not-found')
      expect(world.run({ kind: 'lease-revoke', namespace: world.namespace, lease }).rejection?.code).toBe(
        'lease-not-found',
      )
    }
    expect(world.state.leases.has('theirs')).toBe(true)
  })

  test('that was kept after the leader judged it lives on', () => {
    const world = kvWorld()
    world.grant('l1')
    world.grant('l2')
    const asOf = world.state.index
    world.run({ kind: 'leases-kept', leases: ['l1'] })
    const { events } = world.run({ kind: 'leases-expired', leases: ['l1', 'l2', 'none'], asOf })
    expect([...world.state.leases.keys()]).toEqual(['l1'])
    expect(events).toEqual([{ type: 'lease-ended', lease: 'l2' }])
  })

  test('of which there are too many is refused', () => {
    const world = kvWorld()
    for (let i = 0; i < KV_LEASES_MAX; i++) world.grant(`l${i}`)
    expect(world.grant('more').rejection?.code).toBe('kv-full')
    expect(world.grant('more', { namespace: world.other }).rejection).toBeUndefined()
    expect(world.grant('l0', { namespace: world.other }).rejection?.code).toBe('already-exists')
  })
})

test('a namespace with a key or a lease is not deleted', () => {
  const world = kvWorld()
  const drop = () => world.run({ kind: 'namespace-delete', name: 'default' }).rejection?.code
  world.put('a', '')
  expect(drop()).toBe('in-use')
  world.grant('l1')
  world.remove('a')
  expect(drop()).toBe('in-use')
  world.run({ kind: 'lease-revoke', namespace: world.namespace, lease: 'l1' })
  expect(drop()).toBeUndefined()
  expect(world.put('a', '').rejection?.code).toBe('namespace-not-found')
})

import { expect, test } from 'vitest'
import { apply } from './apply.ts'
import type { Command } from './commands.ts'
import { Image, loadState } from './image.ts'
import { Shelf } from './shelf.test-helper.ts'
import { activeKey, PUBLISHED_AFTER_MS, PUBLISHED_BEFORE_MS, SIGNING_KEYS_MAX } from './signing-keys.ts'
import { emptyState } from './state.ts'
import type { Store } from '../store/store.ts'

const T0 = 1_800_000_000_000

function world() {
  const state = emptyState()
  const shelf = new Shelf() as unknown as Store
  const image = new Image(state, shelf)
  let at = T0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>) => {
    const entry = { index: state.index + 1, term: 1, command: { at, ...command } as Command }
    const applied = apply(state, entry)
    image.note(applied.changes)
    return applied
  }
  const put = (id: string, more: object = {}) =>
    run({
      kind: 'signing-key-put',
      id,
      alg: 'EdDSA',
      issuer: 'https://cron.example.com',
      x: 'x',
      sealed: `sealed-${id}`,
      ...more,
    })
  return {
    state,
    shelf,
    run,
    put,
    pass: (ms: number) => {
      at += ms
    },
    activate: (id: string, more: object = {}) => run({ kind: 'signing-key-activate', id, ...more }),
    remove: (id: string, more: object = {}) => run({ kind: 'signing-key-delete', id, ...more }),
    states: () => [...state.signingKeys.values()].map((pair) => `${pair.id} ${pair.state}`),
  }
}

test('the first key of an algorithm signs at once, the next one once it was published for an hour', () => {
  const { put, activate, pass, states, state } = world()
  put('a')
  put('e', { alg: 'ES256', y: 'y' })
  put('b')
  expect(states()).toEqual(['a active', 'e active', 'b next'])
  pass(PUBLISHED_BEFORE_MS - 1)
  expect(activate('b').rejection).toMatchObject({ code: 'in-use' })
  pass(1)
  expect(activate('b').rejection).toBeUndefined()
  expect(states()).toEqual(['a retired', 'e active', 'b active'])
  expect(activeKey(state, 'EdDSA')?.id).toBe('b')
})

test('a key is published for an hour after it signed, and one that signs is not removed', () => {
  const { put, activate, remove, pass, states } = world()
  put('a')
  put('b')
  pass(PUBLISHED_BEFORE_MS)
  activate('b')
  expect(remove('b').rejection).toMatchObject({ code: 'in-use' })
  pass(PUBLISHED_AFTER_MS - 1)
  expect(remove('a').rejection).toMatchObject({ code: 'in-use' })
  pass(1)
  expect(remove('a').rejection).toBeUndefined()
  expect(states()).toEqual(['b active'])
})

test('in an emergency both are done at once, if somebody says so', () => {
  const { put, activate, remove, states } = world()
  put('a')
  put('b')
  activate('b', { force: true })
  remove('a', { force: true })
  expect(states()).toEqual(['b active'])
})

test('one key waits at a time, two who need the first make one, and there are not too many', () => {
  const { put, activate, states, state } = world()
  put('a', { onlyFirst: true })
  put('b', { onlyFirst: true })
  expect(states()).toEqual(['a active'])
  put('b')
  expect(put('c').rejection).toMatchObject({ code: 'in-use' })
  expect(put('b').rejection).toMatchObject({ code: 'already-exists' })
  activate('b', { force: true })
  for (let n = 0; n < SIGNING_KEYS_MAX; n++) {
    put(`n${n}`)
    activate(`n${n}`, { force: true })
  }
  expect(state.signingKeys.size).toBe(SIGNING_KEYS_MAX)
})

test('what is not there is not activated or removed', () => {
  const { activate, remove } = world()
  expect(activate('a').rejection).toMatchObject({ code: 'signing-key-not-found' })
  expect(remove('a').rejection).toMatchObject({ code: 'signing-key-not-found' })
})

test('keys come back from the store, and each step changes the digest', async () => {
  const { put, activate, pass, state, shelf } = world()
  put('b', { alg: 'ES256', y: 'y' })
  put('a')
  const digests = [state.digest]
  pass(1)
  put('c')
  digests.push(state.digest)
  activate('c', { force: true })
  digests.push(state.digest)
  expect(new Set(digests).size).toBe(3)
  const loaded = await loadState(shelf)
  expect(loaded.signingKeys).toEqual(state.signingKeys)
})

test('how a service is signed stays when it is not mentioned, and is taken back by name', () => {
  const { run, state } = world()
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 6 })
  const put = (signing?: object | 'hmac') => {
    const change = { description: '', allowedHosts: [], ...(signing === undefined ? {} : { signing }) }
    run({ kind: 'service-put', namespace: 1, name: 'work', change })
    return [...state.services.values()][0]?.signing
  }
  expect(put()).toBeUndefined()
  expect(put({ scheme: 'jwt', alg: 'EdDSA' })).toEqual({ scheme: 'jwt', alg: 'EdDSA' })
  expect(put()).toEqual({ scheme: 'jwt', alg: 'EdDSA' })
  expect(put('hmac')).toBeUndefined()
})

import { describe, expect, test } from 'vitest'
import { apply } from './apply.ts'
import type { Applied } from './applied.ts'
import type { Command } from './commands.ts'
import { emptyState, type Scope } from './state.ts'

const T0 = 1_800_000_000_000

function world() {
  const state = emptyState()
  let index = 0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>): Applied =>
    apply(state, { index: ++index, term: 1, command: { at: T0, ...command } as Command })
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 10 })
  const uid = (name: string) => state.namespaceNames.get(name) ?? 0
  const verbs = {
    state,
    run,
    uid,
    namespace: (name: string) =>
      run({ kind: 'namespace-put', name, change: { description: '', slots: 5, queuedRunsMax: 9 } }),
    service: (namespace: string, name: string) =>
      run({ kind: 'service-put', namespace: uid(namespace), name, change: { description: '', allowedHosts: [] } }),
    removeService: (namespace: string, name: string) =>
      run({ kind: 'service-delete', service: state.serviceNames.get(`${uid(namespace)}/${name}`) }),
    token: (scope: Scope) => run({ kind: 'token-put', id: scope, hash: `hash of ${scope}`, scope, name: 't', by: 'a' }),
    scopes: () => [...state.tokens.values()].map(({ scope }) => scope),
    rename: (name: string, to: string, more: object = {}) => run({ kind: 'namespace-rename', name, to, ...more }),
    remove: (name: string) => run({ kind: 'namespace-delete', name }),
  }
  verbs.namespace('team')
  return verbs
}

describe('a namespace that is renamed', () => {
  test('S028 keeps its uid, its services and its figures under the new name, and leaves nothing under the old', () => {
    const w = world()
    w.service('team', 'work')
    const uid = w.uid('team')
    w.state.namespaces.get(uid)!.held = 3
    expect(w.rename('team', 'crew').value).toEqual({ uid, version: 2 })
    expect([w.uid('crew'), w.state.namespaceNames.has('team')]).toEqual([uid, false])
    expect(w.state.namespaces.get(uid)).toMatchObject({ name: 'crew', version: 2, held: 3, slots: 5 })
    expect(w.state.serviceNames.has(`${uid}/work`)).toBe(true)
    w.namespace('team')
    expect(w.uid('team')).not.toBe(uid)
  })

  test('takes its tokens along, and the old name gives nobody anything', () => {
    const w = world()
    for (const scope of ['admin', 'read', 'namespace:team', 'service:team/work', 'namespace:teams'] as Scope[])
      w.token(scope)
    w.rename('team', 'crew')
    expect(w.scopes()).toEqual(['admin', 'read', 'namespace:crew', 'service:crew/work', 'namespace:teams'])
    w.namespace('team')
    expect(w.scopes()).not.toContain('namespace:team')
    expect(w.state.tokenHashes.get('hash of namespace:team')).toBe('namespace:team')
  })

  test.each([
    'namespace:crew',
    'service:crew/work',
  ] as Scope[])('does not get a name that %s was made out for beforehand', (scope) => {
    const w = world()
    w.token(scope)
    expect(w.rename('team', 'crew').rejection?.code).toBe('in-use')
    w.run({ kind: 'token-revoke', id: scope })
    expect(w.rename('team', 'crew').rejection).toBeUndefined()
  })

  test('is refused when it is not there, was changed since, or the name is taken', () => {
    const w = world()
    expect(w.rename('none', 'crew').rejection?.code).toBe('namespace-not-found')
    expect(w.rename('team', 'default').rejection?.code).toBe('already-exists')
    expect(w.rename('team', 'crew', { ifVersion: 9 }).rejection?.code).toBe('version-mismatch')
    expect(w.rename('team', 'team').value).toMatchObject({ version: 1 })
  })
})

describe('a namespace that is deleted', () => {
  test('must be empty: the refusal says what is in it', () => {
    const w = world()
    w.service('team', 'work')
    w.service('team', 'more')
    w.run({ kind: 'kv-put', namespace: w.uid('team'), key: 'k', value: new Uint8Array() })
    expect(w.remove('team').rejection?.detail).toBe('namespace team still holds 2 services, 1 key')
  })

  test('takes its tokens along, so that one made again under its name is not theirs', () => {
    const w = world()
    for (const scope of ['admin', 'namespace:team', 'service:team/work', 'service:default/work'] as Scope[])
      w.token(scope)
    expect(w.remove('team').rejection).toBeUndefined()
    expect(w.scopes()).toEqual(['admin', 'service:default/work'])
    expect(w.state.tokenHashes.has('hash of namespace:team')).toBe(false)
  })
})

test('a service that is deleted takes its tokens along, those of its neighbours stay', () => {
  const w = world()
  w.service('team', 'work')
  for (const scope of ['namespace:team', 'service:team/work', 'service:team/more', 'service:default/work'] as Scope[])
    w.token(scope)
  expect(w.removeService('team', 'work').rejection).toBeUndefined()
  expect(w.scopes()).toEqual(['namespace:team', 'service:team/more', 'service:default/work'])
})

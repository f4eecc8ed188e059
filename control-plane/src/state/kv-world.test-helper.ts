import type { Applied } from './applied.ts'
import { apply } from './apply.ts'
import type { Command, KvPut, LockClaim } from './commands.ts'
import { emptyState, type State } from './state.ts'

/** A state with two namespaces, and short verbs for what is kept under keys. `told` hears of every entry. */
export function kvWorld(told: (applied: Applied, state: State) => void = () => undefined) {
  const state = emptyState()
  let now = 1_800_000_000_000
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>): Applied & { index: number } => {
    const index = state.index + 1
    now += 10
    const applied = apply(state, { index, term: 1, command: { at: now, ...command } as Command })
    told(applied, state)
    return { index, ...applied }
  }
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 10 })
  run({ kind: 'namespace-put', name: 'other', change: { description: '', slots: 5, queuedRunsMax: 9 } })
  const namespace = state.namespaceNames.get('default') ?? 0
  const other = state.namespaceNames.get('other') ?? 0
  const space = () => state.kv.get(namespace)
  const entry = (key: string) => space()?.entries.get(key)
  return {
    state,
    run,
    namespace,
    other,
    space,
    entry,
    text: (key: string) => new TextDecoder().decode(entry(key)?.value),
    keys: () => [...(space()?.entries.keys() ?? [])].sort(),
    shown: () => structuredClone([space(), [...state.leases.values()], [...state.locks.values()]]),
    put: (key: string, text: string, more: Partial<KvPut> = {}) =>
      run({ kind: 'kv-put', namespace, key, value: new TextEncoder().encode(text), ...more }),
    remove: (key: string, condition?: KvPut['condition']) =>
      run({ kind: 'kv-delete', namespace, key, ...(condition === undefined ? {} : { condition }) }),
    grant: (lease: string, more: object = {}) =>
      run({ kind: 'lease-grant', namespace, lease, ttlMs: 10_000, by: 't', ...more }),
    revoke: (lease: string) => run({ kind: 'lease-revoke', namespace, lease }),
    claim: (name: string, lease: string, more: Partial<LockClaim> = {}) =>
      run({ kind: 'lock-claim', namespace, lock: 'lock', name, lease, wait: true, by: lease, ...more }),
    release: (name: string, lease: string, more: object = {}) =>
      run({ kind: 'lock-release', namespace, lock: 'lock', name, lease, ...more }),
    lock: (name: string, kind = 'lock') => state.locks.get(`${namespace}/${kind}/${name}`),
  }
}

export type KvWorld = ReturnType<typeof kvWorld>

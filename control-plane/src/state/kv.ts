import type { CommandOf, KvCondition } from './commands.ts'
import { KV_BYTES_MAX, KV_KEYS_MAX, type KvEntry, type KvSpace, OCTETS } from './kv-types.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** Stores a value under a key; a lease that the key had before lets go of it. */
export function putKey(turn: Turn, command: CommandOf<'kv-put'>): Answer {
  const { state, index } = turn
  const { namespace, key, value, lease: leaseId = '' } = command
  if (!state.namespaces.has(namespace)) return refuse('namespace-not-found', 'the namespace has gone')
  const space = spaceOf(state, namespace)
  const old = space.entries.get(key)
  const fault = command.condition === undefined ? undefined : conditionFault(old, command.condition, key)
  if (fault) return fault
  const lease = leaseId === '' ? undefined : state.leases.get(leaseId)
  if (leaseId !== '' && lease?.namespace !== namespace) return refuse('lease-not-found', `there is no lease ${leaseId}`)
  const bytes = space.bytes + value.length - (old === undefined ? -keyBytes(key) : old.value.length)
  if (bytes > KV_BYTES_MAX && bytes > space.bytes) {
    return refuse('kv-full', `the keys and values of a namespace have at most ${KV_BYTES_MAX} bytes`)
  }
  if (old === undefined && space.entries.size >= KV_KEYS_MAX) {
    return refuse('kv-full', `a namespace has at most ${KV_KEYS_MAX} keys`)
  }
  if (old !== undefined && old.lease !== leaseId) letGo(state, old, key)
  const entry: KvEntry = {
    // A copy of its own: what arrived may be part of something much larger.
    value: new Uint8Array(value),
    contentType: command.contentType ?? OCTETS,
    createIndex: old === undefined ? index : old.createIndex,
    modIndex: index,
    version: old === undefined ? 1 : old.version + 1,
    lease: leaseId,
  }
  lease?.keys.add(key)
  space.entries.set(key, entry)
  space.bytes = bytes
  state.kv.set(namespace, space)
  turn.changes.push({ kind: 'kv', namespace, key })
  turn.events.push({ type: 'kv-changed', namespace, key, index, entry })
  return { version: entry.version, createIndex: entry.createIndex }
}

export function deleteKey(turn: Turn, command: CommandOf<'kv-delete'>): Answer {
  const { namespace, key, condition } = command
  const old = turn.state.kv.get(namespace)?.entries.get(key)
  const fault = condition === undefined ? undefined : conditionFault(old, condition, key)
  if (fault) return fault
  if (old === undefined) return refuse('key-not-found', `there is no key ${key}`)
  letGo(turn.state, old, key)
  removeKey(turn, namespace, key)
  return {}
}

/** Takes a key away that no lease has hold of any more. */
export function removeKey(turn: Turn, namespace: number, key: string): void {
  const { state, index } = turn
  const space = state.kv.get(namespace)
  const old = space?.entries.get(key)
  if (!space || !old) return
  space.entries.delete(key)
  space.bytes -= keyBytes(key) + old.value.length
  tidySpace(state, namespace)
  turn.changes.push({ kind: 'kv', namespace, key })
  turn.events.push({ type: 'kv-changed', namespace, key, index })
}

/** The space of a namespace; a new one is in the state only once something is in it. */
export function spaceOf(state: State, namespace: number): KvSpace {
  return state.kv.get(namespace) ?? { entries: new Map(), bytes: 0, leases: 0 }
}

/** An empty space goes, so that a state that was loaded is the one that was stored. */
export function tidySpace(state: State, namespace: number): void {
  const space = state.kv.get(namespace)
  if (space && space.entries.size === 0 && space.leases === 0) state.kv.delete(namespace)
}

/** Bytes that a key has in UTF-8, counted without encoding it. */
export function keyBytes(key: string): number {
  let bytes = key.length
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at)
    // Two for halves of a pair: together they are four bytes.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return bytes
}

function letGo(state: State, { lease }: KvEntry, key: string): void {
  if (lease !== '') state.leases.get(lease)?.keys.delete(key)
}

function conditionFault(old: KvEntry | undefined, condition: KvCondition, key: string) {
  if (condition === 'absent') {
    return old && refuse('version-mismatch', `the key ${key} exists, at index ${old.modIndex}`)
  }
  if (old === undefined) return refuse('version-mismatch', `there is no key ${key}`)
  if (condition === 'present' || condition === old.modIndex) return undefined
  return refuse('version-mismatch', `the key ${key} is at index ${old.modIndex}, not ${condition}`)
}

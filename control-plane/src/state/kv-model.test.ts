import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Gathered, RangeOptions, Store, Write } from '../store/store.ts'
import { decodeValue, encodeValue } from '../store/codec.ts'
import type { Applied } from './applied.ts'
import { Image, loadState } from './image.ts'
import type { KvCondition } from './commands.ts'
import { type KvWorld, kvWorld } from './kv-world.test-helper.ts'

/** Keys, leases and locks as one would write them down: lists that are searched. */
class Naive {
  keys: { key: string; text: string; created: number; modified: number; lease: string }[] = []
  leases: { id: string; own: boolean }[] = []
  /** Claims in the order in which they came; the first of a name holds it. */
  claims: { name: string; lease: string; token: number }[] = []
  token = 0

  put(index: number, key: string, text: string, lease: string, condition: KvCondition | undefined): boolean {
    const old = this.keys.find((one) => one.key === key)
    if (!fits(old?.modified, condition) || (lease !== '' && !this.#has(lease))) return false
    this.keys = this.keys.filter((one) => one !== old)
    this.keys.push({ key, text, created: old?.created ?? index, modified: index, lease })
    return true
  }

  remove(key: string, condition: KvCondition | undefined): boolean {
    const old = this.keys.find((one) => one.key === key)
    if (!old || !fits(old.modified, condition)) return false
    this.keys = this.keys.filter((one) => one !== old)
    return true
  }

  grant(id: string): boolean {
    if (this.#has(id)) return false
    this.leases.push({ id, own: false })
    return true
  }

  end(id: string): boolean {
    if (!this.#has(id)) return false
    this.leases = this.leases.filter((one) => one.id !== id)
    this.keys = this.keys.filter(({ lease }) => lease !== id)
    this.claims = this.claims.filter(({ lease }) => lease !== id)
    this.#serve()
    return true
  }

  claim(name: string, lease: string, wait: boolean, own: boolean): boolean {
    if (this.claims.some((one) => one.name === name && one.lease === lease)) return true
    if (!wait && this.claims.some((one) => one.name === name)) return false
    if (own === this.#has(lease)) return false
    if (own) this.leases.push({ id: lease, own })
    this.claims.push({ name, lease, token: 0 })
    this.#serve()
    return true
  }

  release(name: string, lease: string): boolean {
    if (!this.claims.some((one) => one.name === name && one.lease === lease)) return false
    this.claims = this.claims.filter((one) => one.name !== name || one.lease !== lease)
    this.#serve()
    if (this.leases.some(({ id, own }) => id === lease && own)) this.end(lease)
    return true
  }

  shown() {
    const sorted = [...this.keys].sort((a, b) => (a.key < b.key ? -1 : 1))
    return { keys: sorted, leases: this.leases.map(({ id }) => id).sort(), claims: this.#byName() }
  }

  #has(id: string): boolean {
    return this.leases.some((one) => one.id === id)
  }

  /** Names are served in the order of the alphabet, as the ids of locks are. */
  #serve(): void {
    for (const name of [...new Set(this.claims.map((one) => one.name))].sort()) {
      const first = this.claims.find((one) => one.name === name)
      if (first?.token === 0) first.token = ++this.token
    }
  }

  #byName(): Record<string, [string, number][]> {
    const names: Record<string, [string, number][]> = {}
    for (const { name, lease, token } of this.claims) (names[name] ??= []).push([lease, token])
    return names
  }
}

function fits(modified: number | undefined, condition: KvCondition | undefined): boolean {
  if (condition === undefined) return true
  if (condition === 'absent') return modified === undefined
  return modified !== undefined && (condition === 'present' || condition === modified)
}

function shown({ state, namespace }: KvWorld) {
  const entries = [...(state.kv.get(namespace)?.entries ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  const claims: Record<string, [string, number][]> = {}
  for (const { name, holder, queue } of state.locks.values()) {
    claims[name] = [[holder.lease, holder.fencingToken], ...queue.map(({ lease }): [string, number] => [lease, 0])]
  }
  return {
    keys: entries.map(([key, { value, createIndex, modIndex, lease }]) => {
      return { key, text: new TextDecoder().decode(value), created: createIndex, modified: modIndex, lease }
    }),
    leases: [...state.leases.keys()].sort(),
    claims,
  }
}

const name = fc.constantFrom('a', 'b', 'ü/%', '🙂')
const lease = fc.constantFrom('l1', 'l2', 'l3')
const own = fc.constantFrom('o1', 'o2')
const condition = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constantFrom('present' as const, 'absent' as const),
  fc.integer({ min: 3, max: 40 }),
)
const step = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    name,
    text: fc.string(),
    lease: fc.oneof(lease, fc.constant('')),
    condition,
  }),
  fc.record({ do: fc.constant('remove' as const), name, condition }),
  fc.record({ do: fc.constantFrom('grant' as const, 'revoke' as const), lease }),
  fc.record({ do: fc.constant('expire' as const), leases: fc.array(lease, { maxLength: 1 }) }),
  fc.record({ do: fc.constant('claim' as const), name, lease, wait: fc.boolean() }),
  fc.record({ do: fc.constant('claim-own' as const), name, lease: own, wait: fc.boolean() }),
  fc.record({ do: fc.constant('release' as const), name, lease: fc.oneof(lease, own) }),
)

function take(world: KvWorld, naive: Naive, one: typeof step extends fc.Arbitrary<infer T> ? T : never): boolean[] {
  const ok = ({ rejection }: { rejection?: unknown }) => rejection === undefined
  switch (one.do) {
    case 'put': {
      const more = {
        ...(one.lease === '' ? {} : { lease: one.lease }),
        ...(one.condition === undefined ? {} : { condition: one.condition }),
      }
      const put = world.put(one.name, one.text, more)
      return [ok(put), naive.put(put.index, one.name, one.text, one.lease, one.condition)]
    }
    case 'remove':
      return [ok(world.remove(one.name, one.condition)), naive.remove(one.name, one.condition)]
    case 'grant':
      return [ok(world.grant(one.lease)), naive.grant(one.lease)]
    case 'revoke':
      return [ok(world.revoke(one.lease)), naive.end(one.lease)]
    case 'expire':
      for (const id of one.leases) naive.end(id)
      return [ok(world.run({ kind: 'leases-expired', leases: one.leases, asOf: world.state.index })), true]
    case 'claim':
      return [
        ok(world.claim(one.name, one.lease, { wait: one.wait })),
        naive.claim(one.name, one.lease, one.wait, false),
      ]
    case 'claim-own': {
      const claim = world.claim(one.name, one.lease, { wait: one.wait, ttlMs: 5000 })
      return [ok(claim), naive.claim(one.name, one.lease, one.wait, true)]
    }
    case 'release':
      return [ok(world.release(one.name, one.lease)), naive.release(one.name, one.lease)]
  }
}

test('keys, leases and locks are what a naive list of them is, and tokens are never given twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = kvWorld()
      const naive = new Naive()
      for (const one of steps) {
        const [given, wanted] = take(world, naive, one)
        expect(given).toBe(wanted)
        expect(shown(world)).toEqual(naive.shown())
        expect(world.state.fencingToken).toBe(naive.token)
      }
    }),
    { numRuns: 300 },
  )
})

test('what is loaded from the store is what was in memory, wherever batches were cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 40 }), async (steps) => {
      const store = new BytesStore()
      const waiting: Applied[] = []
      const world = kvWorld((applied) => waiting.push(applied))
      const image = new Image(world.state, store as unknown as Store)
      const naive = new Naive()
      for (const [one, cut] of steps) {
        take(world, naive, one)
        for (const { changes } of waiting.splice(0)) image.note(changes)
        if (!cut) continue
        store.write()
        const { kv, leases, locks, fencingToken, digest } = await loadState(store as unknown as Store)
        expect({ kv, leases, locks }).toEqual({
          kv: world.state.kv,
          leases: world.state.leases,
          locks: world.state.locks,
        })
        expect([fencingToken, digest]).toEqual([world.state.fencingToken, world.state.digest])
      }
    }),
    { numRuns: 100 },
  )
})

/** A store that keeps bytes as they would lie on the disk. */
class BytesStore {
  readonly #values = new Map<string, Uint8Array>()
  readonly applied = { index: 0, term: 0 }
  #gather: () => Gathered = () => ({ writes: [], applied: this.applied })

  gatherFrom(gather: () => Gathered): void {
    this.#gather = gather
  }

  requestWrite(): void {
    // The test says when.
  }

  stage(write: Write): void {
    if (write.type === 'del') this.#values.delete(write.key)
    else this.#values.set(write.key, Uint8Array.from(encodeValue(write.key, write.value)))
  }

  write(): void {
    for (const write of this.#gather().writes) this.stage(write)
  }

  get(key: string): Promise<unknown> {
    return Promise.resolve(this.#read(key))
  }

  async *range({ gte = '', lt = '' }: RangeOptions): AsyncGenerator<[string, unknown]> {
    for (const key of [...this.#values.keys()].sort()) if (key >= gte && key < lt) yield [key, this.#read(key)]
    await Promise.resolve()
  }

  #read(key: string): unknown {
    const bytes = this.#values.get(key)
    return bytes && decodeValue(key, bytes)?.value
  }
}

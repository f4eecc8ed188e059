import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { Image, loadState } from '../state/image.ts'
import type { State } from '../state/state.ts'
import { openLevelStore } from './level.ts'
import type { LevelStore } from './level-store.ts'
import { canonical, StateHashes } from './state-hash.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hash-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const pause = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const HISTORY: Command[] = [
  { kind: 'cluster-init', at: 1000, cluster: 'c1', namespaceSlots: 10 },
  ...Array.from({ length: 300 }, (_, at): Command => {
    const change = { description: `d${at}`, slots: at + 1, queuedRunsMax: 9 }
    return { kind: 'namespace-put', at: 2000 + at, name: `n${at % 50}`, change }
  }),
]

/** A node that applies what it is given, with batches, restarts and a mark where it is told to. */
class Node {
  readonly #folder = mkdtempSync(join(root, 'node-'))
  #store!: LevelStore
  #state!: State
  #image!: Image
  hashes!: StateHashes

  async start(): Promise<this> {
    this.#store = await openLevelStore({ folder: this.#folder, clock: systemClock(), onFatal: () => undefined })
    this.#state = await loadState(this.#store)
    this.#image = new Image(this.#state, this.#store)
    this.hashes = new StateHashes(this.#store, pause)
    return this
  }

  apply(command: Command): void {
    const index = this.#state.index + 1
    const { changes, events } = apply(this.#state, { index, term: 1, command })
    this.#image.note(changes)
    for (const event of events) if (event.type === 'hash-mark') this.hashes.mark(event.index)
  }

  flush(): Promise<void> {
    return this.#store.flush()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  stop(): Promise<void> {
    return this.#store.close()
  }
}

async function hashAfter(history: readonly Command[], between: (node: Node, at: number) => Promise<void>) {
  const node = await new Node().start()
  for (const [at, command] of history.entries()) {
    node.apply(command)
    await between(node, at)
  }
  node.apply({ kind: 'hash-mark', at: 9000 })
  // What comes after the mark is not in the hash.
  node.apply({
    kind: 'namespace-put',
    at: 9001,
    name: 'after',
    change: { description: '', slots: 1, queuedRunsMax: 1 },
  })
  const hash = await node.hashes.at(history.length + 1)
  await node.stop()
  return hash
}

test('nodes with the same history have the same hash at a mark, however they wrote and restarted', async () => {
  const never = await hashAfter(HISTORY, () => Promise.resolve())
  const often = await hashAfter(HISTORY, (node, at) => (at % 7 === 0 ? node.flush() : Promise.resolve()))
  const restarted = await hashAfter(HISTORY, (node, at) => (at % 100 === 99 ? node.restart() : Promise.resolve()))
  expect(never).toMatchObject({ index: HISTORY.length + 1, term: 1 })
  expect(often).toEqual(never)
  expect(restarted).toEqual(never)
})

test('a difference that is decades old in the log shows', async () => {
  const other = [...HISTORY]
  other[20] = { ...(HISTORY[20] as Command), kind: 'namespace-put', name: 'other', at: 2019 } as Command
  expect((await hashAfter(other, () => Promise.resolve()))?.hash).not.toBe(
    (await hashAfter(HISTORY, () => Promise.resolve()))?.hash,
  )
})

test('the hashes of the newest 16 marks are kept', async () => {
  const node = await new Node().start()
  for (let at = 1; at <= 20; at++) node.apply({ kind: 'hash-mark', at })
  expect(node.hashes.at(4)).toBeUndefined()
  expect((await node.hashes.at(5))?.index).toBe(5)
  expect((await node.hashes.at(20))?.index).toBe(20)
  for (let index = 5; index <= 20; index++) await node.hashes.at(index)
  await node.stop()
})

test('values count by what they mean', () => {
  expect(canonical({ b: [1, { d: 'x', c: null }], a: 1 })).toBe(canonical({ a: 1, b: [1, { c: null, d: 'x' }] }))
  expect(canonical({ a: 1, b: undefined })).toBe(canonical({ a: 1 }))
  expect(canonical({ a: '1' })).not.toBe(canonical({ a: 1 }))
  expect(canonical([1, 2])).not.toBe(canonical([2, 1]))
  expect(canonical(-0)).toBe(canonical(0))
  expect(canonical({ value: Buffer.from('ab') })).toBe(canonical({ value: new Uint8Array([97, 98]) }))
  expect(canonical({ value: Buffer.from('ab') })).not.toBe(canonical({ value: Buffer.from('ac') }))
})

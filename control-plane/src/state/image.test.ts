import { expect, test } from 'vitest'
import type { Gathered, Store, Write } from '../store/store.ts'
import { Image } from './image.ts'
import { emptyState, type State } from './state.ts'

/** A store that only hands out what is gathered. */
class Gatherer implements Pick<Store, 'gatherFrom' | 'requestWrite' | 'stage'> {
  gather: () => Gathered = () => ({ writes: [], applied: { index: 0, term: 0 } })

  gatherFrom(gather: () => Gathered): void {
    this.gather = gather
  }

  requestWrite(): void {
    // The test says when.
  }

  stage(): void {
    // Rows of the ledger are of no interest here.
  }
}

function remember(state: State, key: string): void {
  state.idempotency.set(key, { key, bodyHash: 'h', run: key, at: 1 })
}

function ordersIn(writes: Iterable<Write>): string[] {
  const records = [...writes].filter(({ type, key }) => type === 'put' && key.startsWith('i/'))
  const order = (write: Write) => (write as { value: { order: number } }).value.order
  return records.sort((a, b) => order(a) - order(b)).map(({ key }) => key.slice(2))
}

test('a key that is forgotten and used again takes its new place among the idempotency records', () => {
  const state = emptyState()
  remember(state, 'old')
  const store = new Gatherer()
  const image = new Image(state, store as unknown as Store)
  state.idempotency.delete('old')
  remember(state, 'between')
  image.note([
    { kind: 'idempotency', id: 'old' },
    { kind: 'idempotency', id: 'between' },
  ])
  remember(state, 'old')
  image.note([{ kind: 'idempotency', id: 'old' }])
  expect(ordersIn(store.gather().writes)).toEqual([...state.idempotency.keys()])
})

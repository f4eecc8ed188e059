import { expect, test } from 'vitest'
import { apply } from '../state/apply.ts'
import { ChanceWorld } from '../state/chance-world.test-helper.ts'
import type { Command } from '../state/commands.ts'
import { Image } from '../state/image.ts'
import { Shelf } from '../state/shelf.test-helper.ts'
import { emptyState } from '../state/state.ts'
import type { Store } from '../store/store.ts'
import { OutboxReader, type Place } from './outbox-reader.ts'
import type { LogRow } from './row.ts'

const BEGINNING: Record<string, unknown>[] = [
  { kind: 'cluster-init', cluster: 'c', namespaceSlots: 6 },
  { kind: 'node-up', node: '00000000000000aa', incarnation: 1 },
  { kind: 'node-up', node: '00000000000000bb', incarnation: 1 },
  { kind: 'service-put', namespace: 1, name: 'work', change: { description: '', allowedHosts: [] } },
]

/** Every row that some life wrote, as the ledger was given it, and the kinds of them. */
function live(seed: number) {
  const chance = new ChanceWorld(seed)
  const state = emptyState()
  const shelf = new Shelf()
  const image = new Image(state, shelf as unknown as Store)
  const written: { kind: LogRow['kind']; row: LogRow['row']; job?: number; namespace?: number }[] = []
  let now = 1_800_000_000_000
  for (let index = 1; index <= 300; index++) {
    now += chance.pause()
    const drawn = BEGINNING[index - 1] ?? chance.draw(state)
    // What leaves the ledger is another matter.
    const command = { at: now, ...(drawn['kind'] === 'ledger-trim' ? { kind: 'hash-mark' } : drawn) } as Command
    const { changes } = apply(state, { index, term: 1, command: structuredClone(command) })
    image.note(changes)
    for (const change of changes) {
      if (change.kind === 'ended-run') {
        written.push({ kind: 'run', row: change.row })
        chance.rows.push(change.row)
      } else if (change.kind === 'ended-attempt') {
        const { row, job, namespace } = change
        written.push({ kind: 'attempt', row, job, namespace })
      } else if (change.kind === 'stretch' || change.kind === 'late-result') {
        written.push({ kind: change.kind, row: change.row })
      }
    }
  }
  return { state, shelf, written }
}

test('whatever happens, the outbox gives every row in the order in which it was written, at any pace', async () => {
  const kinds = new Set<string>()
  for (let seed = 1; seed <= 20; seed++) {
    const { state, shelf, written } = live(seed)
    expect(state.ledgerRows).toBe(written.length)
    const reader = new OutboxReader({ state: () => state, store: shelf })
    const rows: LogRow[] = []
    let place: Place = { cursor: [0, 0], position: 0 }
    for (let turn = 1; ; turn++) {
      const batch = await reader.read(place, { rows: 1 + (turn % 7), bytes: turn % 3 === 0 ? 1 : 1_000_000 })
      if (batch.rows.length === 0) break
      rows.push(...batch.rows)
      expect(batch.position).toBe(rows.length)
      place = { cursor: batch.cursor, position: batch.position }
    }
    expect(rows.map(({ row }) => row)).toEqual(written.map(({ row }) => row))
    for (const [at, row] of rows.entries()) {
      kinds.add(row.kind)
      expect(row.kind).toBe(written[at]?.kind)
      if (row.kind === 'attempt') expect([row.job, row.namespace]).toEqual([written[at]?.job, written[at]?.namespace])
    }
  }
  expect([...kinds].sort()).toEqual(['attempt', 'run', 'stretch'])
}, 30_000)

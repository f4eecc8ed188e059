import { expect, test } from 'vitest'
import type { Place, RowBatch } from './outbox-reader.ts'
import type { LogRow } from './row.ts'
import { SharedReader } from './shared-reader.ts'

const START: Place = { cursor: [0, 0], position: 0 }

/** An outbox of equal batches of two rows, and how often it was read. */
function outbox(bytes: number) {
  const reads: number[] = []
  const reader = new SharedReader(
    {
      async read({ position }: Place): Promise<RowBatch> {
        reads.push(position)
        const rows = [{}, {}] as LogRow[]
        return { rows, bytes, cursor: [position + 2, 0], position: position + 2 }
      },
    },
    { rows: 2, bytes: 1e9 },
    () => 1e6,
  )
  const walk = async (from: Place, batches: number): Promise<Place> => {
    let at = from
    for (let i = 0; i < batches; i++) at = await reader.read(at)
    return at
  }
  return { reads, reader, walk }
}

test('sinks that are a few batches apart read nothing twice', async () => {
  const { reads, walk } = outbox(1000)
  await walk(START, 12)
  const behind = await walk(START, 3)
  await walk(behind, 9)
  expect(reads).toEqual([...new Set(reads)])
})

test('one that is far behind reads for itself, and what is remembered is bounded by number and by bytes', async () => {
  const many = outbox(1000)
  await many.walk(START, 40)
  await many.walk(START, 1)
  expect(many.reads.filter((position) => position === 0).length).toBe(2)

  const large = outbox(5 * 1024 * 1024)
  await large.walk(START, 3)
  await large.walk(START, 1)
  expect(large.reads.filter((position) => position === 0).length).toBe(2)
})

test('what was read is forgotten when rows have left the ledger', async () => {
  const { reads, reader, walk } = outbox(1000)
  await walk(START, 1)
  reader.forget()
  await walk(START, 1)
  expect(reads.filter((position) => position === 0).length).toBe(2)
})

import type { EndedRunState } from '../runs/run.ts'
import type { Store } from './store.ts'

/** A range of runs in one state, all of whose keys are `prefix` and a place. */
export interface PlacedRange {
  state: EndedRunState
  prefix: string
  gte: string
  lt: string
}

export interface Placed<T> {
  place: string
  state: EndedRunState
  value: T
}

interface Head<T> {
  current: Placed<T>
  rest: AsyncIterator<[key: string, value: T]>
  range: PlacedRange
}

/** The rows of a few ranges in the order of their places, beginning after `after`. Reads ahead a chunk per range. */
export async function* merged<T>(
  store: Pick<Store, 'range'>,
  ranges: readonly PlacedRange[],
  newestFirst: boolean,
  after: string | undefined,
): AsyncGenerator<Placed<T>> {
  const iterators = ranges.map((range) => {
    const bounds = { ...range, reverse: newestFirst }
    return { range, rest: store.range<T>(startAfter(bounds, after, newestFirst))[Symbol.asyncIterator]() }
  })
  try {
    const heads: Head<T>[] = []
    const first = await Promise.all(iterators.map(({ range, rest }) => advance(range, rest)))
    for (const head of first) if (head) heads.push(head)
    for (;;) {
      const head = leading(heads, newestFirst)
      if (!head) return
      yield head.current
      const next = await advance(head.range, head.rest)
      if (next) head.current = next.current
      else heads.splice(heads.indexOf(head), 1)
    }
  } finally {
    for (const { rest } of iterators) await rest.return?.()
  }
}

function startAfter(
  { prefix, gte, lt, reverse }: PlacedRange & { reverse: boolean },
  after: string | undefined,
  newestFirst: boolean,
): { gte?: string; gt?: string; lt: string; reverse: boolean } {
  if (after === undefined) return { gte, lt, reverse }
  const key = prefix + after
  if (newestFirst) return { gte, lt: key < lt ? key : lt, reverse }
  return key >= gte ? { gt: key, lt, reverse } : { gte, lt, reverse }
}

async function advance<T>(
  range: PlacedRange,
  rest: AsyncIterator<[key: string, value: T]>,
): Promise<Head<T> | undefined> {
  const { done, value } = await rest.next()
  if (done) return undefined
  const [key, row] = value
  return { range, rest, current: { place: key.slice(range.prefix.length), state: range.state, value: row } }
}

function leading<T>(heads: readonly Head<T>[], newestFirst: boolean): Head<T> | undefined {
  let best: Head<T> | undefined
  for (const head of heads) {
    if (!best || head.current.place < best.current.place !== newestFirst) best = head
  }
  return best
}

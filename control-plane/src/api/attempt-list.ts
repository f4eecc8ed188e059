import { present } from '../runtime/present.ts'
import type { EndedAttempt, EndedRun, LateResult, OpenAttempt, OpenRun } from '../runs/run.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Call, Reply } from './handlers.ts'
import { PAGE } from './pages.ts'
import type { RunRows } from './run-history.ts'
import { endedAttemptView, openAttemptView } from './run-view.ts'

type Query = Call<'listAttempts'>['query']
type AttemptPage = Omit<Extract<Reply<'listAttempts'>, { status: 200 }>['body'], 'source'>

/** Where an attempt stands among those of its run. */
export type AttemptPlace = readonly [shard: number, ordinal: number]

/** An attempt of a run: as it stands, or as it ended. */
export type Listed = { id: string; shard: number; ordinal: number } & ({ open: OpenAttempt } | { ended: EndedAttempt })

/** A page of the attempts of a run. */
export async function attemptPage(
  rows: Pick<RunRows, 'attempts' | 'lateResults'>,
  run: OpenRun | EndedRun,
  query: Query,
): Promise<AttemptPage> {
  const { shard, limit = PAGE, cursor } = query
  const [part = 0, ordinal = 0] =
    cursor === undefined ? [] : (decodeCursor('attempts', cursor, ['number', 'number']) as number[])
  const after = cursor === undefined ? undefined : ([part, ordinal] as const)
  const [found, late] = await Promise.all([
    attemptsAfter(rows, run, { limit: limit + 1, ...present({ shard, after }) }),
    rows.lateResults(run.id),
  ])
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((attempt) => viewOf(attempt, run.id, late, shard !== undefined)),
    ...(found.length > limit && last ? { nextCursor: encodeCursor('attempts', [last.shard, last.ordinal]) } : {}),
  }
}

/** So many attempts of a run, or of one part of it, that come after a place: by part, and in the order of their start. */
export async function attemptsAfter(
  rows: Pick<RunRows, 'attempts'>,
  run: OpenRun | EndedRun,
  { shard, after, limit }: { shard?: number; after?: AttemptPlace; limit: number },
): Promise<Listed[]> {
  const ended = await rows.attempts(run.id, { limit, ...present({ shard, after }) })
  const found = new Map<string, Listed>()
  for (const { index, attempt } of 'shards' in run ? run.shards : []) {
    if (!attempt || (shard !== undefined && index !== shard)) continue
    const { id, ordinal } = attempt
    if (!after || index > after[0] || (index === after[0] && ordinal > after[1])) {
      found.set(id, { id, shard: index, ordinal, open: attempt })
    }
  }
  // One that ended while the ledger was read is told once, as it ended.
  for (const attempt of ended) {
    const { id, shard: index, ordinal } = attempt
    found.set(id, { id, shard: index, ordinal, ended: attempt })
  }
  return [...found.values()].sort((a, b) => a.shard - b.shard || a.ordinal - b.ordinal).slice(0, limit)
}

function viewOf(attempt: Listed, run: string, late: readonly LateResult[], withResult: boolean) {
  if ('open' in attempt) return openAttemptView(attempt.open, run, attempt.shard)
  const { ended } = attempt
  return { ...endedAttemptView(ended, late), ...(withResult ? present({ result: ended.result }) : {}) }
}

import { Problem } from '../problems.ts'
import type { EndedRun, LogLine, OpenRun } from '../runs/run.ts'
import type { ApiContext } from './context.ts'
import type { RunRows } from './run-history.ts'
import { attemptsAfter, type Listed } from './attempt-list.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Call, Reply } from './handlers.ts'
import { PAGE } from './pages.ts'
import { timeText } from './times.ts'

type LogPage = Extract<Reply<'listLogLines'>, { status: 200 }>['body']
type Query = Call<'listLogLines'>['query']

/** Attempts that are read at once: each may hold what its handler logged. */
const ATTEMPTS_STEP = 50

/** Where lines are read. */
interface LineSources {
  ledger: Pick<RunRows, 'attempt' | 'attempts'>
  output: ApiContext['output']
}

/** A page of the lines that the attempts of a run logged, one attempt after the other, wherever they are kept. */
export async function linesPage(context: LineSources, run: OpenRun | EndedRun, query: Query): Promise<LogPage> {
  const { limit = PAGE, cursor } = query
  const [shard = 0, ordinal = 0, line = 0] =
    cursor === undefined ? [] : (decodeCursor('lines', cursor, ['number', 'number', 'number']) as number[])
  const items: LogPage['items'] = []
  let lost = 0
  const page = (next?: string): LogPage => ({
    items,
    ...(next === undefined ? {} : { nextCursor: next }),
    ...(lost === 0 ? {} : { lost }),
  })
  for await (const attempt of attemptsFrom(context, run, [shard, ordinal], query.attempt)) {
    const isGoneOn = attempt.shard === shard && attempt.ordinal === ordinal
    const { lines, missing } = await linesOf(context, attempt)
    for (let at = isGoneOn ? Math.max(0, Math.trunc(line)) : 0; at < lines.length; at++) {
      if (items.length === limit) return page(encodeCursor('lines', [attempt.shard, attempt.ordinal, at]))
      items.push(lineView(attempt, lines[at] as LogLine))
    }
    lost += isGoneOn && line > 0 ? 0 : missing
  }
  return page()
}

/** The attempts of a run from a place on, some at a time; `only`: that one, or a Problem when there is none. */
async function* attemptsFrom(
  context: LineSources,
  run: OpenRun | EndedRun,
  [shard, ordinal]: readonly [number, number],
  only: string | undefined,
): AsyncIterable<Listed> {
  if (only !== undefined) {
    yield await attemptOf(context, run, only)
    return
  }
  for (let after = [shard, ordinal - 1] as const; ; ) {
    const found = await attemptsAfter(context.ledger, run, { after, limit: ATTEMPTS_STEP })
    yield* found
    const last = found.at(-1)
    if (!last || found.length < ATTEMPTS_STEP) return
    after = [last.shard, last.ordinal]
  }
}

async function attemptOf({ ledger }: LineSources, run: OpenRun | EndedRun, id: string): Promise<Listed> {
  const ended = await ledger.attempt(id)
  if (ended?.run === run.id) return { id, shard: ended.shard, ordinal: ended.ordinal, ended }
  const under = 'shards' in run ? run.shards.find(({ attempt }) => attempt?.id === id) : undefined
  if (!under?.attempt) throw new Problem('attempt-not-found', `the run has no attempt ${id}`)
  return { id, shard: under.index, ordinal: under.attempt.ordinal, open: under.attempt }
}

/** Those that stand with the attempt, and those that are kept outside of the log. */
async function linesOf({ output }: LineSources, listed: Listed): Promise<{ lines: LogLine[]; missing: number }> {
  const { logs = [], output: elsewhere } = 'open' in listed ? listed.open : listed.ended
  const kept = elsewhere ? await output.lines(listed.id, elsewhere) : []
  return { lines: [...logs, ...kept], missing: Math.max(0, (elsewhere?.lines ?? 0) - kept.length) }
}

function lineView({ id, shard }: Listed, { at, level, message }: LogLine): LogPage['items'][number] {
  return { attempt: id, shard, at: timeText(at), level, message }
}

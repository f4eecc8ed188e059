import type { EndedAttempt, LogLine, OpenAttempt } from '../runs/run.ts'
import type { ApiContext } from './context.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Call, Reply } from './handlers.ts'
import { PAGE } from './pages.ts'
import { timeText } from './times.ts'

type LogPage = Extract<Reply<'listLogLines'>, { status: 200 }>['body']
type Logged = Pick<EndedAttempt & OpenAttempt, 'id' | 'logs' | 'output'> & { shard: number }

/** A page of the lines that attempts logged, one attempt after the other, wherever they are kept. */
export async function linesPage(
  { output }: Pick<ApiContext, 'output'>,
  attempts: readonly Logged[],
  query: Call<'listLogLines'>['query'],
): Promise<LogPage> {
  const [from = 0] = query.cursor === undefined ? [] : (decodeCursor('lines', query.cursor, ['number']) as number[])
  const end = from + (query.limit ?? PAGE)
  const items: LogPage['items'] = []
  let [at, lost] = [0, 0]
  for (const attempt of attempts) {
    // One line more than the page holds says that there is a next one.
    if (at > end) break
    const kept = attempt.output ? await output.lines(attempt.id, attempt.output) : []
    lost += Math.max(0, (attempt.output?.lines ?? 0) - kept.length)
    for (const line of [...(attempt.logs ?? []), ...kept]) {
      if (at >= from && at < end) items.push(lineView(attempt, line))
      at += 1
    }
  }
  const next = at > end ? { nextCursor: encodeCursor('lines', [end]) } : {}
  return { items, ...next, ...(lost === 0 ? {} : { lost }) }
}

function lineView({ id, shard }: Logged, { at, level, message }: LogLine): LogPage['items'][number] {
  return { attempt: id, shard, at: timeText(at), level, message }
}

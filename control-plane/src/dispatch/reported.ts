import { cutText } from '../runtime/characters.ts'
import type { Json } from '../jobs/job.ts'
import { lineBytes, LOGS_BYTES_MAX } from '../runs/log-lines.ts'
import type { AttemptOutcome, LogLine, Progress } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { codeOf, errorOf, type Finish, isRecord, RESULT_BYTES_MAX, textWithin } from './outcome.ts'

/** The last instant that a `Date` can name. */
const INSTANT_MAX = 8.64e15
const LEVELS = new Set<unknown>(['debug', 'info', 'warn', 'error'])

/** What a handler says of its own end: the data of a `run.result`, or what comes to the callback. */
export function reportedFinish(data: Record<string, unknown>, who: string): Finish {
  const outcome = data['outcome'] as AttemptOutcome
  const error = isRecord(data['error']) ? data['error'] : undefined
  const finish: Finish = { outcome, retryable: error?.['retryable'] !== false }
  if (data['result'] !== undefined) finish.result = resultOf(data['result'] as Json)
  if (outcome === 'failed' || error) {
    const message =
      typeof error?.['message'] === 'string' ? error['message'] : `${who} says that the handler ended ${outcome}`
    finish.error = errorOf(codeOf(error?.['code'], `handler-${outcome}`), message, error?.['name'])
  }
  const wait = error?.['retryAfterMs']
  if (typeof wait === 'number' && wait >= 0 && Number.isFinite(wait)) finish.retryAfterMs = Math.ceil(wait)
  const logs = logsOf(data['logs'])
  if (logs.length > 0) finish.logs = logs
  const progress = progressOf(data['progress'])
  if (progress) finish.progress = progress
  return finish
}

/** The result as it is, or as text when its JSON has more bytes than the log takes. */
function resultOf(result: Json): Json {
  const text = JSON.stringify(result)
  if (text.length * 3 <= RESULT_BYTES_MAX) return result
  const bytes = Buffer.from(text)
  return bytes.length <= RESULT_BYTES_MAX
    ? result
    : { text: textWithin(bytes, RESULT_BYTES_MAX), truncated: true, bytes: bytes.length }
}

/** Lines that are well formed, as many as are kept. */
export function logsOf(given: unknown): LogLine[] {
  if (!Array.isArray(given)) return []
  const lines: LogLine[] = []
  let left = LOGS_BYTES_MAX
  for (const line of given as unknown[]) {
    if (!isRecord(line) || typeof line['message'] !== 'string' || !LEVELS.has(line['level'])) continue
    const at = timeOf(line['at'])
    if (at === undefined) continue
    const kept: LogLine = { at, level: line['level'] as LogLine['level'], message: line['message'] }
    left -= lineBytes(kept)
    if (left < 0) break
    lines.push(kept)
  }
  return lines
}

function timeOf(given: unknown): Millis | undefined {
  const at = typeof given === 'string' ? Date.parse(given) : given
  return typeof at === 'number' && Math.abs(at) <= INSTANT_MAX ? Math.trunc(at) : undefined
}

/** How far it is, if that is well formed. */
export function progressOf(given: unknown): Progress | undefined {
  if (!isRecord(given) || typeof given['done'] !== 'number' || !Number.isFinite(given['done'])) return undefined
  const { total, note } = given
  return {
    done: given['done'],
    ...(typeof total === 'number' && Number.isFinite(total) ? { total } : {}),
    ...(typeof note === 'string' ? { note: cutText(note, 500) } : {}),
  }
}

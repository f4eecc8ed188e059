import type { Json } from './json.ts'
import type { OutcomeError, OutcomeName, Progress } from './outcome.ts'
import type { LogLine } from './run-log.ts'
import type { Report } from './testing-plane.ts'

/** What one attempt came to. */
export interface AttemptResult {
  /** The handler's outcome; `refused` when the executor did not start it, and `error.code` says why. */
  status: OutcomeName | 'refused'
  /** What the handler returned, as JSON. */
  result: Json | undefined
  error: Partial<OutcomeError> | undefined
  logs: LogLine[]
  /** The handler's last word on how far it got. */
  progress: Progress | undefined
  attemptId: string
  /** The status of the reply: 202 when the outcome was reported later. */
  httpStatus: number
  /** What was reported beside the reply, in order. */
  reports: readonly Report[]
}

/** What an outcome, of a reply or of a report, says. */
export function resultOf(
  outcome: Record<string, unknown>,
  known: Pick<AttemptResult, 'attemptId' | 'httpStatus' | 'reports'>,
): AttemptResult {
  const { error, result, progress } = outcome as Partial<AttemptResult>
  let logs: LogLine[] = []
  for (const { verb, body } of known.reports) if (verb === 'logs') logs = placed(logs, body['lines'], body['from'])
  const beat = known.reports.findLast(({ body }) => body['progress'])?.body['progress'] as Progress | undefined
  return {
    ...known,
    status: outcome['outcome'] as OutcomeName,
    result,
    error,
    logs: placed(logs, outcome['logs'], outcome['logsFrom']),
    progress: progress ?? beat,
  }
}

/** What a refusal says: the problem document of the executor, or that there was none. */
export function refusalOf(body: string, known: Pick<AttemptResult, 'attemptId' | 'httpStatus'>): AttemptResult {
  const { code = 'no-problem', title, detail } = problemOf(body)
  const error = { name: 'Refused', code, message: detail ?? title ?? `the reply was ${known.httpStatus}` }
  return { ...known, status: 'refused', error, result: undefined, logs: [], progress: undefined, reports: [] }
}

function problemOf(body: string): { code?: string; title?: string; detail?: string } {
  try {
    return Object(JSON.parse(body)) as { code?: string }
  } catch {
    return {}
  }
}

/** Lines with further ones behind the first `from` of them, or behind all. */
function placed(lines: LogLine[], more: unknown, from: unknown): LogLine[] {
  return [...lines.slice(0, from as number | undefined), ...((more ?? []) as LogLine[])]
}

import { NotCommitted } from '../cluster/consensus.ts'
import { Problem, PROBLEMS } from '../problems.ts'
import type { ApiLogger } from './context.ts'
import { jsonHeaders, type PlainReply } from './reply.ts'

/** Where a code is explained. */
const TYPE_BASE = 'https://cronclave.dev/problems/'

/** The reply to something thrown: a problem document. What is not a Problem is logged, and told to nobody. */
export function failureReply(
  error: unknown,
  index: number,
  logger: ApiLogger,
  operation: string | undefined,
): PlainReply {
  const problem = asProblem(error)
  if (problem.code === 'internal') logger.error({ err: error, operation }, 'a request failed')
  const { status, headers, body } = problemReply(problem, index)
  return { status, headers, body: JSON.stringify(body) }
}

/** A problem as it is answered. */
export function problemReply(problem: Problem, index: number) {
  const { code, status, message, errors } = problem
  const title = PROBLEMS[code][1]
  return {
    status,
    headers: { ...jsonHeaders(index), 'content-type': 'application/problem+json', ...extraHeaders(problem) },
    body: {
      type: TYPE_BASE + code,
      title,
      status,
      ...(message === title ? {} : { detail: message }),
      code,
      ...(errors.length > 0 ? { errors } : {}),
    },
  }
}

function extraHeaders({ code, status }: Problem): Record<string, string> {
  if (status === 401) return { 'www-authenticate': 'Bearer' }
  // What was not read of a body that is too large is not waited for.
  if (code === 'body-too-large') return { connection: 'close' }
  if (status === 503) return { 'retry-after': '1' }
  if (status === 507) return { 'retry-after': '10' }
  return {}
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof NotCommitted) return new Problem('not-committed')
  if (error instanceof Error && error.name === 'StorageError') return new Problem('storage-failed')
  return new Problem('internal')
}

/** Every refusal of the SDK: its status and title. `code` is stable. */
export const PROBLEMS = {
  unauthorized: [401, 'The call is not signed for this executor'],
  'handler-not-found': [404, 'There is no such handler here'],
  'method-not-allowed': [405, 'An executor is called with POST only'],
  'duplicate-attempt': [409, 'The attempt was taken before and its outcome is no longer kept'],
  'body-too-large': [413, 'The body is larger than 1 MiB'],
  'wrong-executor': [421, 'The call is meant for another executor'],
  'invalid-call': [422, 'The body is not a call of the control plane'],
  'invalid-params': [422, 'The parameters do not fit the handler'],
  'no-slot': [429, 'Every slot of the executor is taken'],
  internal: [500, 'Something went wrong in the SDK'],
  misconfigured: [500, 'The executor is not set up'],
  'raw-body-unavailable': [500, 'The body was parsed before the executor could see its bytes'],
  draining: [503, 'The executor is shutting down'],
  'keys-unavailable': [503, 'The keys that calls are signed with cannot be had'],
  abandoned: [503, 'The handler was stopped because its caller had gone'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof PROBLEMS

/** What is wrong with a run's parameters, and where. */
export interface ParamsFault {
  /** JSON pointer into the call's body. */
  pointer: string
  detail: string
}

/** Why a call was refused. */
export interface Problem {
  code: ProblemCode
  detail?: string
  errors?: readonly ParamsFault[]
}

/** A reply before it becomes a `Response` or goes out through a framework. */
export interface RawReply {
  status: number
  headers: Record<string, string>
  body: string
}

/** A problem document (RFC 9457). */
export function problemReply(problem: Problem): RawReply {
  const [status, title] = PROBLEMS[problem.code]
  const type = `https://cronclave.dev/problems/${problem.code}`
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  if (status === 405) headers['allow'] = 'POST'
  if (status === 429 || status === 503) headers['retry-after'] = '1'
  return { status, headers, body: JSON.stringify({ type, title, status, ...problem }) }
}

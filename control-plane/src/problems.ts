/** Every error code the product answers with, its HTTP status and its title. */
export const PROBLEMS = {
  'invalid-request': [400, 'The request is not valid'],
  'invalid-json': [400, 'The body is not JSON'],
  'invalid-cursor': [400, 'The cursor is not one that a list returned'],
  unauthenticated: [401, 'A credential is needed'],
  forbidden: [403, 'The credential does not allow this'],
  'csrf-refused': [403, 'A change by cookie needs a same-origin Origin and x-cronclave-csrf'],
  'host-refused': [421, 'The Host header names none of the configured hosts'],
  'not-found': [404, 'There is nothing at this address'],
  'namespace-not-found': [404, 'There is no such namespace'],
  'service-not-found': [404, 'There is no such service'],
  'executor-not-found': [404, 'There is no such executor'],
  'job-not-found': [404, 'There is no such job'],
  'run-not-found': [404, 'There is no such run'],
  'attempt-not-found': [404, 'There is no such attempt'],
  'definition-not-found': [404, 'There is no such definition'],
  'member-not-found': [404, 'There is no such member'],
  'backfill-not-found': [404, 'There is no such backfill'],
  'signing-key-not-found': [404, 'There is no such signing key'],
  'token-not-found': [404, 'There is no such token'],
  'key-not-found': [404, 'There is no such key'],
  'lease-not-found': [404, 'There is no such lease'],
  'channel-not-found': [404, 'There is no such channel'],
  'alert-rule-not-found': [404, 'There is no such alert rule'],
  'silence-not-found': [404, 'There is no such silence'],
  'alert-not-found': [404, 'There is no such alert'],
  'sink-not-found': [404, 'There is no such sink'],
  'method-not-allowed': [405, 'The address does not know this method'],
  'already-exists': [409, 'The name is taken'],
  'in-use': [409, 'Something still depends on it'],
  'job-not-paused': [409, 'The job is active or has open runs'],
  'member-change-refused': [409, 'The membership cannot be changed like that now'],
  'join-refused': [409, 'The join token is not good'],
  'cluster-version-too-low': [409, 'Not every member knows this yet'],
  'run-ended': [409, 'The run has ended already'],
  'run-open': [409, 'The run has not ended'],
  'nothing-failed': [409, 'Nothing of the run failed'],
  'attempt-ended': [409, 'The attempt has ended already'],
  'executor-live': [409, 'Another process has the id of the executor'],
  'managed-by-code': [409, 'The code of a service decides this'],
  'manifest-older': [409, 'A newer revision is known'],
  'manifest-unavailable': [409, 'No executor says what it has'],
  'lock-held': [409, 'Somebody else holds it'],
  'lock-not-held': [409, 'The lease has no claim to it'],
  compacted: [410, 'What happened since then is no longer held'],
  'version-mismatch': [412, 'It was changed since it was read'],
  'body-too-large': [413, 'The body is larger than the limit'],
  'unsupported-media-type': [415, 'The body must be application/json'],
  'invalid-job': [422, 'The job is not valid'],
  'invalid-schedule': [422, 'The schedule is not valid'],
  'invalid-service': [422, 'The service is not valid'],
  'invalid-executor': [422, 'The executor is not valid'],
  'invalid-namespace': [422, 'The namespace is not valid'],
  'invalid-token': [422, 'The token is not valid'],
  'invalid-channel': [422, 'The channel is not valid'],
  'invalid-alert-rule': [422, 'The alert rule is not valid'],
  'invalid-silence': [422, 'The silence is not valid'],
  'invalid-sink': [422, 'The sink is not valid'],
  'invalid-manifest': [422, 'The manifest is not valid'],
  'invalid-params': [422, 'The parameters do not fit the handler'],
  'unknown-service': [422, 'The job names a service that does not exist'],
  'egress-refused': [422, 'The egress policy refuses the address'],
  'idempotency-mismatch': [422, 'The idempotency key was used with another body'],
  'idempotency-full': [429, 'Too many idempotency keys are remembered'],
  'kv-full': [429, 'The namespace has no room for more of it'],
  'backfills-full': [429, 'Too many backfills are active'],
  'alerts-full': [429, 'There is no room for more of it'],
  'sinks-full': [429, 'There are as many sinks as there may be'],
  'lock-queue-full': [429, 'Too many wait for it already'],
  'too-many-streams': [429, 'Too many event streams are open'],
  'too-many-polls': [429, 'Too many executors poll by way of this node'],
  internal: [500, 'Something went wrong in the server'],
  'not-leader': [503, 'No leader takes writes at the moment'],
  'not-committed': [503, 'The change may or may not have been made'],
  'not-caught-up': [503, 'The node is not as far as the read asks'],
  'storage-failed': [503, 'The node cannot write to its disk'],
  'disk-full': [507, 'The disk is nearly full'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof PROBLEMS

/** Where in the request something is wrong: a JSON pointer, `?name` for a query parameter, `#name` for a header. */
export interface Fault {
  pointer: string
  detail: string
}

/** What a caller got wrong, as RFC 9457 has it. Thrown at the edges, answered as application/problem+json. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: ProblemCode
  readonly errors: readonly Fault[]

  constructor(code: ProblemCode, detail?: string, errors: readonly Fault[] = []) {
    super(detail ?? PROBLEMS[code][1])
    this.code = code
    this.errors = errors
  }

  get status(): number {
    return PROBLEMS[this.code][0]
  }
}

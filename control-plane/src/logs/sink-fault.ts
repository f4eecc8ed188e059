/** What was wrong with a sink, in a word that stays. */
export type SinkFaultCode =
  /** Nobody listens there, the name is unknown, or the policy allows no connection. */
  | 'unreachable'
  /** It did not answer in time. What was asked of it may have been done. */
  | 'timeout'
  /** The connection broke. What was asked of it may have been done. */
  | 'lost'
  | 'access-denied'
  | 'no-database'
  /** The user may not do what has to be done. */
  | 'not-allowed'
  | 'read-only'
  /** No room on its disk, or a quota is used up. */
  | 'full'
  /** TLS is not offered, or its certificate is not to be trusted. */
  | 'tls'
  /** Too many connections, a deadlock, a lock that others hold. */
  | 'busy'
  /** `max_allowed_packet` is too small for a row. */
  | 'packet-too-small'
  /** A newer version made tables that this one does not know. */
  | 'schema-too-new'
  /** The tables hold the rows of another cluster. */
  | 'other-cluster'
  /** There is something else under the name of a table. */
  | 'schema'
  | 'closed'
  | 'server-error'

/** What a sink could not do, as a sentence for people; it holds no password. */
export class SinkFault extends Error {
  override name = 'SinkFault'
  readonly code: SinkFaultCode
  /** Whether waiting may help. If not, somebody has to change something there; trying again is harmless. */
  readonly retry: boolean

  constructor(code: SinkFaultCode, message: string, { retry = false }: { retry?: boolean } = {}) {
    super(message)
    this.code = code
    this.retry = retry
  }
}

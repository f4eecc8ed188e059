import { cutText } from '../runtime/characters.ts'
import { ended, type Verdict } from './outcome.ts'

/** How a call failed without a reply. */
export interface CallFailure {
  error: Error
  /** Whether the first byte of the request was handed to the network. */
  sent: boolean
}

const REFUSALS: Record<string, readonly [code: string, what: string]> = {
  ECONNREFUSED: ['connection-refused', 'refuses the connection'],
  ENOTFOUND: ['dns-failed', 'has a name that does not resolve'],
  EAI_AGAIN: ['dns-failed', 'has a name that cannot be resolved at the moment'],
  UND_ERR_CONNECT_TIMEOUT: ['connection-timeout', 'does not take the connection in time'],
  ETIMEDOUT: ['connection-timeout', 'does not take the connection in time'],
  ECONNRESET: ['connection-failed', 'closed the connection while it was made'],
  EHOSTUNREACH: ['connection-failed', 'cannot be reached'],
  ENETUNREACH: ['connection-failed', 'cannot be reached'],
}
const LOSSES: Record<string, readonly [code: string, what: string]> = {
  ECONNRESET: ['connection-lost', 'reset the connection after the request was sent'],
  UND_ERR_SOCKET: ['connection-lost', 'closed the connection before it had answered'],
  UND_ERR_HEADERS_TIMEOUT: ['reply-timeout', 'sent no answer in time'],
  UND_ERR_BODY_TIMEOUT: ['reply-timeout', 'stopped in the middle of its answer'],
  UND_ERR_HEADERS_OVERFLOW: ['reply-headers-too-large', 'answered with headers that are too large'],
  HPE_HEADER_OVERFLOW: ['reply-headers-too-large', 'answered with headers that are too large'],
}

/** Of undici's parser: it asserts what it relies on, of statuses below 100 for one. */
const GARBLED = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_ASSERTION'])

/** What a call without a reply means: certain while nothing was sent, uncertain from the first byte on. */
export function failureVerdict({ error, sent }: CallFailure, who: string, ownUrl: boolean): Verdict {
  const code = causeCode(error)
  if (code === 'EGRESS_REFUSED') {
    const message = `the egress policy refuses ${who}: ${error.message}`
    return ended('refused', 'egress-refused', message, { retryable: !ownUrl })
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return ended('failed', 'request-invalid', `the request to ${who} cannot be sent: ${error.message}`, {
      retryable: false,
    })
  }
  if (sent) return lost(error, code, who)
  const [name, what] =
    REFUSALS[code] ?? (isTls(code) ? tlsFailure(error) : ['connection-failed', `cannot be reached (${code})`])
  return ended('refused', name, `${who} ${what}`, { connectionFailed: true })
}

function lost(error: Error, code: string, who: string): Verdict {
  const known = LOSSES[code]
  if (known) return ended('uncertain', known[0], `${who} ${known[1]}`)
  if (code.startsWith('HPE_') || GARBLED.has(code)) {
    return ended('uncertain', 'reply-garbled', `${who} answered with something that is not HTTP (${code})`)
  }
  return ended(
    'uncertain',
    'connection-lost',
    `${who} was lost after the request was sent (${code}: ${cutText(error.message, 200)})`,
  )
}

function tlsFailure(error: Error): readonly [code: string, what: string] {
  return ['tls-failed', `has no TLS certificate that we trust (${cutText(error.message, 200)})`]
}

/** Codes of OpenSSL and of node:tls; the rest comes from the system or from the client. */
function isTls(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/.test(
    code,
  )
}

/** The code of an error, or that of the first of several attempts at connecting. */
function causeCode(error: unknown): string {
  let present = error
  for (let depth = 0; depth < 4 && present instanceof Error; depth++) {
    const code: unknown = 'code' in present ? present.code : undefined
    const [first] = present instanceof AggregateError ? (present.errors as unknown[]) : []
    if (typeof code === 'string' && code !== '') return code
    if (present.name === 'HTTPParserError') return 'HPE_INVALID'
    present = first ?? present.cause
  }
  return 'unknown'
}

import { domainToUnicode } from 'node:url'
import type { Sent } from '../channel.ts'
import { oneLine } from '../plain.ts'

const ERROR_CHARS_MAX = 300
/** A refused login is not tried in quick succession: servers lock accounts for that. */
const LOGIN_AGAIN_MS = 60_000

/** What is read of nodemailer's errors. */
interface MailError {
  code?: string | undefined
  responseCode?: number | undefined
  message?: string
  rejectedErrors?: readonly MailError[] | undefined
}

interface Taken {
  rejected?: readonly unknown[] | undefined
  rejectedErrors?: readonly MailError[] | undefined
}

/** What came of a mail to some recipients that the server took for one of them at least. */
export function judgeTaken(info: Taken, to: readonly string[]): Sent {
  const rejected = (info.rejected ?? []).map((address, place) => ({
    address: typeof address === 'string' ? asGiven(address, to) : JSON.stringify(address),
    why: info.rejectedErrors?.[place],
  }))
  if (rejected.length === 0) return { kind: 'delivered' }
  const gone = rejected.filter(({ why }) => isFinalCode(why?.responseCode))
  const later = rejected.filter(({ why }) => !isFinalCode(why?.responseCode))
  const refused = gone.length === 0 ? undefined : refusal('refused', gone)
  if (later.length === 0) return { kind: 'partly', error: refused ?? '' }
  const forNow = refusal('refused for now', later)
  return {
    kind: 'partly',
    error: refused === undefined ? forNow : `${refused}; ${forNow}`,
    left: { to: later.map(({ address }) => address), ...(refused === undefined ? {} : { refused }) },
  }
}

/** A recipient as the channel names it: on the way to the server domains are written otherwise, in small letters as a rule. */
function asGiven(address: string, to: readonly string[]): string {
  const same = sameFor(address)
  return to.find((one) => sameFor(one) === same) ?? address
}

function sameFor(address: string): string {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at).toLowerCase()
  return address.slice(0, at) + (domainToUnicode(domain) || domain)
}

function refusal(how: string, those: readonly { address: string; why: MailError | undefined }[]): string {
  return said(`the server ${how} ${those.map(({ address }) => address).join(', ')}`, those[0]?.why)
}

/** Whether a mail that was not taken is worth another try. */
export function judgeRefused(thrown: unknown): Sent {
  const error = (thrown instanceof Error ? thrown : { message: String(thrown) }) as MailError
  const text = said(error.message ?? 'it could not be sent')
  if (error.code === 'EGRESS_REFUSED') return { kind: 'failed', error: text }
  if (error.code === 'EAUTH') return { kind: 'retry', error: text, afterMs: LOGIN_AGAIN_MS }
  const isOfMessage = error.code === 'EENVELOPE' || error.code === 'EMESSAGE'
  return isOfMessage && isFinal(error) ? { kind: 'failed', error: text } : { kind: 'retry', error: text }
}

/** For good, for all recipients; a failure without an answer is one that was found before asking the server. */
function isFinal({ responseCode, rejectedErrors }: MailError): boolean {
  const codes = rejectedErrors?.map((one) => one.responseCode) ?? [responseCode]
  return codes.every(isFinalCode)
}

function isFinalCode(code: number | undefined): boolean {
  return code === undefined || (code >= 500 && code !== 503)
}

function said(what: string, why?: MailError): string {
  return oneLine(why?.message === undefined ? what : `${what}: ${why.message}`, ERROR_CHARS_MAX)
}

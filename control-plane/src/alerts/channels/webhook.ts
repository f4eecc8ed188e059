import { signedMessage, type WireRequest } from '../../dispatch/request.ts'
import type { Millis } from '../../runtime/clock.ts'
import { signingKey } from '../../signing/secret.ts'
import type { AlertText } from '../channel.ts'

const TYPES = {
  firing: 'alert.fired',
  resolved: 'alert.resolved',
  repeated: 'alert.repeated',
  summary: 'alert.summary',
  test: 'alert.test',
} as const

/** A message as Standard Webhooks has it, signed; the id stays over its tries. */
export function webhookRequest(url: string, secret: string, text: AlertText, now: Millis): WireRequest {
  const { id, cluster, key, kind, title, summary, rule, subject, count, since, until, facts, link } = text
  const data = {
    cluster,
    key,
    title,
    summary,
    ...(rule === undefined ? {} : { rule }),
    ...(subject === undefined ? {} : { subject }),
    ...(count === undefined ? {} : { count }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    facts,
    ...(link === undefined ? {} : { link }),
  }
  const message = { type: TYPES[kind], timestamp: new Date(now).toISOString(), data }
  return signedMessage(url, id, message, [signingKey(secret)], now)
}

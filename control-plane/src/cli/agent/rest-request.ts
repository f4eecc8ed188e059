import type { WireRequest } from '../../dispatch/request.ts'
import type { PluginCall } from './plugin.ts'
import type { RestParameters } from './rest-parameters.ts'

const USER_AGENT = 'cronclave-agent'

/** The request that parameters describe, once they passed their check. Says which run it is for, unless they say otherwise. */
export function restRequest(params: RestParameters, call: PluginCall): WireRequest {
  const url = new URL(params.url)
  for (const [name, value] of Object.entries(params.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one))
  }
  const { body, type } = bodyOf(params)
  const headers = new Map<string, string>(ownHeaders(call))
  if (type !== undefined) headers.set('content-type', type)
  for (const [name, value] of Object.entries(params.headers ?? {})) headers.set(name.toLowerCase(), value)
  return {
    origin: url.origin,
    method: (params.method ?? 'GET').toUpperCase(),
    path: url.pathname + url.search,
    headers: [...headers].flat(),
    body,
  }
}

function bodyOf({ body, json, base64 }: RestParameters): { body: Buffer | undefined; type?: string } {
  if (body !== undefined) return { body: Buffer.from(body), type: 'text/plain; charset=utf-8' }
  if (json !== undefined) return { body: Buffer.from(JSON.stringify(json)), type: 'application/json' }
  if (base64 !== undefined) return { body: Buffer.from(base64, 'base64'), type: 'application/octet-stream' }
  return { body: undefined }
}

/** What `http` targets send as well, so that the other side can tell calls apart. */
function ownHeaders({
  runId,
  attemptId,
  attempt,
  fireTime,
  fencingToken,
  traceparent,
}: PluginCall): [string, string][] {
  return [
    ['user-agent', USER_AGENT],
    ['cronclave-run-id', runId],
    ['cronclave-attempt-id', attemptId],
    ['cronclave-attempt', String(attempt)],
    ['cronclave-fire-time', fireTime.toISOString()],
    ['cronclave-fencing-token', String(fencingToken)],
    ...(traceparent === undefined ? [] : [['traceparent', traceparent] satisfies [string, string]]),
  ]
}

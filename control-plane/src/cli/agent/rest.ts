import type { JsonObject } from '@cronclave/sdk'
import { failureVerdict } from '../../dispatch/failure.ts'
import { retryAfterMs } from '../../dispatch/outcome.ts'
import { isRedirect, redirected } from '../../dispatch/redirect.ts'
import type { WireRequest } from '../../dispatch/request.ts'
import type { Clock } from '../../runtime/clock.ts'
import { parseDuration } from '../../runtime/duration.ts'
import type { AgentPlugin, PluginContext } from './plugin.ts'
import { PluginFault } from './plugin-fault.ts'
import { exchange, ExchangeFailed, type ExchangePort, type RestReply } from './rest-exchange.ts'
import { checkRest, isAllowed, REST_SCHEMA, type RestParameters } from './rest-parameters.ts'
import { restRequest } from './rest-request.ts'
import { restResult } from './rest-result.ts'

/** How an agent makes calls. */
export interface RestOptions extends ExchangePort {
  /** Hosts that may be called; any when there are none. `*.example.com` is every host below. */
  allowedHosts: readonly string[]
  clock: Clock
}

/** Characters of a refusal's body that its log line has. */
const SHOWN_LENGTH_MAX = 500

/** The plugin that makes a call over HTTP. What is logged of a call is its method and origin: the rest may be secret. */
export function restPlugin(options: RestOptions): AgentPlugin {
  const { egress, allowedHosts } = options
  return {
    name: 'rest',
    description: 'Makes a call over HTTP from where the agent is',
    parameters: REST_SCHEMA,
    check: (params) => checkRest(params as unknown as RestParameters, egress, allowedHosts),
    async run(call, context) {
      const params = call.params as unknown as RestParameters
      const reply = await withinTime(params.timeout, options.clock, context.signal, (signal) =>
        follow(restRequest(params, call), params.redirectMax ?? 0, options, context, signal),
      )
      return judged(reply, params, options.clock)
    },
  }
}

/** A reply, and who gave it. */
interface Answered {
  reply: RestReply
  who: string
  log: PluginContext['log']
}

async function follow(
  first: WireRequest,
  redirectMax: number,
  options: RestOptions,
  { log }: PluginContext,
  signal: AbortSignal,
): Promise<Answered> {
  let request = first
  for (let followed = 0; ; followed++) {
    const { method, origin: who } = request
    log.info(`${method} ${who}`)
    const begun = options.clock.monotonic()
    const reply = await exchange(request, options, signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : failureOf(error, who)
    })
    log.info(`${who} answered ${reply.status} after ${Math.round(options.clock.monotonic() - begun)} ms`)
    if (followed >= redirectMax || !isRedirect(reply.status)) return { reply, who, log }
    request = next(request, reply, who, options)
  }
}

function next(
  request: WireRequest,
  { status, headers }: RestReply,
  who: string,
  { egress, allowedHosts }: RestOptions,
): WireRequest {
  const to = redirected(request, status, headers['location'])
  const refuse = (why: string) =>
    new PluginFault(`${who} answered ${status}: ${why}`, { code: `http-${status}`, retryable: false })
  if (typeof to === 'string') throw refuse(to)
  const fault = egress.checkUrl(to.origin)
  if (fault) throw refuse(`the redirect leads to ${to.origin}, and ${fault.detail}`)
  if (!isAllowed(new URL(to.origin).hostname, allowedHosts)) throw refuse(`the redirect leads to ${to.origin}`)
  return to
}

function judged({ reply, who, log }: Answered, params: RestParameters, clock: Clock): JsonObject {
  const { status, headers, body } = reply
  const { successStatuses = [], keepHeaders } = params
  const isSuccess = successStatuses.length === 0 ? status >= 200 && status <= 299 : successStatuses.includes(status)
  if (isSuccess) return restResult(reply, keepHeaders)
  if (body.length > 0) log.warn(body.subarray(0, SHOWN_LENGTH_MAX).toString('utf8'))
  const waitMs = retryAfterMs(headers['retry-after'], clock.now())
  throw new PluginFault(`${who} answered ${status}`, {
    code: `http-${status}`,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  })
}

/** The same words as for targets that the control plane calls itself. */
function failureOf(error: unknown, who: string): unknown {
  if (!(error instanceof ExchangeFailed)) return error
  const verdict = failureVerdict(error, who, true)
  if (verdict.kind !== 'finished' || !verdict.finish.error) return error
  const { error: said, retryable } = verdict.finish
  return new PluginFault(said.message, { code: said.code, retryable })
}

/** Does something until `timeout` has passed or the signal aborts. */
async function withinTime<Result>(
  timeout: string | undefined,
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const over = new AbortController()
  const aborted = () => over.abort(signal.reason)
  signal.addEventListener('abort', aborted, { once: true })
  const ms = timeout === undefined ? undefined : parseDuration(timeout)
  const tooLong = () => over.abort(new PluginFault(`no whole answer within ${timeout}`, { code: 'reply-timeout' }))
  const stopTimer = ms === undefined ? () => {} : clock.after(ms, tooLong)
  try {
    return await work(over.signal)
  } finally {
    stopTimer()
    signal.removeEventListener('abort', aborted)
  }
}

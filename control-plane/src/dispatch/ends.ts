import { pulls } from '../discovery/pull.ts'
import { formatDuration } from '../runtime/duration.ts'
import type { AttemptFinish } from '../state/commands.ts'
import type { Call } from './call.ts'
import { ended, type Verdict } from './outcome.ts'

/** Without a byte sent it is certain that nothing was started, so `onUncertain` has no say. */
export function timeout(call: Call): Verdict {
  const { startedAt, deadline } = call.started.attempt
  const within = formatDuration(deadline - startedAt)
  if (call.sentAt !== undefined) return ended('timed-out', 'timeout', `${call.who} gave no answer within ${within}`)
  if (call.found?.executor && pulls(call.found.executor)) return notPolled(call.who, within)
  const unsent = `${call.who} could not be called within ${within}`
  return call.exchange
    ? ended('refused', 'connection-timeout', unsent, { connectionFailed: true })
    : ended('refused', 'dispatch-timeout', `${unsent}: too many other requests were under way`)
}

/** Codes of calls that a node did not send for reasons of its own. */
const UNSENT: readonly string[] = ['no-leader', 'node-stopping', 'not-polled']

/** Whether a call was not sent, and the executor has no part in that. */
export function isUnsent({ outcome, error }: Pick<AttemptFinish, 'outcome' | 'error'>): boolean {
  return outcome === 'refused' && UNSENT.includes(error?.code ?? '')
}

/** The node may begin nothing new at the moment. */
export function outOfTouch(): Verdict {
  return ended('refused', 'no-leader', 'the node had lost touch with the cluster before it sent the request')
}

/** Nobody came for the call. `within`: how long it was kept, as text; absent: until it was clear that nobody would. */
export function notPolled(who: string, within?: string): Verdict {
  const what =
    within === undefined ? 'has stopped polling for its calls' : `did not poll for its calls within ${within}`
  return ended('refused', 'not-polled', `${who} ${what}`)
}

/** The node goes down. */
export function unsent(): Verdict {
  return ended('refused', 'node-stopping', 'the node was stopped before it sent the request')
}

/** The first hop had answered, so this is no matter of another executor. */
export function afterRedirect(verdict: Verdict): Verdict {
  if (verdict.kind === 'accepted' || verdict.finish.outcome !== 'refused') return verdict
  const { connectionFailed: _, ...finish } = verdict.finish
  const retryable = finish.error?.code !== 'egress-refused'
  return { kind: 'finished', finish: { ...finish, outcome: 'failed', retryable } }
}

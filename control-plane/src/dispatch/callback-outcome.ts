import { cutText } from '../runtime/characters.ts'
import { assert } from '../runtime/assert.ts'
import { refusal } from './handler-outcome.ts'
import type { Finish } from './outcome.ts'
import { reportedFinish } from './reported.ts'

/** The status that a refusal means which names none: there is no room. */
const NO_ROOM = 503

/** What comes to the callback of an attempt: how its handler ended, or that it did not begin. */
export function callbackFinish({ status = NO_ROOM, ...data }: Record<string, unknown>, who: string): Finish {
  const { outcome, retryable, ...rest } = reportedFinish(data, who)
  if (outcome !== 'refused') return { outcome, retryable, ...rest }
  const said = rest.error === undefined ? '' : `: ${cutText(rest.error.message, 500)}`
  const wait = rest.retryAfterMs === undefined ? {} : { retryAfterMs: rest.retryAfterMs }
  const verdict = refusal(Number(status), who, said, { status: Number(status), ...wait })
  assert(verdict?.kind === 'finished', 'the contract names the statuses that refuse')
  return verdict.finish
}

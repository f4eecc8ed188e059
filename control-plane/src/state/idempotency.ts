import type { Millis } from '../runtime/clock.ts'
import type { Idempotency } from './commands.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** How long a key is remembered, in milliseconds of replicated time. */
export const IDEMPOTENCY_MS = 24 * 3_600_000
/** Keys remembered per namespace; then new ones are refused, none is evicted early. */
export const IDEMPOTENCY_KEYS_MAX = 100_000

/** What a request under the same key made before, as far as a state knows, and whether it was the same request. */
export function rememberedRequest(
  state: Pick<State, 'idempotency'>,
  namespace: number,
  request: Idempotency,
  now: Millis,
): { made: string; isSame: boolean } | undefined {
  const known = state.idempotency.get(keyOf(namespace, request))
  if (!known || now - known.at >= IDEMPOTENCY_MS) return undefined
  return { made: known.run, isSame: known.bodyHash === request.bodyHash }
}

/** The answer to a request that was made before under the same key, or undefined when it is new. */
export function repeatedRequest(turn: Turn, namespace: number, request: Idempotency | undefined): Answer {
  if (!request) return undefined
  forgetOld(turn)
  const known = turn.state.idempotency.get(keyOf(namespace, request))
  if (known) {
    if (known.bodyHash === request.bodyHash) return { run: known.run, replayed: true }
    return refuse('idempotency-mismatch', `the key ${request.key} was used with another body`)
  }
  const prefix = `${namespace}/`
  let count = 0
  if (turn.state.idempotency.size >= IDEMPOTENCY_KEYS_MAX) {
    for (const key of turn.state.idempotency.keys()) if (key.startsWith(prefix)) count += 1
  }
  if (count >= IDEMPOTENCY_KEYS_MAX)
    return refuse('idempotency-full', 'too many keys are remembered: repeat without one, or later')
  return undefined
}

/** Remembers what a request under a key has made. */
export function rememberRequest(
  turn: Turn,
  namespace: number,
  command: { run: string; idempotency?: Idempotency },
): void {
  if (!command.idempotency) return
  const key = keyOf(namespace, command.idempotency)
  turn.state.idempotency.set(key, { key, bodyHash: command.idempotency.bodyHash, run: command.run, at: turn.at })
  turn.changes.push({ kind: 'idempotency', id: key })
}

/** Keys are kept oldest first, so forgetting stops at the first young one. */
function forgetOld(turn: Turn): void {
  for (const [key, record] of turn.state.idempotency) {
    if (turn.at - record.at < IDEMPOTENCY_MS) return
    turn.state.idempotency.delete(key)
    turn.changes.push({ kind: 'idempotency', id: key })
  }
}

function keyOf(namespace: number, request: { key: string; principal: string }): string {
  return `${namespace}/${request.principal}/${request.key}`
}

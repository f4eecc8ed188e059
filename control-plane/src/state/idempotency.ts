import type { Millis } from '../runtime/clock.ts'
import type { Idempotency } from './commands.ts'
import type { IdempotencyRecord, State } from './state.ts'
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
  if ((turn.state.idempotencyCounts.get(namespace) ?? 0) >= IDEMPOTENCY_KEYS_MAX)
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
  keepRecord(turn.state, { key, bodyHash: command.idempotency.bodyHash, run: command.run, at: turn.at })
  turn.changes.push({ kind: 'idempotency', id: key })
}

/** Adds a record to the state, counted as its namespace's. */
export function keepRecord(state: Remembered, record: IdempotencyRecord): void {
  if (!state.idempotency.has(record.key)) countKeys(state, record.key, 1)
  state.idempotency.set(record.key, record)
}

type Remembered = Pick<State, 'idempotency' | 'idempotencyCounts'>

function countKeys({ idempotencyCounts }: Remembered, key: string, by: 1 | -1): void {
  const namespace = Number.parseInt(key, 10)
  const count = (idempotencyCounts.get(namespace) ?? 0) + by
  if (count === 0) idempotencyCounts.delete(namespace)
  else idempotencyCounts.set(namespace, count)
}

/** Keys are kept oldest first, so forgetting stops at the first young one. */
function forgetOld(turn: Turn): void {
  for (const [key, record] of turn.state.idempotency) {
    if (turn.at - record.at < IDEMPOTENCY_MS) return
    turn.state.idempotency.delete(key)
    countKeys(turn.state, key, -1)
    turn.changes.push({ kind: 'idempotency', id: key })
  }
}

/** The principal is encoded: with a slash in it, it could be taken for another one with another key. */
function keyOf(namespace: number, request: { key: string; principal: string }): string {
  return `${namespace}/${request.principal.replaceAll('%', '%25').replaceAll('/', '%2F')}/${request.key}`
}

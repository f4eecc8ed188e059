import type { SealedSecret, TokenAlgorithm } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf } from './commands.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** Keys of a cluster, of all algorithms together. */
export const SIGNING_KEYS_MAX = 16
/** How long a key is published before it signs: longer than anybody keeps the list of keys. */
export const PUBLISHED_BEFORE_MS = 3_600_000
/** How long a key stays published after its last signature: longer than any token lives. */
export const PUBLISHED_AFTER_MS = 3_600_000

/** A pair of keys of the cluster, under which tokens are signed. `next` is published and does not sign yet. */
export interface KeyPair {
  /** RFC 7638 thumbprint of the public key: the `kid` of its tokens. */
  id: string
  alg: TokenAlgorithm
  /** `iss` of its tokens: the address under which executors find the public keys. */
  issuer: string
  /** Coordinates of the public key, base64url; `y` of ES256 only. */
  x: string
  y?: string
  /** The private key: PKCS #8 in base64, sealed under the cluster key. Never returned. */
  sealed: SealedSecret
  state: 'next' | 'active' | 'retired'
  createdAt: Millis
  activatedAt?: Millis
  retiredAt?: Millis
}

/** The key that signs for an algorithm. */
export function activeKey(state: Pick<State, 'signingKeys'>, alg: TokenAlgorithm): KeyPair | undefined {
  for (const pair of state.signingKeys.values()) if (pair.alg === alg && pair.state === 'active') return pair
  return undefined
}

/** The first key of an algorithm signs at once: nobody has kept a list without it. Every later one waits. */
export function putSigningKey(turn: Turn, command: CommandOf<'signing-key-put'>): Answer {
  const { state } = turn
  const { id, alg, issuer, x, y, sealed, onlyFirst } = command
  const first = activeKey(state, alg) === undefined
  if (onlyFirst === true && !first) return {}
  if (state.signingKeys.has(id)) return refuse('already-exists', `there is a key ${id} already`)
  const waits = [...state.signingKeys.values()].find((pair) => pair.alg === alg && pair.state === 'next')
  if (waits) return refuse('in-use', `key ${waits.id} waits to sign already: activate it or remove it first`)
  if (state.signingKeys.size >= SIGNING_KEYS_MAX)
    return refuse('in-use', `there are ${SIGNING_KEYS_MAX} keys already: remove some that are retired`)
  const pair: KeyPair = {
    id,
    alg,
    issuer,
    x,
    ...(y === undefined ? {} : { y }),
    sealed,
    state: first ? 'active' : 'next',
    createdAt: turn.at,
    ...(first ? { activatedAt: turn.at } : {}),
  }
  keep(turn, pair)
  return {}
}

/** The key signs from now on; the one before stays published. `force`: although some may not know it yet. */
export function activateSigningKey(turn: Turn, { id, force }: CommandOf<'signing-key-activate'>): Answer {
  const { state } = turn
  const pair = state.signingKeys.get(id)
  if (!pair) return refuse('signing-key-not-found', `there is no key ${id}`)
  if (pair.state !== 'next') return refuse('in-use', `key ${id} is ${pair.state}`)
  const early = pair.createdAt + PUBLISHED_BEFORE_MS - turn.at
  if (force !== true && early > 0) return tooEarly(`key ${id} has to be published for 1 h before it signs`, early)
  const before = activeKey(state, pair.alg)
  if (before) keep(turn, { ...before, state: 'retired', retiredAt: turn.at })
  keep(turn, { ...pair, state: 'active', activatedAt: turn.at })
  return {}
}

/** The key is published no more. One that signs stays. `force`: although tokens of it may be under way. */
export function deleteSigningKey(turn: Turn, { id, force }: CommandOf<'signing-key-delete'>): Answer {
  const pair = turn.state.signingKeys.get(id)
  if (!pair) return refuse('signing-key-not-found', `there is no key ${id}`)
  if (pair.state === 'active') return refuse('in-use', `key ${id} signs: activate another one first`)
  const early = (pair.retiredAt ?? 0) + PUBLISHED_AFTER_MS - turn.at
  if (force !== true && early > 0) return tooEarly(`key ${id} has to stay published for 1 h after it signed`, early)
  turn.state.signingKeys.delete(id)
  changed(turn, id)
  return {}
}

function tooEarly(what: string, leftMs: number): Answer {
  return refuse('in-use', `${what}: ${Math.ceil(leftMs / 60_000)} min are left`)
}

function keep(turn: Turn, pair: KeyPair): void {
  turn.state.signingKeys.set(pair.id, pair)
  changed(turn, pair.id)
}

function changed(turn: Turn, id: string): void {
  turn.changes.push({ kind: 'signing-key', id })
  turn.events.push({ type: 'definitions-changed', what: 'service' })
}

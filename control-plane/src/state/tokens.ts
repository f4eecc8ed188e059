import type { CommandOf } from './commands.ts'
import type { Token } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** Tokens of a cluster, at most. */
export const TOKENS_MAX = 10_000

export function putToken(turn: Turn, command: CommandOf<'token-put'>): Answer {
  const { state } = turn
  if (state.tokens.has(command.id)) return refuse('already-exists', `token ${command.id} exists already`)
  if (state.tokens.size >= TOKENS_MAX)
    return refuse('invalid-token', `there are ${TOKENS_MAX} tokens already: revoke some`)
  const token: Token = {
    id: command.id,
    hash: command.hash,
    name: command.name,
    scope: command.scope,
    createdBy: command.by,
    createdAt: turn.at,
    ...(command.expiresAt === undefined ? {} : { expiresAt: command.expiresAt }),
  }
  state.tokens.set(token.id, token)
  state.tokenHashes.set(token.hash, token.id)
  tokenChanged(turn, token.id)
  return {}
}

export function revokeToken(turn: Turn, command: CommandOf<'token-revoke'>): Answer {
  const token = turn.state.tokens.get(command.id)
  if (!token) return refuse('token-not-found', `there is no token ${command.id}`)
  turn.state.tokens.delete(token.id)
  turn.state.tokenHashes.delete(token.hash)
  tokenChanged(turn, token.id)
  return {}
}

function tokenChanged(turn: Turn, id: string): void {
  turn.changes.push({ kind: 'token', id })
  turn.events.push({ type: 'definitions-changed', what: 'token' })
}

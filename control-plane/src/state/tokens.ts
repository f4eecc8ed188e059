import type { CommandOf } from './commands.ts'
import { closeSubject } from './episodes.ts'
import type { Scope, State, Token } from './state.ts'
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
  revokeTokens(turn, [token])
  return {}
}

/** Tokens for a namespace or its services, or for one service alone; in an order that is the same on every node. */
export function tokensOf({ tokens }: Pick<State, 'tokens'>, namespace: string, service?: string): Token[] {
  const found = [...tokens.values()].filter(({ scope }) => {
    const of = subjectOf(scope)
    return of?.namespace === namespace && (service === undefined || of.service === service)
  })
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Ends tokens: what they were for has gone, and nothing that is made under its name is theirs. */
export function revokeTokens(turn: Turn, tokens: readonly Token[]): void {
  for (const { id, hash } of tokens) {
    turn.state.tokens.delete(id)
    turn.state.tokenHashes.delete(hash)
    tokenChanged(turn, id)
    closeSubject(turn, 'token', id)
  }
}

/** Makes the tokens of a namespace out for its new name. */
export function renameTokens(turn: Turn, from: string, to: string): void {
  for (const token of tokensOf(turn.state, from)) {
    const service = subjectOf(token.scope)?.service
    const scope: Scope = service === undefined ? `namespace:${to}` : `service:${to}/${service}`
    turn.state.tokens.set(token.id, { ...token, scope })
    tokenChanged(turn, token.id)
  }
}

/** What a scope is for, if it is for something in particular. */
function subjectOf(scope: Scope): { namespace: string; service?: string } | undefined {
  const [kind, path = ''] = scope.split(':')
  if (kind === 'namespace') return { namespace: path }
  const [namespace = '', service = ''] = path.split('/')
  return kind === 'service' ? { namespace, service } : undefined
}

function tokenChanged(turn: Turn, id: string): void {
  turn.changes.push({ kind: 'token', id })
  turn.events.push({ type: 'definitions-changed', what: 'token' })
}

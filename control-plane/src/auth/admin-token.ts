import type { Outcome } from '../cluster/consensus.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Command } from '../state/commands.ts'
import type { State, Token } from '../state/state.ts'
import { newToken, newTokenId } from './tokens.ts'

/** Who made the administrator's token, so that it can be told from those that people made. */
const MADE_BY = 'first start'

export interface AdminTokenDeps {
  clock: Clock
  random: Random
  state(): State
  submit(command: Command): Promise<Outcome>
  /** Keeps the token where only its owner may read it. Called before the token works. */
  keep(token: string): Promise<void>
}

/** The administrator's token, made when the cluster has none: then, and only then, its text is there too. */
export async function ensureAdminToken(deps: AdminTokenDeps): Promise<{ id: string; text?: string } | undefined> {
  const tokens = [...deps.state().tokens.values()]
  const known = tokens.find(isFirstAdmin) ?? tokens.find(({ scope }) => scope === 'admin')
  return known ? { id: known.id } : makeAdminToken(deps)
}

/** Revokes the administrator's tokens that a start made, and makes a new one. */
export async function replaceAdminToken(deps: AdminTokenDeps): Promise<string> {
  for (const { id } of [...deps.state().tokens.values()].filter(isFirstAdmin)) {
    await deps.submit({ kind: 'token-revoke', at: deps.clock.now(), id })
  }
  return (await makeAdminToken(deps)).text
}

async function makeAdminToken(deps: AdminTokenDeps): Promise<{ id: string; text: string }> {
  const { token: text, hash } = newToken(deps.random)
  const id = newTokenId(deps.random)
  await deps.keep(text)
  const outcome = await deps.submit({
    kind: 'token-put',
    at: deps.clock.now(),
    id,
    hash,
    scope: 'admin',
    name: 'administrator',
    by: MADE_BY,
  })
  if (outcome.kind === 'rejected')
    throw new Error(`the administrator's token could not be made: ${outcome.rejection.detail}`)
  return { id, text }
}

function isFirstAdmin(token: Token): boolean {
  return token.createdBy === MADE_BY && token.scope === 'admin'
}

import type { Token as TokenView } from '@cronclave/openapi'
import type { Authenticator } from '../auth/authenticator.ts'
import { newToken, newTokenId } from '../auth/tokens.ts'
import { Problem } from '../problems.ts'
import { parseDuration } from '../runtime/duration.ts'
import type { Scope, Token } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { timeText } from './times.ts'

/** A token lasts ten years at most, unless it lasts for ever. */
const EXPIRES_IN_MS_MAX = 3650 * 86_400_000

const NEWEST_FIRST: Order<Token> = { name: 'tokens:ns', key: ({ createdAt, id }) => [createdAt, id], descending: true }

export function tokenHandlers(
  context: ApiContext,
  authenticator: Authenticator,
): Pick<Handlers, 'listTokens' | 'createToken' | 'revokeToken'> {
  const { state, clock, random } = context

  function view(token: Token): TokenView {
    const lastUse = authenticator.lastUse(token.id)
    return {
      id: token.id,
      name: token.name,
      scope: token.scope,
      createdBy: token.createdBy,
      createdAt: timeText(token.createdAt),
      ...(token.expiresAt === undefined ? {} : { expiresAt: timeText(token.expiresAt) }),
      ...(lastUse === undefined ? {} : { lastUsedAt: timeText(lastUse) }),
    }
  }

  return {
    async listTokens({ query }) {
      const page = await pageOf(state().tokens.values(), () => true, NEWEST_FIRST, query)
      return { status: 200, body: { ...page, items: page.items.map(view) } }
    },

    async createToken({ body, principal }) {
      const at = clock.now()
      const expiresInMs = expiryOf(body.expiresIn)
      const { token: secret, hash } = newToken(random)
      const id = newTokenId(random)
      await submit(context, {
        kind: 'token-put',
        at,
        id,
        hash,
        // The contract's pattern is the type.
        scope: body.scope as Scope,
        name: body.name,
        by: principal.name,
        ...(expiresInMs === undefined ? {} : { expiresAt: at + expiresInMs }),
      })
      const token = state().tokens.get(id)
      if (!token) throw new Problem('token-not-found', 'it was revoked meanwhile')
      return { status: 201, body: { token: view(token), secret } }
    },

    async revokeToken({ path }) {
      await submit(context, { kind: 'token-revoke', at: clock.now(), id: path.token })
      context.feed.wake()
      return { status: 204 }
    },
  }
}

function expiryOf(expiresIn: string | undefined): number | undefined {
  if (expiresIn === undefined) return undefined
  const ms = parseDuration(expiresIn)
  if (ms !== undefined && ms > 0 && ms <= EXPIRES_IN_MS_MAX) return ms
  throw new Problem('invalid-token', undefined, [
    { pointer: '/expiresIn', detail: 'must be more than 0 and at most 3650d' },
  ])
}

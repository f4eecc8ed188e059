import type { Session } from '@cronclave/openapi'
import type { Authenticator, Principal } from '../auth/authenticator.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { timeText } from './times.ts'

type Operations = 'getSession' | 'createSession' | 'deleteSession' | 'createLoginCode'

export function sessionHandlers(context: ApiContext, authenticator: Authenticator): Pick<Handlers, Operations> {
  return {
    getSession: ({ principal }) => ({ status: 200, body: sessionView(principal) }),

    createSession({ body, host, request }) {
      const origin = request.header('origin')
      const { principal, cookie } = authenticator.login(body, { method: request.method, host, origin })
      return { status: 201, body: sessionView(principal), headers: { 'set-cookie': cookie } }
    },

    deleteSession: ({ host }) => ({ status: 204, headers: { 'set-cookie': authenticator.logout(host) } }),

    createLoginCode({ principal }) {
      const { code, expiresAt } = context.codes.issue(principal.token)
      return { status: 201, body: { code, expiresAt: timeText(expiresAt) } }
    },
  }
}

function sessionView(principal: Principal): Session {
  return {
    principal: principal.name,
    scope: principal.scope,
    by: principal.by,
    ...(principal.expiresAt === undefined ? {} : { expiresAt: timeText(principal.expiresAt) }),
  }
}

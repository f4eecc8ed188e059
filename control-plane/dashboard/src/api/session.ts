import type { Session } from '@cronclave/openapi'
import { QueryClient } from '@tanstack/react-query'
import { api, client } from './client.ts'
import { isProblem } from './problem.ts'

/** What the page has read. It is read again when the window is looked at, when events say so, and once a minute. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      refetchInterval: 60_000,
      retry: (failures, error) => failures < 2 && (!isProblem(error) || error.status >= 500),
    },
  },
})

const sessionKey = api.queryOptions('get', '/v1/session').queryKey

/** Who is logged in, asked once; undefined when nobody is. */
export async function currentSession(): Promise<Session | undefined> {
  const known = queryClient.getQueryData<Session>(sessionKey)
  if (known !== undefined) return known
  const { data, error, response } = await client.GET('/v1/session')
  if (data !== undefined) keepSession(data)
  else if (response.status !== 401) throw error
  return data
}

export function keepSession(session: Session): void {
  queryClient.setQueryData(sessionKey, session)
}

/** Forgets all that was read under the session. */
export function forgetSession(): void {
  queryClient.clear()
}

/** The namespace to begin with: the only one the session may see, or the one looked at last, or `default`. */
export function firstNamespace(session: Session): string {
  const own = /^(?:namespace:|service:)([^/]+)/.exec(session.scope)?.[1]
  return own ?? lastNamespace() ?? 'default'
}

const STORED = 'cronclave-namespace'

export function rememberNamespace(namespace: string): void {
  try {
    localStorage.setItem(STORED, namespace)
  } catch {
    // Storage is switched off: it begins with `default` next time.
  }
}

function lastNamespace(): string | undefined {
  try {
    return localStorage.getItem(STORED) ?? undefined
  } catch {
    return undefined
  }
}

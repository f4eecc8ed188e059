import type { ClientPaths, paths } from '@cronclave/openapi'
import createFetchClient, { type Client } from 'openapi-fetch'
import createQueryClient from 'openapi-react-query'
import { learnServerTime } from '../ui/clock.ts'
import { sessionEnded } from './session-end.ts'
import { learnIndex } from './server-index.ts'

/** What a change by cookie needs, besides a same-origin Origin. */
export const CSRF_HEADER = 'x-cronclave-csrf'

/** The typed client of the management API; the session cookie rides along by itself. */
export const client = createFetchClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' })

client.use({
  onRequest({ request }) {
    if (request.method !== 'GET' && request.method !== 'HEAD') request.headers.set(CSRF_HEADER, '1')
    return request
  },
  onResponse({ response, schemaPath }) {
    learnServerTime(response.headers.get('date'))
    learnIndex(response.headers.get('x-cronclave-index'))
    if (response.status === 401 && schemaPath !== '/v1/session') sessionEnded()
    return undefined
  },
})

/** The same client as queries and mutations of React. */
export const api = createQueryClient(client)

/** The same client for what is written by hand: fields with a default may be left out of what is sent. */
export const sender = client as unknown as Client<ClientPaths>

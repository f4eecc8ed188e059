import { CONTENT_TYPE } from '../metrics/families.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { jsonHeaders } from './reply.ts'

export function metricsHandlers({ state, metrics }: ApiContext, streams: () => number): Pick<Handlers, 'getMetrics'> {
  return {
    async getMetrics() {
      const text = await metrics.text(streams())
      const headers = { ...jsonHeaders(state().index), 'content-type': CONTENT_TYPE }
      return { status: 200, response: new Response(text, { headers }) }
    },
  }
}

import type { Logger } from '@cronclave/sdk'
import { messageOf } from './message-of.ts'

/** Failures that are said until somebody answers. */
const SAID_MAX = 100

/** Which node of the control plane an agent is in touch with. */
export interface Connection {
  /** Its origin; undefined while none answers. */
  readonly to: string | undefined
  /** Asks, and notes who answered. */
  readonly fetch: typeof fetch
}

/**
 * Watches what is asked of the API of the control plane, and says when it is another node that answers, or none. What is
 * broken off says nothing, unless that is because it took too long.
 */
export function watchedConnection(send: typeof fetch, log: Logger): Connection {
  let to: string | undefined
  /** Failures that were said since somebody answered: each is said once. */
  const said = new Set<string>()
  const failed = (origin: string, why: string) => {
    if (to !== undefined && to !== origin) return
    to = undefined
    if (said.has(`${origin} ${why}`) || said.size >= SAID_MAX) return
    said.add(`${origin} ${why}`)
    log.warn({ node: origin, why }, 'the control plane does not answer')
  }
  const answered = (origin: string) => {
    if (to === origin) return
    to = origin
    said.clear()
    log.info({ node: origin }, 'connected')
  }
  return {
    get to() {
      return to
    },
    async fetch(input, init) {
      const { origin, pathname } = new URL(input instanceof Request ? input.url : input)
      // Keys of an issuer are elsewhere.
      if (!pathname.startsWith('/v1/')) return send(input, init)
      try {
        const response = await send(input, init)
        if (isOfNode(response)) answered(origin)
        else failed(origin, `it answered ${response.status}`)
        return response
      } catch (error) {
        if (!init?.signal?.aborted) failed(origin, messageOf(error))
        else if (isTimeout(init.signal.reason)) failed(origin, 'it gave no answer in time')
        throw error
      }
    },
  }
}

/** Whether a node of the control plane has spoken; proxies and strangers do not speak JSON. */
function isOfNode({ status, headers }: Response): boolean {
  return status === 204 || (status < 500 && /\bjson\b/.test(headers.get('content-type') ?? ''))
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}

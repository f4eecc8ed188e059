import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { jsonHeaders } from './reply.ts'

/** The whole state as a stream; a reader that goes away ends it. */
export function snapshotHandlers({
  exportState,
}: Pick<ApiContext, 'exportState'>): Pick<Handlers, 'getClusterSnapshot'> {
  return {
    async getClusterSnapshot({ request }) {
      const { position, chunks, close } = await exportState()
      const headers = {
        ...jsonHeaders(position.index),
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="cronclave-${position.index}.state"`,
      }
      const signal = request.signal()
      // Whoever wants no body, or has gone meanwhile, would hold on to the state for ever.
      if (request.method === 'HEAD' || signal.aborted) {
        await close()
        return { status: 200, response: new Response(null, { headers }) }
      }
      signal.addEventListener('abort', () => void close(), { once: true })
      return { status: 200, response: new Response(streamOf(chunks), { status: 200, headers }) }
    },
  }
}

/** One chunk at a time, as fast as the reader takes them. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

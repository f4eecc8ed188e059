import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { jsonHeaders } from './reply.ts'

/** The whole state as a stream; a reader that goes away ends it. */
export function snapshotHandlers({ exportState }: ApiContext): Pick<Handlers, 'getClusterSnapshot'> {
  return {
    async getClusterSnapshot({ request }) {
      const { position, chunks, close } = await exportState()
      request.signal().addEventListener('abort', () => void close(), { once: true })
      const response = new Response(streamOf(chunks), {
        status: 200,
        headers: {
          ...jsonHeaders(position.index),
          'content-type': 'application/octet-stream',
          'content-disposition': `attachment; filename="cronclave-${position.index}.state"`,
        },
      })
      return { status: 200, response }
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

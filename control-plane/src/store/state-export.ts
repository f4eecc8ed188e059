import { META_KEY } from './keys.ts'
import { encodeState, STATE_FORMAT, type StateHeader } from './state-stream.ts'
import type { StatePosition, Store, StoreView } from './store.ts'

/** The state of one moment, on its way out. */
export interface StateExport {
  position: StatePosition
  header: StateHeader
  /** To be read once. Ends what it holds when it ends or is given up. */
  chunks: AsyncIterable<Uint8Array>
  /** Lets go of the moment without reading it to the end. */
  close(): Promise<void>
}

/**
 * The state as a durable batch left it, ledger and all, as a stream. Writes go on meanwhile; what they make obsolete
 * stays on disk until the stream ends, is given up, or `close` is called, one of which has to happen.
 */
export async function exportState(
  store: Pick<Store, 'durableView'>,
  { tzdata }: { tzdata: string },
): Promise<StateExport> {
  const view = await store.durableView()
  try {
    const { position } = view
    const meta = await view.get<{ cluster: string; clusterVersion?: number }>(META_KEY)
    const { cluster = '', clusterVersion = 1 } = meta ?? {}
    const header: StateHeader = { format: STATE_FORMAT, cluster, ...position, clusterVersion, tzdata }
    return { position, header, chunks: chunksOf(header, view), close: () => view.close() }
  } catch (error) {
    await view.close()
    throw error
  }
}

/** By hand, because a generator that was never begun does not hear that nobody wants it. */
function chunksOf(header: StateHeader, view: StoreView): AsyncIterable<Uint8Array> {
  const chunks = encodeState(header, view.entries())
  const ended = async (): Promise<IteratorResult<Uint8Array>> => {
    await chunks.return(undefined)
    await view.close()
    return { done: true, value: undefined }
  }
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        const result = await chunks.next()
        return result.done ? await ended() : result
      } catch (error) {
        await view.close()
        throw error
      }
    },
    return: ended,
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

import { META_KEY } from './keys.ts'
import { encodeState, STATE_FORMAT, type StateHeader } from './state-stream.ts'
import type { StatePosition, Store } from './store.ts'

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

async function* chunksOf(
  header: StateHeader,
  view: Awaited<ReturnType<Store['durableView']>>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* encodeState(header, view.entries())
  } finally {
    await view.close()
  }
}

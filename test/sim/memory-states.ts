import type { OutgoingState } from '../../control-plane/src/cluster/snapshot-transfer.ts'
import type { States } from '../../control-plane/src/cluster/states.ts'
import { stateFolderName } from '../../control-plane/src/store/state-folders.ts'
import type { StateHeader } from '../../control-plane/src/store/state-stream.ts'
import type { StatePosition, Store } from '../../control-plane/src/store/store.ts'
import { MemoryStore } from './memory-store.ts'

interface Folder {
  values: Map<string, Uint8Array>
  position: StatePosition | undefined
  store: MemoryStore | undefined
}

type Row = readonly [key: string, value: Uint8Array]

/** The states of a node in memory, whole as they are durable on disk; they outlive its process. */
export class MemoryStates implements States<MemoryStore> {
  readonly #folders = new Map<string, Folder>()
  #open: MemoryStore | undefined

  /** The store that is in use. */
  get current(): MemoryStore | undefined {
    return this.#open
  }

  /** The process is gone: what its store had written stays. */
  crash(): void {
    this.#keep()
    for (const folder of this.#folders.values()) {
      folder.store?.die()
      folder.store = undefined
    }
    this.#open = undefined
  }

  begin(named: string): Promise<{ store: MemoryStore; stateFolder: string }> {
    const stateFolder = named === '' ? 'state' : named
    if (!this.#folders.has(stateFolder)) {
      if (named !== '' && named !== 'state') throw new Error(`the state ${named} is missing`)
      this.#folders.set(stateFolder, { values: new Map(), position: undefined, store: undefined })
    }
    return this.open(stateFolder).then(async (store) => {
      await this.keepOnly(stateFolder)
      return { store, stateFolder }
    })
  }

  open(stateFolder: string): Promise<MemoryStore> {
    this.#keep()
    const folder = this.#folders.get(stateFolder)
    if (!folder) return Promise.reject(new Error(`the state ${stateFolder} is missing`))
    this.#open = new MemoryStore(folder.values, folder.position)
    folder.store = this.#open
    return Promise.resolve(this.#open)
  }

  keepOnly(stateFolder: string): Promise<void> {
    for (const name of [...this.#folders.keys()]) if (name !== stateFolder) this.#folders.delete(name)
    return Promise.resolve()
  }

  async export(store: Pick<Store, 'durableView'>): Promise<OutgoingState> {
    const view = await store.durableView()
    const rows: Row[] = []
    for await (const some of view.entries()) rows.push(...some)
    return { position: view.position, chunks: chunksOf(view.position, rows), close: () => view.close() }
  }

  async import(chunks: AsyncIterable<Uint8Array>) {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    const { position, rows } = JSON.parse(Buffer.concat(parts).toString()) as {
      position: StatePosition
      rows: [string, string][]
    }
    const stateFolder = stateFolderName(position)
    if (this.#folders.get(stateFolder)?.store) throw new Error(`${stateFolder} is open already`)
    const values = new Map(rows.map(([key, value]) => [key, Buffer.from(value, 'base64')]))
    this.#folders.set(stateFolder, { values, position, store: undefined })
    return { position, stateFolder, header: {} as StateHeader, trailer: { rows: rows.length, bytes: 0 } }
  }

  discard(stateFolder: string): Promise<void> {
    this.#folders.delete(stateFolder)
    return Promise.resolve()
  }

  /** What each store has written; two are open while one takes over from the other. */
  #keep(): void {
    for (const folder of this.#folders.values()) {
      if (folder.store) folder.position = { ...folder.store.applied, ...member(folder.store) }
    }
  }
}

function member({ membership }: MemoryStore) {
  return membership ? { membership } : {}
}

async function* chunksOf(position: StatePosition, rows: readonly Row[]): AsyncGenerator<Uint8Array> {
  const text = JSON.stringify({
    position,
    rows: rows.map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

import { Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import type { KvChange, KvHistory } from './kv-history.ts'
import { holderView, keyView } from './kv-view.ts'
import { namespaceNamed } from './lookup.ts'
import { type EventStreams, message, type StreamSource } from './streams.ts'

/** Changes looked at before something is written, at most. */
const CHUNK_CHANGES = 100

export function kvWatchHandlers(context: ApiContext, streams: EventStreams): Pick<Handlers, 'watchKeys'> {
  return {
    watchKeys(call) {
      const { path, query } = call
      if (query.key !== undefined && query.prefix !== undefined) {
        throw new Problem('invalid-request', undefined, [{ pointer: '?key', detail: 'goes with no prefix' }])
      }
      const { uid } = namespaceNamed(context.state(), path.namespace)
      const { kv } = context.feed
      const from = firstWanted(call, context)
      if (kv.positionOf(from) === undefined) {
        throw new Problem('compacted', `this node holds changes from index ${kv.completeFrom} on`)
      }
      const wanted = ({ namespace, of, name }: KvChange) =>
        namespace === uid &&
        of === query.of &&
        (query.key === undefined || name === query.key) &&
        (query.prefix === undefined || name.startsWith(query.prefix))
      const source = () => sourceOf(kv, from, wanted, () => context.state().index)
      return { status: 200, response: streams.reply(call, source) }
    },
  }
}

function firstWanted({ query, header }: Call<'watchKeys'>, { state }: ApiContext): number {
  const last = header['Last-Event-ID']
  return last === undefined ? (query.fromIndex ?? state().index + 1) : Number(last) + 1
}

function sourceOf(
  history: KvHistory,
  from: number,
  wanted: (change: KvChange) => boolean,
  applied: () => number,
): StreamSource {
  let position = history.positionOf(from) ?? history.end
  /** Changes before it are not asked for, although they are to come: on a node that lags behind. */
  const first = from
  /** Up to where nothing is missing: at the end of what is held, that is all that was applied. */
  const reached = () => (position === history.end ? Math.max(first - 1, applied()) : undefined)
  return {
    opening: message('open', String(first - 1), { index: first - 1 }),
    beat() {
      const index = reached()
      return index === undefined ? ':\n\n' : message('progress', String(index), { index })
    },
    async next() {
      const changes = await history.read(position, CHUNK_CHANGES)
      if (typeof changes === 'string') return changes
      position += changes.length
      // What an entry changed is held in one turn: only a chunk that was cut off can end within an entry.
      const cut = position === history.end ? undefined : changes.at(-1)?.index
      const shown = changes.filter((change) => change.index >= first && wanted(change))
      return { text: written(shown, cut) }
    },
    wake: () => history.wake(),
  }
}

/** Says where to go on only after the last change of an entry; of the one at index `cut`, more is to come. */
function written(changes: readonly KvChange[], cut: number | undefined): string {
  let text = ''
  for (const [at, change] of changes.entries()) {
    const isLast = change.index !== cut && change.index !== changes[at + 1]?.index
    text += message(typeOf(change), isLast ? String(change.index) : undefined, dataOf(change))
  }
  return text
}

function typeOf({ of, entry, holder }: KvChange): string {
  if (of === 'keys') return entry ? 'put' : 'delete'
  return holder ? 'held' : 'free'
}

function dataOf({ of, name, index, entry, holder }: KvChange): object {
  if (of === 'keys') return entry ? keyView(name, entry, true) : { key: name, modIndex: index }
  return { name, index, ...(holder ? { holder: holderView(holder) } : {}) }
}

import type { EndedRun, OpenRun } from '../runs/run.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Call, Reply } from './handlers.ts'
import { PAGE } from './pages.ts'
import { shardsOf, shardView, stateOf } from './shard-view.ts'

type Query = Call<'listShards'>['query']
type ShardPage = Extract<Reply<'listShards'>, { status: 200 }>['body']

/** A page of the parts of a run, in the order of their indexes, which never change. */
export function shardPage(run: OpenRun | EndedRun, { state: states = [], cursor, limit = PAGE }: Query): ShardPage {
  const [from = 0] = cursor === undefined ? [] : (decodeCursor('shards', cursor, ['number']) as number[])
  const shards = shardsOf(run)
  const items: ShardPage['items'] = []
  for (let index = Math.max(0, Math.trunc(from)); index < shards.length; index++) {
    const shard = shards[index]
    if (!shard || (states.length > 0 && !states.includes(stateOf(shard)))) continue
    if (items.length === limit) return { items, nextCursor: encodeCursor('shards', [index]) }
    items.push(shardView(shard))
  }
  return { items }
}

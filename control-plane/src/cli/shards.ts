import type { Shard, ShardState } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'

interface Options extends PagingOptions {
  state?: ShardState[]
}

/** Items of a part that are shown in a table. */
const ITEMS_SHOWN = 5

/** `cronclave run shards`. */
export function shardsCommand(run: Command, io: Io): void {
  const command = run
    .command('shards')
    .description('list the parts of a run that was split, with what each works on')
    .argument('<id>')
    .option('--state <state>', 'waiting, running, succeeded, failed; several', several)
    .option('--limit <number>', 'parts shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (id: string, { limit, all = false, state }: Options) => {
      const { client, output, namespace } = sessionOf(io, command)
      const filter = state === undefined ? {} : { state }
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(
          client.api.GET('/v1/namespaces/{namespace}/runs/{run}/shards', {
            params: { path: { namespace, run: id }, query: { ...filter, ...query } },
          }),
        )
      output.list(await gather<Shard>(page, { limit, all }, output), COLUMNS, 'There are no such parts.')
    })
  examples(command, 'cronclave run shards r8Jw2c0yTqyb1C3mJcXh1w --state failed')
}

const COLUMNS: Column<Shard>[] = [
  { head: 'shard', of: ({ index }) => index },
  { head: 'state', of: ({ state }) => state, state: true },
  { head: 'executor', of: ({ executor, bound }) => executor ?? bound },
  { head: 'tries', of: ({ attempts }) => attempts },
  { head: 'items', of: ({ items }) => items && itemsText(items) },
  { head: 'error', of: ({ error }) => error?.message },
]

function itemsText(items: readonly string[]): string {
  const more = items.length > ITEMS_SHOWN ? ` and ${items.length - ITEMS_SHOWN} more` : ''
  return items.slice(0, ITEMS_SHOWN).join(' ') + more
}

import type { Notice } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { ago } from './phrases.ts'

interface Options extends PagingOptions {
  job?: string
  state?: Notice['state']
}

/** `cronclave notice …` */
export function noticeCommands(program: Command, io: Io): void {
  const notice = program.command('notice').description('what services were told of runs that did not start')
  const command = notice
    .command('ls')
    .description('list notices, the newest first')
    .option('--job <name>', 'only of this job')
    .option('--state <state>', 'open, delivered or failed')
    .option('--limit <number>', 'notices shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async ({ limit, all = false, ...filters }: Options) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(
          client.api.GET('/v1/namespaces/{namespace}/notices', {
            params: { path: { namespace }, query: { ...filters, ...query } },
          }),
        )
      output.list(await gather(page, { limit, all }, output), columns(io.clock.now()), 'There are no notices.')
    })
  examples(command, 'cronclave notice ls --job nightly-report --state failed')
}

function columns(now: number): Column<Notice>[] {
  return [
    { head: 'id', of: ({ id }) => id },
    { head: 'job', of: ({ job }) => job },
    { head: 'reason', of: ({ reason }) => reason },
    { head: 'fires', of: ({ count }) => count },
    { head: 'state', of: ({ state }) => state, state: true },
    { head: 'tries', of: ({ attempts }) => attempts },
    { head: 'made', of: ({ at }) => ago(at, now) },
    { head: 'error', of: ({ error }) => error },
  ]
}

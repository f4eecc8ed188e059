import type { Sink, SinkTest } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, type Session, sessionOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { ago, shortDuration } from './phrases.ts'
import { addSinkCommand } from './sink-add.ts'
import { resendCommand } from './sink-resend.ts'
import { showTest } from './sink-trial.ts'
import { verifySinkCommand } from './sink-verify.ts'

/** `cronclave sink …` */
export function sinkCommands(program: Command, io: Io): void {
  const sink = program.command('sink').description('databases that get every row of the ledger')
  listCommand(sink, io)
  showCommand(sink, io)
  addSinkCommand(sink, io)
  testCommand(sink, io)
  pauseCommands(sink, io)
  verifySinkCommand(sink, io)
  resendCommand(sink, io)
  removeCommand(sink, io)
}

function listCommand(sink: Command, io: Io): void {
  const command = sink
    .command('ls')
    .description('list sinks, and how far each is')
    .option('--limit <number>', 'sinks shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: PagingOptions) => {
      const { client, output } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/sinks', { params: { query } }))
      output.list(await gather(page, options, output), COLUMNS, 'There are no sinks.')
    })
  examples(command, 'cronclave sink ls')
}

const COLUMNS: Column<Sink>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'state', of: ({ state }) => state, state: true },
  { head: 'database', of: placeOf },
  { head: 'lag', of: ({ delivery }) => delivery?.lagRows },
  { head: 'behind', of: ({ delivery }) => delivery && shortDuration(delivery.lagMs) },
  { head: 'rows/s', of: ({ delivery }) => delivery && Math.round(delivery.rowsPerSecond) },
  { head: 'delivered', of: ({ rows }) => rows },
  { head: 'missing', of: ({ gapRows }) => gapRows },
  { head: 'back-fill', of: backfillOf },
  { head: 'error', of: ({ trouble }) => trouble?.error },
]

function showCommand(sink: Command, io: Io): void {
  const command = sink
    .command('show')
    .description('one sink: where it is, how far, what is wrong with it and what it misses')
    .argument('<name>')
    .action(async (name: string) => {
      const session = sessionOf(io, command)
      const params = { path: { sink: name } }
      showSink(session, await session.client.ask<Sink>(session.client.api.GET('/v1/sinks/{sink}', { params })), io)
    })
  examples(command, 'cronclave sink show archive')
}

function showSink({ output }: Session, sink: Sink, io: Io): void {
  const { trouble, lastTrouble, delivery, gaps } = sink
  const now = io.clock.now()
  output.one(sink, {
    name: sink.name,
    state: sink.state,
    error: trouble && `${trouble.error} (${ago(trouble.since, now)})`,
    'last error': lastTrouble && lastErrorOf(lastTrouble, now),
    database: placeOf(sink),
    user: `${sink.user}${sink.hasPassword ? '' : ', without a password'}`,
    tls: sink.tls,
    tables: `${sink.tablePrefix}…`,
    'named by': sink.origin === 'file' ? 'the configuration file' : sink.createdBy,
    delivered: `${sink.rows} rows, up to ${sink.cursor.index}/${sink.cursor.ordinal}`,
    again: sink.resending && `rows up to ${sink.resending.index}/${sink.resending.ordinal} are delivered again`,
    lag: delivery && `${delivery.lagRows} rows, ${shortDuration(delivery.lagMs)}`,
    rate: delivery && `${Math.round(delivery.rowsPerSecond)} rows/s`,
    'back-fill': backfillOf(sink),
    missing:
      gaps.length === 0 ? undefined : `${sink.gapRows} rows in ${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`,
    gaps:
      gaps
        .map(({ from, to, count, at }) => `${from.index}/${from.ordinal} to ${to.index}/${to.ordinal}: ${count}, ${at}`)
        .join('\n') || undefined,
  })
}

function lastErrorOf({ since, until, error }: NonNullable<Sink['lastTrouble']>, now: number): string {
  return `${error} (for ${shortDuration(Date.parse(until) - Date.parse(since))}, over ${ago(until, now)})`
}

function testCommand(sink: Command, io: Io): void {
  const command = sink
    .command('test')
    .description('connect to a sink and try what delivery needs; fails when something is wrong')
    .argument('<name>')
    .action(async (name: string) => {
      const session = sessionOf(io, command)
      const params = { path: { sink: name } }
      const test = await session.client.ask<SinkTest>(session.client.api.POST('/v1/sinks/{sink}/test', { params }))
      showTest(session, test)
      if (!test.ok) throw new CommandFault(EXIT.refused, `Nothing can be delivered to ${name}.`)
    })
  examples(command, 'cronclave sink test archive')
}

function pauseCommands(sink: Command, io: Io): void {
  for (const [verb, done, about] of [
    ['pause', 'is paused', 'deliver nothing to sinks until they are resumed; their rows wait'],
    ['resume', 'is resumed', 'deliver to sinks again, from where they were'],
  ] as const) {
    const command = sink
      .command(verb)
      .description(about)
      .argument('<names...>')
      .action(async (names: string[]) => {
        const { client, output } = sessionOf(io, command)
        for (const name of names) {
          await client.ask(client.api.POST(`/v1/sinks/{sink}/${verb}`, { params: { path: { sink: name } } }))
          output.note(`${name} ${done}`)
        }
      })
    examples(command, `cronclave sink ${verb} archive`)
  }
}

function removeCommand(sink: Command, io: Io): void {
  const command = sink
    .command('rm')
    .description('deliver to a sink no more, and forget it; its database stays as it is')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, output } = sessionOf(io, command)
      await client.ask(client.api.DELETE('/v1/sinks/{sink}', { params: { path: { sink: name } } }))
      output.note(`${name} is deleted; its tables stay`)
    })
  examples(command, 'cronclave sink rm archive')
}

function placeOf({ host, port, database }: Sink): string {
  return `${host}:${port}/${database}`
}

function backfillOf({ delivery }: Sink): string | undefined {
  const backfill = delivery?.backfill
  if (backfill === undefined || backfill.total === 0) return undefined
  const share = Math.floor((backfill.done / backfill.total) * 100)
  return `${share} % (${backfill.done} of ${backfill.total})`
}

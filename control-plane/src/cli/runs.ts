import type { Attempt, Cause, Run, RunState } from '@cronclave/openapi'
import type { Command } from 'commander'
import { formatInstant } from '../runtime/instant.ts'
import { visible } from '../runtime/visible.ts'
import { timeOrAge, wholeNumber } from './arguments.ts'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { shortDuration } from './phrases.ts'
import { rerunCommand } from './rerun.ts'
import { pruneCommand } from './prune.ts'
import { runColumns, runFields } from './run-fields.ts'
import { shardsCommand } from './shards.ts'
import { watchCommand } from './watch.ts'

/** `cronclave run …` */
export function runCommands(program: Command, io: Io): void {
  const run = program.command('run').description('list, show, watch, cancel and repeat runs, and delete old ones')
  listCommand(run, io)
  getCommand(run, io)
  cancelCommand(run, io)
  shardsCommand(run, io)
  rerunCommand(run, io)
  watchCommand(run, io)
  pruneCommand(run, io)
}

interface ListOptions extends PagingOptions {
  job?: string
  state?: RunState[]
  cause?: Cause[]
  from?: number
  to?: number
  parent?: string
  rerunOf?: string
  backfill?: string
}

function listCommand(run: Command, io: Io): void {
  const time = timeOrAge(() => io.clock.now())
  const command = run
    .command('ls')
    .description('list runs, open ones first, then the newest first')
    .option('--job <name>', 'only runs of this job')
    .option(
      '--state <state>',
      'queued, running, succeeded, failed, timed-out, cancelled, lost, skipped; several',
      several,
    )
    .option('--cause <cause>', 'schedule, misfire, manual, api, child, rerun, backfill; several', several)
    .option('--parent <run>', 'only what the end of this run started')
    .option('--rerun-of <run>', 'only what does this run again')
    .option('--backfill <id>', 'only the runs of this backfill')
    .option('--from <time>', 'fire times at or after it: a time, or an age such as 2h', time)
    .option('--to <time>', 'fire times before it', time)
    .option('--limit <number>', 'runs shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: ListOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const { limit, all = false, from, to, ...filters } = options
      const times = {
        ...(from === undefined ? {} : { from: formatInstant(from) }),
        ...(to === undefined ? {} : { to: formatInstant(to) }),
      }
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(
          client.api.GET('/v1/namespaces/{namespace}/runs', {
            params: { path: { namespace }, query: { ...filters, ...times, ...query } },
          }),
        )
      const runs: Run[] = await gather(page, { limit, all }, output)
      output.list(runs, runColumns(io.clock.now()), 'There are no such runs.')
    })
  examples(
    command,
    'cronclave run ls --job nightly-report',
    'cronclave run ls --state failed,timed-out --from 24h',
    'cronclave run ls --all -o json',
  )
}

function getCommand(run: Command, io: Io): void {
  const command = run
    .command('get')
    .description('show a run with its attempts and what its handlers logged')
    .argument('<id>')
    .option('--no-logs', 'without log lines')
    .action(async (id: string, { logs: withLogs }: { logs: boolean }) => {
      const { client, output, namespace } = sessionOf(io, command)
      const path = { namespace, run: id }
      const found = await client.ask(client.api.GET('/v1/namespaces/{namespace}/runs/{run}', { params: { path } }))
      const attemptPage = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces/{namespace}/runs/{run}/attempts', { params: { path, query } }))
      const attempts = await gather(attemptPage, { limit: 1000 }, output)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces/{namespace}/runs/{run}/logs', { params: { path, query } }))
      const logs = withLogs ? await gather(page, { limit: 1000 }, output) : []
      if (output.format !== 'table') return output.data({ ...found, attempts, logs })
      output.one(found, runFields(found, io.clock.now()))
      if (attempts.length > 0) {
        output.line('')
        output.list(attempts, ATTEMPT_COLUMNS, '')
      }
      if (logs.length > 0) output.line('')
      for (const { at, level, message } of logs) output.line(`${at} ${level.padEnd(5)} ${visible(message)}`)
    })
  examples(command, 'cronclave run get r8Jw2c0yTqyb1C3mJcXh1w', 'cronclave run get r8Jw2c0yTqyb1C3mJcXh1w -o json')
}

const ATTEMPT_COLUMNS: Column<Attempt>[] = [
  { head: 'attempt', of: ({ id }) => id },
  { head: 'executor', of: ({ executor }) => executor },
  { head: 'outcome', of: ({ outcome, state }) => outcome ?? state, state: true },
  { head: 'status', of: ({ status }) => status },
  { head: 'took', of: ({ durationMs }) => (durationMs === undefined ? undefined : shortDuration(durationMs)) },
  { head: 'then', of: ({ next }) => next },
  { head: 'error', of: ({ error }) => error?.message },
]

function cancelCommand(run: Command, io: Io): void {
  const command = run
    .command('cancel')
    .description('cancel runs; they end cancelled whatever still arrives')
    .argument('<ids...>')
    .action(async (ids: string[]) => {
      const { client, output, namespace } = sessionOf(io, command)
      const cancelled: Run[] = []
      for (const run of ids) {
        const params = { path: { namespace, run } }
        cancelled.push(await client.ask(client.api.POST('/v1/namespaces/{namespace}/runs/{run}/cancel', { params })))
      }
      output.list(cancelled, runColumns(io.clock.now()), '')
    })
  examples(command, 'cronclave run cancel r8Jw2c0yTqyb1C3mJcXh1w')
}

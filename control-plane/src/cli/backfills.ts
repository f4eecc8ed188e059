import type { Backfill, BackfillRequest, Fire } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { formatInstant } from '../runtime/instant.ts'
import { pair, timeOrAge, wholeNumber } from './arguments.ts'
import { examples, type Session, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather } from './paging.ts'
import { ago } from './phrases.ts'
import { typedParams, type WrittenParams } from './typed-params.ts'

interface BackfillOptions {
  from: number
  to?: number
  max: number
  parallel: number
  overlap?: 'allow'
  param?: WrittenParams
  executor?: string
  idempotencyKey?: string
  dryRun?: boolean
}

/** `cronclave job backfill`, `job backfills` and `job cancel-backfill`. */
export function backfillCommands(job: Command, io: Io): void {
  startCommand(job, io)
  listCommand(job, io)
  cancelCommand(job, io)
}

function startCommand(job: Command, io: Io): void {
  const time = timeOrAge(() => io.clock.now())
  const command = job
    .command('backfill')
    .description('run a job again for every time at which it was due in a past range')
    .argument('<name>')
    .requiredOption('--from <time>', 'first instant, included: a time, or an age such as 7d', time)
    .option('--to <time>', 'last instant, excluded; now when it is not given', time)
    .option('--max <number>', 'refuse a range with more fires', wholeNumber(1, 1000), 1000)
    .option('--parallel <number>', 'runs that may be open at once', wholeNumber(1, 100), 1)
    .addOption(
      new Option('--overlap <policy>', 'let its runs run side by side whatever the job says').choices(['allow']),
    )
    .option('-p, --param <key=value>', 'overrides a parameter, written as its handler says; several', pair)
    .option('--executor <id>', 'the only executor that may take the runs')
    .option('--idempotency-key <key>', 'a repeat with the same key answers the same backfill')
    .option('--dry-run', 'only list the times')
    .action(async (name: string, options: BackfillOptions) => {
      const session = sessionOf(io, command)
      if (options.dryRun) return preview(session, name, options)
      const { client, namespace, output } = session
      const { idempotencyKey: key } = options
      const params = await typedParams(session, name, options.param)
      const made = client.api.POST('/v1/namespaces/{namespace}/jobs/{job}/backfills', {
        params: {
          path: { namespace, job: name },
          ...(key === undefined ? {} : { header: { 'Idempotency-Key': key } }),
        },
        body: { ...bodyOf(options), ...(params === undefined ? {} : { params }) },
      })
      const backfill = await client.ask(made)
      output.one(backfill, fieldsOf(backfill))
    })
  examples(
    command,
    'cronclave job backfill nightly-report --from 7d --dry-run',
    'cronclave job backfill nightly-report --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z -p city=tianjin',
  )
}

async function preview({ client, namespace, output }: Session, job: string, options: BackfillOptions): Promise<void> {
  const found = await client.ask(
    client.api.POST('/v1/namespaces/{namespace}/jobs/{job}/backfills/preview', {
      params: { path: { namespace, job } },
      body: bodyOf(options),
    }),
  )
  output.list(found.items, FIRE_COLUMNS, 'The job was not due in that range.')
  if (found.more) output.note(`There are more than ${options.max}: such a backfill would be refused.`)
}

const FIRE_COLUMNS: Column<Fire>[] = [
  { head: 'fire time', of: ({ fireTime }) => fireTime },
  { head: 'local', of: ({ local }) => local },
  { head: 'schedules', of: ({ schedules }) => schedules.join(', ') },
  { head: 'note', of: ({ skip, moved }) => (skip ? 'not run: daylight saving' : moved) },
]

function bodyOf({ from, to, max, parallel, overlap, executor }: BackfillOptions): BackfillRequest {
  return {
    from: formatInstant(from),
    max,
    parallel,
    ...(to === undefined ? {} : { to: formatInstant(to) }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(executor === undefined ? {} : { executor }),
  }
}

function listCommand(job: Command, io: Io): void {
  const command = job
    .command('backfills')
    .description('list the backfills of a job, the newest first')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, namespace, output } = sessionOf(io, command)
      const path = { namespace, job: name }
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces/{namespace}/jobs/{job}/backfills', { params: { path, query } }))
      const backfills = await gather(page, { limit: 100, all: true }, output)
      output.list(backfills, columns(io.clock.now()), 'There are no backfills.')
    })
  examples(command, 'cronclave job backfills nightly-report')
}

function cancelCommand(job: Command, io: Io): void {
  const command = job
    .command('cancel-backfill')
    .description('drop what has not run yet of a backfill; what runs goes on')
    .argument('<name>')
    .argument('<id>')
    .action(async (name: string, backfill: string) => {
      const { client, namespace, output } = sessionOf(io, command)
      const params = { path: { namespace, job: name, backfill } }
      const cancelled = await client.ask(
        client.api.DELETE('/v1/namespaces/{namespace}/jobs/{job}/backfills/{backfill}', { params }),
      )
      output.one(cancelled, fieldsOf(cancelled))
    })
  examples(command, 'cronclave job cancel-backfill nightly-report r8Jw2c0yTqyb1C3mJcXh1w')
}

function fieldsOf(backfill: Backfill): Record<string, string | number | undefined> {
  return {
    id: backfill.id,
    job: backfill.job,
    state: backfill.state,
    range: `${backfill.from} to ${backfill.to}`,
    fires: backfill.total,
    waiting: backfill.waiting,
    open: backfill.open,
    ended: endsOf(backfill),
    executor: backfill.executor,
    params: backfill.params && JSON.stringify(backfill.params),
    'asked for': `${backfill.createdAt} by ${backfill.createdBy}`,
  }
}

function columns(now: number): Column<Backfill>[] {
  return [
    { head: 'id', of: ({ id }) => id },
    { head: 'state', of: ({ state }) => state, state: true },
    { head: 'from', of: ({ from }) => from },
    { head: 'to', of: ({ to }) => to },
    { head: 'fires', of: ({ total }) => total },
    { head: 'waiting', of: ({ waiting }) => waiting },
    { head: 'open', of: ({ open }) => open },
    { head: 'ended', of: endsOf },
    { head: 'asked for', of: ({ createdAt }) => ago(createdAt, now) },
  ]
}

function endsOf({ ended }: Backfill): string | undefined {
  const some = Object.entries(ended).filter(([, count]) => count > 0)
  return some.length === 0 ? undefined : some.map(([state, count]) => `${count} ${state}`).join(', ')
}

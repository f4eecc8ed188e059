import type { Alert, Silence, SilenceDefinition } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { present } from '../runtime/present.ts'
import { wholeNumber } from './arguments.ts'
import { MESSAGE_COLUMNS } from './channels.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import { noneOf, OF_CLUSTER, type OfCluster } from './of-cluster.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'

/** `cronclave alert …` */
export function alertCommands(program: Command, io: Io): void {
  const alert = program.command('alert').description('what fires and what fired')
  listCommand(alert, io)
  showCommand(alert, io)
  const silence = alert.command('silence').description('when nobody is told')
  addSilenceCommand(silence, io)
  listSilencesCommand(silence, io)
  removeSilenceCommand(silence, io)
}

interface ListOptions extends PagingOptions, OfCluster {
  everywhere?: boolean
  state?: Alert['state']
  rule?: string
  job?: string
  from?: string
  to?: string
}

function listCommand(alert: Command, io: Io): void {
  const command = alert
    .command('ls')
    .description('list alerts, newest first')
    .option(...OF_CLUSTER)
    .option('--everywhere', 'of the cluster and of every namespace')
    .addOption(new Option('--state <state>', 'only those').choices(['firing', 'resolved']))
    .option('--rule <name>', 'of this rule')
    .option('--job <name>', 'about this job')
    .option('--from <time>', 'that began at this time or later')
    .option('--to <time>', 'that began before this time')
    .option('--limit <number>', 'alerts shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async ({ cluster, everywhere, state, rule, job, from, to, ...options }: ListOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const filter = present({ state, rule, job, from, to })
      const page = (paging: { limit: number; cursor?: string }) => {
        const query = { ...paging, ...filter }
        if (everywhere) return client.ask(client.api.GET('/v1/alerts', { params: { query: { ...query, all: true } } }))
        return cluster
          ? client.ask(client.api.GET('/v1/alerts', { params: { query } }))
          : client.ask(client.api.GET('/v1/namespaces/{namespace}/alerts', { params: { path: { namespace }, query } }))
      }
      const alerts = await gather(page, options, output)
      const nothing = everywhere ? 'There are no such alerts.' : noneOf(cluster ? undefined : namespace, 'such alerts')
      output.list(alerts, COLUMNS, nothing)
    })
  examples(command, 'cronclave alert ls --state firing', 'cronclave alert ls --everywhere --rule failing')
}

const COLUMNS: Column<Alert>[] = [
  { head: 'id', of: ({ id }) => id },
  { head: 'state', of: ({ state }) => state, state: true },
  { head: 'rule', of: ({ rule }) => rule },
  { head: 'about', of: aboutOf },
  { head: 'since', of: ({ since }) => since },
  { head: 'times', of: ({ count }) => count },
  { head: 'summary', of: ({ summary }) => summary },
]

function aboutOf({ subject }: Alert): string {
  return subject.kind === 'cluster' ? 'cluster' : `${subject.kind} ${subject.name}`
}

function showCommand(alert: Command, io: Io): void {
  const command = alert
    .command('show')
    .description('one alert, and what channels were told of it')
    .argument('<id>')
    .option(...OF_CLUSTER)
    .action(async (id: string, { cluster }: OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      const found = cluster
        ? await client.ask(client.api.GET('/v1/alerts/{alert}', { params: { path: { alert: id } } }))
        : await client.ask(
            client.api.GET('/v1/namespaces/{namespace}/alerts/{alert}', { params: { path: { namespace, alert: id } } }),
          )
      const one = found.alert
      output.one(found, {
        alert: one.id,
        state: one.state,
        rule: one.rule,
        about: aboutOf(one),
        summary: one.summary,
        since: one.since,
        over: one.resolvedAt,
        why: one.closed,
        times: one.count,
        newest: one.lastAt,
        run: one.run,
        'newest run': one.lastRun,
        silence: one.silence,
        told: one.toldAt,
      })
      if (output.format === 'table')
        output.list(
          found.messages,
          [{ head: 'channel', of: ({ channel }) => channel }, ...MESSAGE_COLUMNS],
          'Nobody was told of it alone.',
        )
    })
  examples(command, 'cronclave alert show 00000000a1')
}

interface SilenceOptions extends OfCluster {
  rule?: string
  job?: string
  service?: string
  node?: string
  for?: string
  until?: string
  from?: string
  reason: string
}

function addSilenceCommand(silence: Command, io: Io): void {
  const command = silence
    .command('add')
    .description('tell nobody for a while; what still goes on afterwards is told then')
    .option(...OF_CLUSTER)
    .option('--rule <name>', 'of this rule')
    .option('--job <name>', 'about this job')
    .option('--service <name>', 'about this service, its executors and its jobs')
    .option('--node <name>', 'about this node')
    .option('--for <duration>', 'so long')
    .option('--until <time>', 'until then')
    .option('--from <time>', 'from then on; now when absent')
    .requiredOption('--reason <text>', 'why')
    .action(async ({ cluster, rule, job, service, node, reason, ...times }: SilenceOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const match = present({ rule, job, service, node })
      const body: SilenceDefinition = { match, reason, ...present(times) }
      const made = cluster
        ? await client.ask(client.api.POST('/v1/silences', { body }))
        : await client.ask(
            client.api.POST('/v1/namespaces/{namespace}/silences', { params: { path: { namespace } }, body }),
          )
      if (output.format === 'table') output.note(`Silence ${made.id} lasts until ${made.until}`)
      else output.data(made)
    })
  examples(
    command,
    'cronclave alert silence add --job nightly --for 2h --reason "the database moves"',
    'cronclave alert silence add --cluster --node n2 --for 30m --reason upgrade',
  )
}

function listSilencesCommand(silence: Command, io: Io): void {
  const command = silence
    .command('ls')
    .description('list silences that are not over')
    .option(...OF_CLUSTER)
    .option('--limit <number>', 'silences shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async ({ cluster, ...options }: PagingOptions & OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        cluster
          ? client.ask(client.api.GET('/v1/silences', { params: { query } }))
          : client.ask(
              client.api.GET('/v1/namespaces/{namespace}/silences', { params: { path: { namespace }, query } }),
            )
      const silences = await gather(page, options, output)
      output.list(silences, SILENCE_COLUMNS, noneOf(cluster ? undefined : namespace, 'silences'))
    })
  examples(command, 'cronclave alert silence ls')
}

const SILENCE_COLUMNS: Column<Silence>[] = [
  { head: 'id', of: ({ id }) => id },
  { head: 'of', of: matchOf },
  { head: 'from', of: ({ from }) => from },
  { head: 'until', of: ({ until }) => until },
  { head: 'reason', of: ({ reason }) => reason },
  { head: 'by', of: ({ createdBy }) => createdBy },
]

function matchOf({ match }: Silence): string {
  return (
    Object.entries(match)
      .map(([kind, name]) => `${kind} ${name}`)
      .join(', ') || 'everything'
  )
}

function removeSilenceCommand(silence: Command, io: Io): void {
  const command = silence
    .command('rm')
    .description('end a silence')
    .argument('<id>')
    .option(...OF_CLUSTER)
    .action(async (id: string, { cluster }: OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      if (cluster) await client.ask(client.api.DELETE('/v1/silences/{silence}', { params: { path: { silence: id } } }))
      else {
        const path = { namespace, silence: id }
        await client.ask(client.api.DELETE('/v1/namespaces/{namespace}/silences/{silence}', { params: { path } }))
      }
      output.note(`Silence ${id} is over`)
    })
  examples(command, 'cronclave alert silence rm 00000000a1')
}

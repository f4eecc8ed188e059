import type { AlertRule, AlertRuleDefinition } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { CONDITION_KINDS } from '../alerts/rule.ts'
import { isObject } from '../jobs/fields.ts'
import { present } from '../runtime/present.ts'
import { addAdvisedCommand } from './advised-rules.ts'
import { wholeNumber } from './arguments.ts'
import { examples, type Session, sessionOf, several } from './command.ts'
import { readDefinitions } from './documents.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { noneOf, OF_CLUSTER, type OfCluster } from './of-cluster.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'

/** `cronclave alert-rule …` */
export function alertRuleCommands(program: Command, io: Io): void {
  const rule = program.command('alert-rule').description('what people are told of, and by which channels')
  listCommand(rule, io)
  putCommand(rule, io)
  addAdvisedCommand(rule, io)
  removeCommand(rule, io)
}

function listCommand(rule: Command, io: Io): void {
  const command = rule
    .command('ls')
    .description('list alert rules')
    .option(...OF_CLUSTER)
    .option('--limit <number>', 'rules shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async ({ cluster, ...options }: PagingOptions & OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        cluster
          ? client.ask(client.api.GET('/v1/alert-rules', { params: { query } }))
          : client.ask(
              client.api.GET('/v1/namespaces/{namespace}/alert-rules', { params: { path: { namespace }, query } }),
            )
      const rules = await gather(page, options, output)
      output.list(rules, COLUMNS, noneOf(cluster ? undefined : namespace, 'alert rules'))
    })
  examples(command, 'cronclave alert-rule ls', 'cronclave alert-rule ls --cluster')
}

const COLUMNS: Column<AlertRule>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'when', of: ({ condition }) => condition.kind },
  { head: 'of', of: ({ scope }) => scope.job ?? scope.service ?? scope.namespace ?? 'all' },
  { head: 'channels', of: ({ channels }) => channels.join(', ') },
  { head: 'firing', of: ({ firing }) => firing },
  { head: 'enabled', of: ({ enabled }) => (enabled ? 'yes' : 'no') },
]

interface PutOptions extends OfCluster {
  file?: string[]
  on?: AlertRuleDefinition['condition']['kind']
  job?: string
  service?: string
  of?: string
  state?: string[]
  reason?: string[]
  count?: number
  window?: string
  cron?: string
  zone?: string
  within?: string
  duration?: string
  lateness?: string
  for?: string
  before?: string
  channel?: string[]
  repeatEvery?: string
  resolved: boolean
  disabled?: boolean
}

function putCommand(rule: Command, io: Io): void {
  const command = rule
    .command('put')
    .description('create or replace alert rules, one by its options or several from files')
    .argument('[name]')
    .option(...OF_CLUSTER)
    .option('-f, --file <file>', 'YAML or JSON with rules as the API takes them, with their names; - is stdin', several)
    .addOption(new Option('--on <condition>', 'when it fires').choices(CONDITION_KINDS))
    .option('--job <name>', 'watch this job alone')
    .option('--service <name>', 'watch this service alone')
    .option('--of <namespace>', 'for rules of the cluster: watch this namespace alone')
    .option('--state <states>', 'run-ended: failed, timed-out, cancelled, lost', several)
    .option('--reason <reasons>', 'missed: why fires did not start', several)
    .option('--count <number>', 'run-ended, failures-in-row, missed: how often', wholeNumber(1, 100))
    .option('--window <duration>', 'run-ended, missed: within so long')
    .option('--cron <expression>', 'not-started, not-finished: by when')
    .option('--zone <zone>', 'of --cron')
    .option('--within <duration>', 'not-started, not-finished: within so long before')
    .option('--duration <duration>', 'slow: longer than that')
    .option('--lateness <duration>', 'late: later than that')
    .option('--for <duration>', 'what is gone or failing: for so long')
    .option('--before <duration>', 'certificate-ends, token-ends: so long before')
    .option('--channel <names>', 'who is told; cluster/<name> for channels of the cluster', several)
    .option('--repeat-every <duration>', 'tell again while it goes on')
    .option('--no-resolved', 'do not tell when it is over')
    .option('--disabled', 'watch nothing for now')
    .action(async (name: string | undefined, options: PutOptions) => {
      const session = sessionOf(io, command)
      const made: AlertRule[] = []
      for (const definition of await definitionsOf(io, name, options))
        made.push(await put(session, definition, options.cluster ?? false))
      if (session.output.format !== 'table') session.output.data(made)
      else for (const each of made) session.output.note(`${each.name} is there`)
    })
  examples(
    command,
    'cronclave alert-rule put failing --on failures-in-row --count 3 --channel ops',
    'cronclave alert-rule put nightly-done --on not-finished --job nightly --cron "0 6 * * *" --zone Europe/Berlin --within 8h --channel ops',
    'cronclave alert-rule put node --on node-gone --for 1m --channel ops --cluster',
    'cronclave alert-rule put -f rules.yaml',
  )
}

type Named = AlertRuleDefinition & { name: string }

async function definitionsOf(io: Io, name: string | undefined, options: PutOptions): Promise<Named[]> {
  if (options.file === undefined) {
    if (name === undefined || options.on === undefined)
      throw new CommandFault(EXIT.usage, 'A name and --on are needed, or --file.')
    return [{ name, ...definitionOf(options.on, options) }]
  }
  if (name !== undefined) throw new CommandFault(EXIT.usage, 'The names stand in the file.')
  const written = await readDefinitions(options.file, io)
  return written.map(({ where, value }) => {
    if (!isObject(value) || typeof value['name'] !== 'string')
      throw new CommandFault(EXIT.usage, `${where} has no name.`)
    // What else is wrong with it the server says, with its place.
    return value as unknown as Named
  })
}

function definitionOf(kind: NonNullable<PutOptions['on']>, options: PutOptions): AlertRuleDefinition {
  const { job, service, of: namespace, channel: channels, repeatEvery, resolved, disabled } = options
  const { state: states, reason: reasons, count, window, cron, zone, within, duration, lateness, before } = options
  const details = { states, reasons, count, window, cron, zone, within, duration, lateness, before, for: options.for }
  return {
    // The server says which words it knows.
    condition: { kind, ...present(details) } as AlertRuleDefinition['condition'],
    scope: present({ namespace, service, job }),
    ...present({ channels, repeatEvery }),
    notifyResolved: resolved,
    enabled: disabled !== true,
  }
}

function put({ client, namespace }: Session, body: Named, ofCluster: boolean): Promise<AlertRule> {
  if (ofCluster)
    return client.ask(client.api.PUT('/v1/alert-rules/{rule}', { params: { path: { rule: body.name } }, body }))
  const params = { path: { namespace, rule: body.name } }
  return client.ask(client.api.PUT('/v1/namespaces/{namespace}/alert-rules/{rule}', { params, body }))
}

function removeCommand(rule: Command, io: Io): void {
  const command = rule
    .command('rm')
    .description('delete an alert rule; what fires is closed, and nobody is told')
    .argument('<name>')
    .option(...OF_CLUSTER)
    .action(async (name: string, { cluster }: OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      if (cluster) await client.ask(client.api.DELETE('/v1/alert-rules/{rule}', { params: { path: { rule: name } } }))
      else {
        const path = { namespace, rule: name }
        await client.ask(client.api.DELETE('/v1/namespaces/{namespace}/alert-rules/{rule}', { params: { path } }))
      }
      output.note(`${name} is deleted`)
    })
  examples(command, 'cronclave alert-rule rm failing')
}

import type { Cluster, ClusterHash } from '@cronclave/openapi'
import type { Command } from 'commander'
import { formatBytes } from '../runtime/bytes.ts'
import { wholeNumber } from './arguments.ts'
import type { Client } from './client.ts'
import { endpointSessions, examples, sessionOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { clusterAt } from './members.ts'
import type { Column } from './output.ts'
import { shortDuration } from './phrases.ts'

interface StatusRow {
  endpoint: string
  /** Absent when it does not answer. */
  cluster?: Cluster
  fault?: string
}

interface HealthRow {
  endpoint: string
  healthy: boolean
  /** How long the answer took. */
  tookMs: number
  reason?: string
}

/** `cronclave endpoint …`: each endpoint that was given, by itself. */
export function endpointCommands(program: Command, io: Io): void {
  const endpoint = program.command('endpoint').description('how the nodes behind the given endpoints are')
  statusCommand(endpoint, io)
  healthCommand(endpoint, io)
  hashCommand(endpoint, io)
}

/** `cronclave compact` */
export function compactCommand(program: Command, io: Io): void {
  const command = program
    .command('compact')
    .description('let every member drop its log now, but for the last entries')
    .option('--keep <number>', 'entries that stay', wholeNumber(0, 1_000_000_000), 10_000)
    .action(async ({ keep }: { keep: number }) => {
      const { client, output } = sessionOf(io, command)
      const { members } = await client.ask(client.api.POST('/v1/cluster/compact', { body: { keep } }))
      const columns: Column<(typeof members)[number]>[] = [
        { head: 'member', of: ({ name }) => name },
        { head: 'first index', of: ({ firstIndex }) => firstIndex },
        { head: 'log', of: ({ logBytes }) => (logBytes === undefined ? undefined : formatBytes(logBytes)) },
        { head: 'problem', of: ({ fault }) => fault },
      ]
      output.list(members, columns, 'There are no members.')
    })
  examples(command, 'cronclave compact', 'cronclave compact --keep 0')
}

function statusCommand(endpoint: Command, io: Io): void {
  const command = endpoint
    .command('status')
    .description('the member behind each endpoint: role, term, index, size of its database')
    .action(async () => {
      const { output, each } = endpointSessions(io, command)
      const rows = await Promise.all(each.map(({ url, client }) => statusOf(url, client)))
      output.list(rows, statusColumns(), 'No endpoint was given.')
      if (rows.every(({ cluster }) => cluster === undefined))
        throw new CommandFault(EXIT.unavailable, 'No endpoint answers.')
    })
  examples(command, 'cronclave endpoint status --endpoint http://10.0.0.1:7420,http://10.0.0.2:7420 -o table')
}

async function statusOf(endpoint: string, client: Client): Promise<StatusRow> {
  try {
    return { endpoint, cluster: await clusterAt(client) }
  } catch (error) {
    return { endpoint, fault: faultText(error) }
  }
}

function statusColumns(): Column<StatusRow>[] {
  const own = ({ cluster }: StatusRow) => cluster?.members.find(({ name }) => name === cluster.node)
  const size = (bytes: number | undefined) => (bytes === undefined ? undefined : formatBytes(bytes))
  return [
    { head: 'endpoint', of: ({ endpoint }) => endpoint },
    { head: 'member', of: ({ cluster }) => cluster?.node },
    { head: 'id', of: (row) => own(row)?.id },
    { head: 'version', of: (row) => own(row)?.status?.version },
    { head: 'database', of: (row) => size(own(row)?.status?.databaseBytes) },
    { head: 'role', of: (row) => own(row)?.role ?? (row.cluster ? undefined : 'unreachable'), state: true },
    { head: 'leader', of: ({ cluster }) => cluster?.leader },
    { head: 'term', of: ({ cluster }) => cluster?.term },
    { head: 'commit', of: ({ cluster }) => cluster?.commit },
    { head: 'applied', of: ({ cluster }) => cluster?.index },
    { head: 'leader changes', of: (row) => own(row)?.status?.leaderChanges },
    { head: 'problems', of: ({ cluster, fault }) => fault ?? cluster?.alarms.map(({ code }) => code).join(', ') },
  ]
}

function healthCommand(endpoint: Command, io: Io): void {
  const command = endpoint
    .command('health')
    .description('whether each endpoint answers and can have changes committed; fails when one cannot')
    .action(async () => {
      const { output, each } = endpointSessions(io, command)
      const rows = await Promise.all(each.map(({ url, client }) => healthOf(url, client, io)))
      output.list(rows, healthColumns(), 'No endpoint was given.')
      if (!rows.every(({ healthy }) => healthy)) throw new CommandFault(EXIT.refused, 'Not every endpoint is healthy.')
    })
  examples(command, 'cronclave endpoint health --endpoint http://10.0.0.1:7420,http://10.0.0.2:7420')
}

async function healthOf(endpoint: string, client: Client, { clock }: Io): Promise<HealthRow> {
  const began = clock.monotonic()
  try {
    const { healthy, alarms } = await client.ask(client.api.GET('/v1/cluster/health'))
    const reason = alarms.map(({ detail }) => detail).join(' ')
    return { endpoint, healthy, tookMs: clock.monotonic() - began, ...(reason === '' ? {} : { reason }) }
  } catch (error) {
    return { endpoint, healthy: false, tookMs: clock.monotonic() - began, reason: faultText(error) }
  }
}

function healthColumns(): Column<HealthRow>[] {
  return [
    { head: 'endpoint', of: ({ endpoint }) => endpoint },
    { head: 'health', of: ({ healthy }) => (healthy ? 'healthy' : 'unhealthy'), state: true },
    { head: 'took', of: ({ tookMs }) => shortDuration(tookMs) },
    { head: 'reason', of: ({ reason }) => reason },
  ]
}

function hashCommand(endpoint: Command, io: Io): void {
  const command = endpoint
    .command('hash')
    .description('hash the whole state of every member at one index; fails when two differ')
    .action(async () => {
      const { client, output } = sessionOf(io, command)
      const hash = await client.ask(client.api.POST('/v1/cluster/hash'))
      if (output.format === 'table') output.list(hash.members, hashColumns(hash), 'There are no members.')
      else output.data(hash)
      if (!hash.equal) throw new CommandFault(EXIT.refused, `The states differ at index ${hash.index}.`)
    })
  examples(command, 'cronclave endpoint hash')
}

function hashColumns({ index }: ClusterHash): Column<ClusterHash['members'][number]>[] {
  return [
    { head: 'member', of: ({ name }) => name },
    { head: 'index', of: () => index },
    { head: 'rows', of: ({ rows }) => rows },
    { head: 'hash', of: ({ hash, fault }) => hash ?? fault },
  ]
}

function faultText(error: unknown): string {
  if (!(error instanceof CommandFault)) throw error
  return [error.message, ...error.details].join(' ')
}

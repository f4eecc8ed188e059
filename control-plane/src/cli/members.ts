import type { Cluster, ClusterMember } from '@cronclave/openapi'
import type { Command } from 'commander'
import { formatBytes } from '../runtime/bytes.ts'
import type { Client } from './client.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column, Output } from './output.ts'
import { ago, shortDuration } from './phrases.ts'

/** `cronclave member …` */
export function memberCommands(program: Command, io: Io): void {
  const member = program.command('member').description('who the cluster is made of')
  listCommand(member, io)
  addCommand(member, io)
  promoteCommand(member, io)
  removeCommand(member, io)
  replaceCommand(member, io)
  updateCommand(member, io)
  transferCommand(member, io)
}

function listCommand(member: Command, io: Io): void {
  const command = member
    .command('list')
    .alias('ls')
    .description('list the members, how each is getting on, and what is wrong')
    .action(async () => {
      const { client, output } = sessionOf(io, command)
      const cluster = await client.ask(client.api.GET('/v1/cluster'))
      if (output.format !== 'table') return output.data(cluster)
      output.list(cluster.members, columns(io.clock.now()), 'There are no members.')
      noteCluster(output, cluster)
    })
  examples(command, 'cronclave member list', 'cronclave member list -o json | jq -r .leader')
}

function columns(now: number): Column<ClusterMember>[] {
  return [
    { head: 'name', of: ({ name }) => name },
    { head: 'id', of: ({ id }) => id },
    { head: 'state', of: ({ state, joinBy }) => (joinBy ? `${state} (token ${ago(joinBy, now)})` : state) },
    { head: 'role', of: ({ role, fault }) => (fault === undefined ? role : 'unreachable'), state: true },
    { head: 'address', of: ({ address }) => address },
    { head: 'term', of: ({ status }) => status?.term },
    { head: 'index', of: ({ status }) => status?.applied },
    { head: 'lag', of: ({ lag }) => lag },
    { head: 'last contact', of: ({ lastContactMs: ms }) => (ms === undefined ? undefined : shortDuration(ms)) },
    { head: 'database', of: ({ status }) => status && formatBytes(status.databaseBytes) },
    { head: 'version', of: ({ status }) => status?.version },
  ]
}

function noteCluster(output: Output, seen: Cluster): void {
  const { cluster, leader, tolerates, clusterVersion, alarms } = seen
  output.note(
    `Cluster ${cluster}, version ${clusterVersion}, ${leader === undefined ? 'without a leader' : `led by ${leader}`}; ${toleration(tolerates)}.`,
  )
  const even = evenVoters(seen)
  if (even !== undefined) output.note(even)
  for (const { code, member, detail } of alarms)
    output.note(`${code}${member === undefined ? '' : ` (${member})`}: ${detail}`)
}

/** How many voters may fail, in words. */
export function toleration(count: number): string {
  if (count < 0) return `${-count} too few voters are there: nothing can be committed`
  return count === 0 ? 'no voter may fail' : `${count} voter${count === 1 ? '' : 's'} may fail`
}

/** What there is to say of an even number of voters; undefined for an odd one. */
export function evenVoters({ members }: { members: readonly Pick<ClusterMember, 'state'>[] }): string | undefined {
  const voters = members.filter(({ state }) => state === 'voter').length
  if (voters % 2 === 1 || voters === 0) return undefined
  return `${voters} voters bear no more failures than ${voters - 1} would: add one more, or remove one.`
}

function addCommand(member: Command, io: Io): void {
  const command = member
    .command('add')
    .description('add a member; prints the token with which its node joins, once')
    .requiredOption('--name <name>', 'what the new member is called')
    .option('--learner', 'it is not to vote until it is promoted by hand')
    .action(async ({ name, learner }: { name: string; learner?: boolean }) => {
      const { client, output } = sessionOf(io, command)
      const body = { name, ...(learner ? { learner } : {}) }
      const made = await client.ask(client.api.POST('/v1/cluster/members', { body }))
      output.one(made, { token: made.token, name: made.member.name, id: made.member.id, expires: made.expiresAt })
      output.note(`Start the new node with it, once, before it expires: cronclave server --join ${made.token}`)
    })
  examples(
    command,
    'cronclave member add --name n4',
    'cronclave member add --name n4 -o json | jq -r .token > n4.join   # then: cronclave server --join-file n4.join',
  )
}

function promoteCommand(member: Command, io: Io): void {
  const command = member
    .command('promote')
    .description('let a learner that has caught up vote')
    .argument('<member>', 'name or id')
    .action(async (name: string) => {
      const { client, output } = sessionOf(io, command)
      const promoted = await client.ask(client.api.POST('/v1/cluster/members/{member}/promote', at(name)))
      show(output, promoted, `${promoted.name} votes from now on`)
    })
  examples(command, 'cronclave member promote n4')
}

function removeCommand(member: Command, io: Io): void {
  const command = member
    .command('remove')
    .alias('rm')
    .description('take a member out of the cluster; its node stops and says why')
    .argument('<member>', 'name or id')
    .action(async (name: string) => {
      const { client, output } = sessionOf(io, command)
      await client.ask(client.api.DELETE('/v1/cluster/members/{member}', at(name)))
      output.note(`${name} is removed`)
    })
  examples(command, 'cronclave member remove n2')
}

function replaceCommand(member: Command, io: Io): void {
  const command = member
    .command('replace')
    .description('let a learner that has caught up take the place of a member, in one change')
    .argument('<member>', 'name or id of the one that goes')
    .argument('<learner>', 'name or id of the one that comes')
    .action(async (name: string, by: string) => {
      const { client, output } = sessionOf(io, command)
      const request = client.api.POST('/v1/cluster/members/{member}/replace', { ...at(name), body: { by } })
      show(output, await client.ask(request), `${by} votes from now on, ${name} is removed`)
    })
  examples(command, 'cronclave member add --name n4 --learner', 'cronclave member replace n2 n4')
}

function updateCommand(member: Command, io: Io): void {
  const command = member
    .command('update')
    .description('change name or address of a member; it keeps its id and its data')
    .argument('<member>', 'name or id')
    .option('--name <name>', 'what it is called from now on')
    .option('--address <host:port>', 'where its peer port is from now on')
    .action(async (name: string, body: { name?: string; address?: string }) => {
      const { client, output } = sessionOf(io, command)
      const changed = await client.ask(client.api.PATCH('/v1/cluster/members/{member}', { ...at(name), body }))
      show(output, changed, `${changed.name} is at ${changed.address || 'no address yet'}`)
    })
  examples(command, 'cronclave member update n2 --address 10.0.0.9:7421', 'cronclave member update n2 --name paris-2')
}

function transferCommand(member: Command, io: Io): void {
  const command = member
    .command('transfer')
    .description('hand leadership to another voter, by default to the one that is furthest')
    .argument('[to]', 'name or id')
    .action(async (to: string | undefined) => {
      const { client, output } = sessionOf(io, command)
      const body = to === undefined ? {} : { to }
      const done = await client.ask(client.api.POST('/v1/cluster/transfer', { body }))
      if (output.format !== 'table') output.data(done)
      else output.note(done.leader === undefined ? 'somebody else leads' : `${done.leader} leads`)
    })
  examples(command, 'cronclave member transfer', 'cronclave member transfer n2')
}

function at(member: string): { params: { path: { member: string } } } {
  return { params: { path: { member } } }
}

function show(output: Output, member: ClusterMember, note: string): void {
  if (output.format !== 'table') output.data(member)
  else output.note(note)
}

/** What one endpoint says of the cluster. */
export function clusterAt(client: Client): Promise<Cluster> {
  return client.ask(client.api.GET('/v1/cluster'))
}

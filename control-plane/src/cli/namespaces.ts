import type { Namespace } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { namespacePauseCommands } from './pauses.ts'

/** `cronclave namespace …` */
export function namespaceCommands(program: Command, io: Io): void {
  const namespace = program
    .command('namespace')
    .description('tenants: each has jobs, services, tokens and slots of its own')
  listCommand(namespace, io)
  createCommand(namespace, io)
  renameCommand(namespace, io)
  namespacePauseCommands(namespace, io)
  removeCommand(namespace, io)
}

function listCommand(parent: Command, io: Io): void {
  const command = parent
    .command('ls')
    .description('list the namespaces that the token may see')
    .option('--limit <number>', 'namespaces shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: PagingOptions) => {
      const { client, output } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces', { params: { query } }))
      output.list(await gather(page, options, output), COLUMNS, 'There are no namespaces.')
    })
  examples(command, 'cronclave namespace ls')
}

const COLUMNS: Column<Namespace>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'slots', of: ({ slots }) => slots },
  { head: 'held', of: ({ held }) => held },
  { head: 'waiting', of: ({ queued }) => queued },
  { head: 'state', of: ({ paused }) => (paused ? 'paused' : 'active'), state: true },
  { head: 'description', of: ({ description }) => description },
]

interface CreateOptions {
  description: string
  slots: number
  queuedRunsMax: number
}

function createCommand(parent: Command, io: Io): void {
  const command = parent
    .command('create')
    .description('create a namespace')
    .argument('<name>')
    .option('--description <text>', 'what it is', '')
    .option('--slots <number>', 'shards that may be placed at once', wholeNumber(1, 1_000_000), 1000)
    .option('--queued-runs-max <number>', 'runs that may wait at once', wholeNumber(0, 1_000_000), 100_000)
    .action(async (name: string, options: CreateOptions) => {
      const { client, output } = sessionOf(io, command)
      const made = client.api.POST('/v1/namespaces', { body: { name, ...options } })
      output.list([await client.ask<Namespace>(made)], COLUMNS, '')
    })
  examples(command, 'cronclave namespace create billing --slots 200')
}

function renameCommand(parent: Command, io: Io): void {
  const command = parent
    .command('rename')
    .description('give a namespace another name; its jobs, runs and tokens go on under it')
    .argument('<name>')
    .argument('<new name>')
    .action(async (name: string, to: string) => {
      const { client, output } = sessionOf(io, command)
      const params = { path: { namespace: name } }
      await client.ask(client.api.POST('/v1/namespaces/{namespace}/rename', { params, body: { name: to } }))
      output.note(`${name} is ${to} now`)
    })
  examples(command, 'cronclave namespace rename billing accounting')
}

function removeCommand(parent: Command, io: Io): void {
  const command = parent
    .command('rm')
    .description('delete an empty namespace, and its tokens')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, output } = sessionOf(io, command)
      await client.ask(client.api.DELETE('/v1/namespaces/{namespace}', { params: { path: { namespace: name } } }))
      output.note(`${name} is deleted`)
    })
  examples(command, 'cronclave namespace rm billing')
}

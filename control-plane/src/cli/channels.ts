import type { AlertMessage, Channel } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { wholeNumber } from './arguments.ts'
import { channelAddCommand } from './channel-add.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import { noneOf, OF_CLUSTER, type OfCluster } from './of-cluster.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { present } from '../runtime/present.ts'

/** `cronclave channel …` */
export function channelCommands(program: Command, io: Io): void {
  const channel = program.command('channel').description('where people are told of alerts: mail, webhooks, chats')
  listCommand(channel, io)
  channelAddCommand(channel, io)
  testCommand(channel, io)
  messagesCommand(channel, io)
  removeCommand(channel, io)
}

function listCommand(channel: Command, io: Io): void {
  const command = channel
    .command('ls')
    .description('list channels, and which of them nothing can be delivered to')
    .option(...OF_CLUSTER)
    .option('--limit <number>', 'channels shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async ({ cluster, ...options }: PagingOptions & OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        cluster
          ? client.ask(client.api.GET('/v1/channels', { params: { query } }))
          : client.ask(
              client.api.GET('/v1/namespaces/{namespace}/channels', { params: { path: { namespace }, query } }),
            )
      const channels = await gather(page, options, output)
      output.list(channels, COLUMNS, noneOf(cluster ? undefined : namespace, 'channels'))
    })
  examples(command, 'cronclave channel ls', 'cronclave channel ls --cluster')
}

const COLUMNS: Column<Channel>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'kind', of: ({ target }) => target.kind },
  { head: 'to', of: ({ target }) => target.to?.join(', ') ?? target.origin },
  { head: 'open', of: ({ open }) => open },
  { head: 'held back', of: ({ heldBack }) => heldBack },
  { head: 'error', of: ({ trouble }) => trouble?.error },
]

function testCommand(channel: Command, io: Io): void {
  const command = channel
    .command('test')
    .description('send a test message; `messages` says what became of it')
    .argument('<name>')
    .option(...OF_CLUSTER)
    .action(async (name: string, { cluster }: OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      const made = cluster
        ? await client.ask(client.api.POST('/v1/channels/{channel}/test', { params: { path: { channel: name } } }))
        : await client.ask(
            client.api.POST('/v1/namespaces/{namespace}/channels/{channel}/test', {
              params: { path: { namespace, channel: name } },
            }),
          )
      if (output.format === 'table') output.note(`Message ${made.id} is on its way to ${name}`)
      else output.data(made)
    })
  examples(command, 'cronclave channel test ops')
}

function messagesCommand(channel: Command, io: Io): void {
  const command = channel
    .command('messages')
    .description('what a channel was told, newest first, and what became of it')
    .argument('<name>')
    .option(...OF_CLUSTER)
    .addOption(new Option('--state <state>', 'only those').choices(['open', 'delivered', 'failed']))
    .option('--limit <number>', 'messages shown at most', wholeNumber(1, 1_000_000), 20)
    .option('--all', 'all of them')
    .action(
      async (
        name: string,
        { cluster, state, ...options }: PagingOptions & OfCluster & { state?: AlertMessage['state'] },
      ) => {
        const { client, output, namespace } = sessionOf(io, command)
        const page = (paging: { limit: number; cursor?: string }) => {
          const query = { ...paging, ...present({ state }) }
          return cluster
            ? client.ask(
                client.api.GET('/v1/channels/{channel}/messages', { params: { path: { channel: name }, query } }),
              )
            : client.ask(
                client.api.GET('/v1/namespaces/{namespace}/channels/{channel}/messages', {
                  params: { path: { namespace, channel: name }, query },
                }),
              )
        }
        output.list(await gather(page, options, output), MESSAGE_COLUMNS, 'It was told nothing.')
      },
    )
  examples(command, 'cronclave channel messages ops', 'cronclave channel messages ops --state failed')
}

export const MESSAGE_COLUMNS: Column<AlertMessage>[] = [
  { head: 'id', of: ({ id }) => id },
  { head: 'at', of: ({ at }) => at },
  { head: 'kind', of: ({ kind }) => kind },
  { head: 'about', of: aboutOf },
  { head: 'state', of: ({ state }) => state, state: true },
  { head: 'tries', of: ({ attempts }) => attempts },
  { head: 'error', of: ({ error }) => error },
]

function aboutOf({ kind, alert, by, firing, resolved }: AlertMessage): string | undefined {
  if (kind === 'test') return `asked for by ${by ?? ''}`
  return kind === 'summary' ? `${firing} began, ${resolved} ended` : alert
}

function removeCommand(channel: Command, io: Io): void {
  const command = channel
    .command('rm')
    .description('delete a channel that no rule names')
    .argument('<name>')
    .option(...OF_CLUSTER)
    .action(async (name: string, { cluster }: OfCluster) => {
      const { client, output, namespace } = sessionOf(io, command)
      if (cluster)
        await client.ask(client.api.DELETE('/v1/channels/{channel}', { params: { path: { channel: name } } }))
      else {
        const path = { namespace, channel: name }
        await client.ask(client.api.DELETE('/v1/namespaces/{namespace}/channels/{channel}', { params: { path } }))
      }
      output.note(`${name} is deleted`)
    })
  examples(command, 'cronclave channel rm ops')
}

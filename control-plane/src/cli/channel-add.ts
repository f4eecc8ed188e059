import type { Channel, ChannelDefinition } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { present } from '../runtime/present.ts'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'
import { OF_CLUSTER, type OfCluster } from './of-cluster.ts'
import { secretText } from './secret-text.ts'

/** Hold what is secret of a channel where no file does. */
const VARIABLES = {
  password: 'CRONCLAVE_CHANNEL_PASSWORD',
  secret: 'CRONCLAVE_CHANNEL_SECRET',
  url: 'CRONCLAVE_CHANNEL_URL',
} as const

const KINDS = ['email', 'webhook', 'slack', 'dingtalk', 'feishu', 'wecom'] as const

interface AddOptions extends OfCluster {
  kind: (typeof KINDS)[number]
  host?: string
  port?: number
  security?: 'starttls' | 'tls' | 'none'
  user?: string
  passwordFile?: string
  from?: string
  to?: string[]
  url?: string
  urlFile?: string
  secretFile?: string
  messagesMax?: number
  window?: string
  title?: string
  body?: string
}

/** `cronclave channel add` */
export function channelAddCommand(channel: Command, io: Io): void {
  const command = channel
    .command('add')
    .description('add a channel, or change what is named of one and leave the rest')
    .argument('<name>')
    .option(...OF_CLUSTER)
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).makeOptionMandatory())
    .option('--host <host>', 'mail server')
    .option('--port <port>', 'its port; 587, or 465 under --security tls', wholeNumber(1, 65_535))
    .addOption(new Option('--security <how>', 'starttls when absent').choices(['starttls', 'tls', 'none']))
    .option('--user <user>', 'user at the mail server')
    .option('--password-file <file>', `file with the password, - is stdin; else ${VARIABLES.password}, else asked for`)
    .option('--from <address>', 'sender')
    .option('--to <addresses>', 'recipients', several)
    .option('--url <url>', 'of a webhook')
    .option('--url-file <file>', `file with the secret URL of a chat, - is stdin; else ${VARIABLES.url}`)
    .option('--secret-file <file>', `file with the secret that signs, - is stdin; else ${VARIABLES.secret}`)
    .option('--messages-max <number>', 'messages within a window; 10 when absent', wholeNumber(1, 1000))
    .option('--window <duration>', '1m when absent')
    .option('--title <words>', 'in place of the title, with placeholders such as {{subject}}; empty for the usual one')
    .option('--body <words>', 'in place of what happened; empty for the usual words')
    .action(async (name: string, { cluster, ...options }: AddOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const { api } = client
      const within = { namespace, channel: name }
      const address = '/v1/namespaces/{namespace}/channels/{channel}' as const
      const reply = cluster
        ? await api.GET('/v1/channels/{channel}', { params: { path: { channel: name } } })
        : await api.GET(address, { params: { path: within } })
      const old = reply.response.status === 404 ? undefined : await client.ask<Channel>(Promise.resolve(reply))
      const body = await definitionOf(io, options, old)
      const header = old ? { 'If-Match': `"${old.version}"` } : { 'If-None-Match': '*' as const }
      const made = cluster
        ? await client.ask(api.PUT('/v1/channels/{channel}', { params: { path: { channel: name }, header }, body }))
        : await client.ask(api.PUT(address, { params: { path: within, header }, body }))
      output.one(made, { channel: made.channel.name, kind: made.channel.target.kind, secret: made.secret })
      if (made.secret !== undefined) output.note('Keep the secret now: it is not shown again.')
    })
  examples(
    command,
    'cronclave channel add ops --kind email --host smtp.example.com --user cronclave --from cronclave@example.com --to ops@example.com,ann@example.com',
    'cronclave channel add hook --kind webhook --url https://hooks.example.com/cronclave',
    'cronclave channel add chat --kind slack --url-file slack.url --cluster',
    'cronclave channel add ops --kind email --to ops@example.com,ann@example.com,bea@example.com',
  )
}

/** What is given, and else what there is; secrets that are not given stay where the server has them. */
async function definitionOf(io: Io, options: AddOptions, old: Channel | undefined): Promise<ChannelDefinition> {
  const { kind, user, messagesMax = old?.messagesMax, window = old?.window } = options
  const question = user === undefined ? {} : { question: `Password of ${user}, empty to keep the one there is: ` }
  const isMail = kind === 'email'
  const secrets = {
    password: isMail
      ? await secretText(io, { file: options.passwordFile, variable: VARIABLES.password, ...question })
      : undefined,
    secret: isMail ? undefined : await secretText(io, { file: options.secretFile, variable: VARIABLES.secret }),
    url: options.url ?? (isMail ? undefined : await secretText(io, { file: options.urlFile, variable: VARIABLES.url })),
  }
  const target = { kind, ...addressOf(options, old), ...present(secrets) }
  const template = templateOf(options, old)
  return { target, ...present({ messagesMax, window, template }) }
}

/** Where it leads to. Of a channel of another kind nothing fits, and each way to encrypt has its own usual port. */
function addressOf({ kind, host, port, security, user, from, to }: AddOptions, old: Channel | undefined) {
  const { origin: _origin, kind: was, port: oldPort, ...kept }: Partial<Channel['target']> = old?.target ?? {}
  const isSameWay = security === undefined || security === kept.security
  return {
    ...(was === kind ? { ...kept, ...(isSameWay ? present({ port: oldPort }) : {}) } : {}),
    ...present({ host, port, security, user, from, to }),
  }
}

function templateOf({ title, body }: AddOptions, old: Channel | undefined): ChannelDefinition['template'] {
  const words = { title: title ?? old?.template?.title, body: body ?? old?.template?.body }
  const template = present({ title: words.title || undefined, body: words.body || undefined })
  return Object.keys(template).length === 0 ? undefined : template
}

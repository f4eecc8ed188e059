import { readFile } from 'node:fs/promises'
import type { Key, KeyMeta, Problem } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf, type Session } from './command.ts'
import { CommandFault, EXIT, faultOf } from './exit.ts'
import type { Io } from './io.ts'
import { shownValue } from './kv-value.ts'
import { kvWatchCommand } from './kv-watch.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'

const INDEX_MAX = 999_999_999_999

/** `cronclave kv …` */
export function kvCommands(program: Command, io: Io): void {
  const kv = program.command('kv').description('read, write and watch keys of the namespace')
  getCommand(kv, io)
  putCommand(kv, io)
  removeCommand(kv, io)
  listCommand(kv, io)
  kvWatchCommand(kv, io)
}

function getCommand(kv: Command, io: Io): void {
  const command = kv
    .command('get')
    .description('print the value of a key, byte for byte')
    .argument('<key>')
    .addOption(consistencyOption())
    .addOption(minIndexOption())
    .action(async (key: string, { consistency, minIndex }: Freshness) => {
      const session = sessionOf(io, command)
      const query = `?consistency=${consistency}${minIndex === undefined ? '' : `&min-index=${minIndex}`}`
      const reply = await send(session, 'GET', key, { query })
      if (session.output.format === 'table') return void io.stdout.write(new Uint8Array(await reply.arrayBuffer()))
      const { headers } = reply
      const number = (name: string) => Number(headers.get(`x-cronclave-${name}`))
      const lease = headers.get('x-cronclave-lease')
      session.output.data({
        key,
        value: Buffer.from(await reply.arrayBuffer()).toString('base64'),
        contentType: headers.get('content-type') ?? '',
        createIndex: number('create-index'),
        modIndex: number('mod-index'),
        version: number('version'),
        ...(lease === null ? {} : { lease }),
      } satisfies Key)
    })
  examples(
    command,
    'cronclave kv get import/cursor --consistency linearizable',
    'cronclave kv get import/cursor -o json | jq .modIndex',
  )
}

interface Freshness {
  consistency: 'local' | 'linearizable'
  minIndex?: number
}

function consistencyOption(): Option {
  return new Option('--consistency <how>', 'what the node that answers knows, or what a majority does')
    .choices(['local', 'linearizable'])
    .default('local')
}

function minIndexOption(): Option {
  const option = new Option('--min-index <index>', 'wait until the node that answers knows this index')
  return option.argParser(wholeNumber(0, INDEX_MAX))
}

interface PutOptions {
  file?: string
  contentType?: string
  lease?: string
  ifIndex?: number
  ifAbsent?: boolean
}

function putCommand(kv: Command, io: Io): void {
  const command = kv
    .command('put')
    .description('store a value: the argument, a file, or else what is piped in')
    .argument('<key>')
    .argument('[value]')
    .option('--file <path>', 'take the value from a file, byte for byte')
    .option('--content-type <type>', 'kept with the value')
    .option('--lease <id>', 'the lease that the key goes with')
    .option('--if-index <index>', 'only if nobody has changed it since this index', wholeNumber(1, INDEX_MAX))
    .option('--if-absent', 'only if there is no such key')
    .action(async (key: string, value: string | undefined, options: PutOptions) => {
      const session = sessionOf(io, command)
      const { file, contentType = 'text/plain; charset=utf-8', lease, ifIndex, ifAbsent } = options
      const body = file === undefined ? (value ?? (await io.stdin())) : await bytesOf(file)
      const headers = {
        'content-type': contentType,
        ...(ifIndex === undefined ? {} : { 'if-match': `"${ifIndex}"` }),
        ...(ifAbsent ? { 'if-none-match': '*' } : {}),
      }
      const query = lease === undefined ? '' : `?lease=${encodeURIComponent(lease)}`
      const reply = await send(session, 'PUT', key, { query, headers, body })
      const meta = (await reply.json()) as KeyMeta
      session.output.one(meta, { key, index: meta.modIndex, version: meta.version, lease: meta.lease })
    })
  examples(
    command,
    'cronclave kv put import/cursor 4711',
    'cronclave kv put import/cursor 4712 --if-index 90',
    'cronclave kv put report/latest --file report.pdf --content-type application/pdf',
  )
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new CommandFault(EXIT.usage, `The value cannot be read: ${(error as Error).message}`)
  }
}

function removeCommand(kv: Command, io: Io): void {
  const command = kv
    .command('del')
    .description('delete keys')
    .argument('<keys...>')
    .option('--if-index <index>', 'only if nobody has changed them since this index', wholeNumber(1, INDEX_MAX))
    .action(async (keys: string[], { ifIndex }: { ifIndex?: number }) => {
      const session = sessionOf(io, command)
      const headers: Record<string, string> = ifIndex === undefined ? {} : { 'if-match': `"${ifIndex}"` }
      for (const key of keys) {
        await send(session, 'DELETE', key, { headers })
        session.output.note(`${key} is deleted`)
      }
    })
  examples(command, 'cronclave kv del import/cursor')
}

function listCommand(kv: Command, io: Io): void {
  const command = kv
    .command('ls')
    .description('list keys in order')
    .argument('[prefix]', 'only keys that begin with it')
    .option('--keys-only', 'leave the values out')
    .option('--limit <number>', 'keys shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .addOption(consistencyOption())
    .addOption(minIndexOption())
    .action(
      async (
        prefix: string | undefined,
        { keysOnly = false, consistency, minIndex, ...paging }: PagingOptions & Freshness & { keysOnly?: boolean },
      ) => {
        const fresh = { consistency, ...(minIndex === undefined ? {} : { 'min-index': minIndex }) }
        const { client, output, namespace } = sessionOf(io, command)
        const page = (query: { limit: number; cursor?: string }) =>
          client.ask(
            client.api.GET('/v1/namespaces/{namespace}/kv', {
              params: {
                path: { namespace },
                query: { ...query, ...fresh, keysOnly, ...(prefix === undefined ? {} : { prefix }) },
              },
            }),
          )
        output.list(await gather(page, paging, output), COLUMNS, 'There are no such keys.')
      },
    )
  examples(command, 'cronclave kv ls', 'cronclave kv ls import/ --all -o json')
}

const COLUMNS: Column<Key>[] = [
  { head: 'key', of: ({ key }) => key },
  { head: 'value', of: ({ value }) => value && shownValue(value) },
  { head: 'version', of: ({ version }) => version },
  { head: 'index', of: ({ modIndex }) => modIndex },
  { head: 'lease', of: ({ lease }) => lease },
]

interface Sent {
  query?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

async function send(
  { client, namespace }: Session,
  method: string,
  key: string,
  { query = '', headers = {}, body }: Sent = {},
): Promise<Response> {
  const path = `/v1/namespaces/${encodeURIComponent(namespace)}/kv/${encodeURIComponent(key)}${query}`
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }
  const reply = await client.fetch(new Request(`http://endpoint${path}`, { method, headers, ...content }))
  if (reply.ok) return reply
  throw faultOf(reply.status, (await reply.json().catch(() => undefined)) as Problem | undefined)
}

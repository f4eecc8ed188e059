import type { Key, LockEvent, Problem } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { visible } from '../runtime/visible.ts'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import { CommandFault, EXIT, faultOf } from './exit.ts'
import type { Io } from './io.ts'
import { shownValue } from './kv-value.ts'
import { serverSentEvents } from './sse.ts'

const SHOWN = new Set(['put', 'delete', 'held', 'free'])

interface WatchOptions {
  of: 'keys' | 'locks' | 'elections'
  fromIndex?: number
}

/** `cronclave kv watch`: a line for every change, until Ctrl-C. With `-o json` a JSON document on each line. */
export function kvWatchCommand(kv: Command, io: Io): void {
  const command = kv
    .command('watch')
    .description('show changes as they happen, until Ctrl-C')
    .argument('[prefix]', 'only keys or names that begin with it')
    .addOption(new Option('--of <what>', 'what to watch').choices(['keys', 'locks', 'elections']).default('keys'))
    .option('--from-index <index>', 'begin with the changes of this index', wholeNumber(1, 999_999_999_999))
    .action(async (prefix: string | undefined, { of, fromIndex }: WatchOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const query = new URLSearchParams({
        of,
        ...(prefix === undefined ? {} : { prefix }),
        ...(fromIndex === undefined ? {} : { fromIndex: String(fromIndex) }),
      })
      const path = `/v1/namespaces/${encodeURIComponent(namespace)}/kv-watch?${query.toString()}`
      const reply = await client.fetch(new Request(`http://endpoint${path}`), { stream: true })
      if (!reply.ok || !reply.body)
        throw faultOf(reply.status, (await reply.json().catch(() => undefined)) as Problem | undefined)
      try {
        for await (const { event, data } of serverSentEvents(reply.body)) {
          if (event === 'dropped')
            throw new CommandFault(EXIT.refused, 'The server closed the stream: this end was too slow.')
          if (!SHOWN.has(event)) continue
          const change = JSON.parse(data) as Key | LockEvent
          output.line(output.format === 'table' ? lineOf(event, change) : JSON.stringify({ event, ...change }))
        }
      } catch (error) {
        if (!io.signal.aborted) throw error
      }
      if (!io.signal.aborted) throw new CommandFault(EXIT.unavailable, 'The server ended the stream.')
    })
  examples(command, 'cronclave kv watch import/', 'cronclave kv watch --of elections -o json')
}

function lineOf(event: string, change: Key | LockEvent): string {
  if ('key' in change) {
    const value = change.value === undefined ? '' : ` ${visible(shownValue(change.value))}`
    return `${change.modIndex} ${event.padEnd(6)} ${visible(change.key)}${value}`
  }
  const { name, index, holder } = change
  const by = holder ? ` by ${visible(holder.value ?? holder.by)}, token ${holder.fencingToken}` : ''
  return `${index} ${event.padEnd(6)} ${visible(name)}${by}`
}

import type { Executor } from '@cronclave/openapi'
import type { Command } from 'commander'
import { pair, wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { ago } from './phrases.ts'

/** `cronclave executor …` */
export function executorCommands(program: Command, io: Io): void {
  const executor = program.command('executor').description('instances of a service that take work')
  listCommand(executor, io)
  putCommand(executor, io)
  for (const [verb, does] of SWITCHES) switchCommand(executor, io, verb, does)
  removeCommand(executor, io)
}

function listCommand(executor: Command, io: Io): void {
  const command = executor
    .command('ls')
    .description('list the executors of a service')
    .argument('<service>')
    .option('--limit <number>', 'executors shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (service: string, options: PagingOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(
          client.api.GET('/v1/namespaces/{namespace}/services/{service}/executors', {
            params: { path: { namespace, service }, query },
          }),
        )
      output.list(await gather(page, options, output), columns(io.clock.now()), `${service} has no executors.`)
    })
  examples(command, 'cronclave executor ls billing')
}

function columns(now: number): Column<Executor>[] {
  return [
    { head: 'id', of: (executor) => executor.id },
    { head: 'status', of: (executor) => executor.status, state: true },
    { head: 'kind', of: (executor) => executor.kind },
    { head: 'url', of: (executor) => executor.url },
    { head: 'weight', of: (executor) => executor.weight },
    { head: 'slots', of: (executor) => (executor.slots === 0 ? 'no limit' : executor.slots) },
    { head: 'held', of: (executor) => executor.held },
    { head: 'in flight', of: ({ heartbeat }) => heartbeat?.inFlight },
    { head: 'heartbeat', of: ({ heartbeat }) => heartbeat && ago(heartbeat.at, now) },
    { head: 'clock', of: ({ heartbeat }) => skewText(heartbeat?.clockSkewMs) },
    { head: 'revision', of: ({ revision }) => revision },
    { head: 'manifest', of: ({ manifest }) => manifest?.status },
    { head: 'failures', of: (executor) => executor.failures },
    {
      head: 'labels',
      of: (executor) =>
        Object.entries(executor.labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
    },
    {
      head: 'breaker',
      of: ({ breaker, openUntil }) => (openUntil ? `${breaker} until ${ago(openUntil, now)}` : breaker),
    },
    { head: 'health', of: ({ health }) => health },
  ]
}

/** How far its clock is ahead of ours, where that is known. */
function skewText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms < 0 ? '−' : '+'}${Math.abs(ms)} ms`
}

interface PutOptions {
  url: string
  weight: number
  slots: number
  label?: Record<string, string>
}

function putCommand(executor: Command, io: Io): void {
  const command = executor
    .command('put')
    .description('add an executor to a service, or change it')
    .argument('<service>')
    .argument('<id>')
    .requiredOption('--url <url>', 'where calls are posted to')
    .option('--weight <number>', 'share of the traffic; 0 takes none', wholeNumber(0, 10_000), 1)
    .option('--slots <number>', 'runs that it takes at once; 0 is no limit', wholeNumber(0, 1_000_000), 0)
    .option('--label <key=value>', 'labels that jobs can ask for; may be given several times', pair)
    .action(async (service: string, id: string, { url, weight, slots, label: labels = {} }: PutOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const reply = client.api.PUT('/v1/namespaces/{namespace}/services/{service}/executors/{executor}', {
        params: { path: { namespace, service, executor: id } },
        body: { url, weight, slots, labels },
      })
      output.list([await client.ask<Executor>(reply)], columns(io.clock.now()), '')
    })
  examples(command, 'cronclave executor put billing billing-1 --url http://10.0.0.7:3000/jobs --weight 2')
}

type Verb = 'online' | 'drain' | 'offline'

const SWITCHES: readonly [Verb, string][] = [
  ['online', 'let an executor take work again'],
  ['drain', 'send an executor nothing new; what runs there goes on'],
  ['offline', 'take an executor out of service'],
]

function switchCommand(executor: Command, io: Io, verb: Verb, does: string): void {
  const command = executor
    .command(verb)
    .description(does)
    .argument('<service>')
    .argument('<id>')
    .action(async (service: string, id: string) => {
      const { client, output, namespace } = sessionOf(io, command)
      const params = { path: { namespace, service, executor: id } }
      const reply = client.api.POST(`/v1/namespaces/{namespace}/services/{service}/executors/{executor}/${verb}`, {
        params,
      })
      output.list([await client.ask<Executor>(reply)], columns(io.clock.now()), '')
    })
  examples(command, `cronclave executor ${verb} billing billing-1`)
}

function removeCommand(executor: Command, io: Io): void {
  const command = executor
    .command('rm')
    .description('remove an executor from a service')
    .argument('<service>')
    .argument('<id>')
    .action(async (service: string, id: string) => {
      const { client, output, namespace } = sessionOf(io, command)
      const params = { path: { namespace, service, executor: id } }
      await client.ask(
        client.api.DELETE('/v1/namespaces/{namespace}/services/{service}/executors/{executor}', { params }),
      )
      output.note(`${id} is removed from ${service}`)
    })
  examples(command, 'cronclave executor rm billing billing-1')
}

import type { Service, ServiceWithSecret } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'
import type { Column, Output } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { putCommand } from './service-put.ts'

/** `cronclave service …` */
export function serviceCommands(program: Command, io: Io): void {
  const service = program.command('service').description('groups of executors, and the secrets that sign calls to them')
  listCommand(service, io)
  createCommand(service, io)
  putCommand(service, io)
  checkCommand(service, io)
  secretCommands(service, io)
  removeCommand(service, io)
}

function listCommand(service: Command, io: Io): void {
  const command = service
    .command('ls')
    .description('list services')
    .option('--limit <number>', 'services shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: PagingOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces/{namespace}/services', { params: { path: { namespace }, query } }))
      output.list(await gather(page, options, output), COLUMNS, 'There are no services.')
    })
  examples(command, 'cronclave service ls')
}

const COLUMNS: Column<Service>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'online', of: ({ executors }) => executors.online },
  { head: 'offline', of: ({ executors }) => executors.offline },
  { head: 'draining', of: ({ executors }) => executors.draining },
  { head: 'suspect', of: ({ executors }) => executors.suspect },
  { head: 'signing', of: ({ signing }) => `${signing.alg ?? signing.scheme}${signing.weak ? ' (weak)' : ''}` },
  { head: 'secrets', of: ({ secrets }) => secrets },
  { head: 'hosts', of: ({ allowedHosts }) => allowedHosts.join(', ') || 'any' },
  { head: 'description', of: ({ description }) => description },
]

function createCommand(service: Command, io: Io): void {
  const command = service
    .command('create')
    .description('create a service; its signing secret is shown once')
    .argument('<name>')
    .option('--description <text>', 'what it is', '')
    .option('--allowed-host <host>', "hosts that executors' URLs may name; any when absent", several)
    .action(async (name: string, options: { description: string; allowedHost?: string[] }) => {
      const { client, output, namespace } = sessionOf(io, command)
      const { description, allowedHost: allowedHosts = [] } = options
      const made = client.api.POST('/v1/namespaces/{namespace}/services', {
        params: { path: { namespace } },
        body: { name, description, allowedHosts },
      })
      show(await client.ask(made), output)
    })
  examples(
    command,
    'cronclave service create billing',
    'cronclave service create billing --allowed-host "*.billing.internal"',
  )
}

interface CheckOptions {
  path?: string
  interval?: string
  timeout?: string
  unhealthyAfter?: number
  healthyAfter?: number
}

function checkCommand(service: Command, io: Io): void {
  const command = service
    .command('health-check')
    .description('have executors asked whether they are well; without --path they are asked no more')
    .argument('<name>')
    .option('--path <path>', "asked with GET at the origin of an executor's URL; any 2xx is well")
    .option('--interval <duration>', 'how often; 10s when absent')
    .option('--timeout <duration>', 'how long an answer may take; 5s when absent')
    .option('--unhealthy-after <number>', 'failures in a row; 3 when absent', wholeNumber(1, 100))
    .option('--healthy-after <number>', 'answers in a row; 2 when absent', wholeNumber(1, 100))
    .action(async (name: string, { path, ...others }: CheckOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const params = { path: { namespace, service: name } }
      const address = '/v1/namespaces/{namespace}/services/{service}' as const
      const { description, allowedHosts, version } = await client.ask<Service>(client.api.GET(address, { params }))
      const body = { description, allowedHosts, ...(path === undefined ? {} : { healthCheck: { path, ...others } }) }
      const header = { 'If-Match': `"${version}"` }
      const made = await client.ask(client.api.PUT(address, { params: { ...params, header }, body }))
      output.one(made, { service: name, ...(made.service.healthCheck ?? { 'health check': 'none' }) })
    })
  examples(command, 'cronclave service health-check billing --path /healthz --interval 10s')
}

function secretCommands(service: Command, io: Io): void {
  const rotate = service
    .command('rotate-secret')
    .description('add a signing secret; calls carry a signature of both until the older one is dropped')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, output, namespace } = sessionOf(io, rotate)
      const params = { path: { namespace, service: name } }
      const reply = client.api.POST('/v1/namespaces/{namespace}/services/{service}/rotate-secret', { params })
      show(await client.ask(reply), output)
    })
  examples(rotate, 'cronclave service rotate-secret billing')
  const drop = service
    .command('drop-secret')
    .description('drop the older of two secrets, once every executor knows the newer')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, output, namespace } = sessionOf(io, drop)
      const params = { path: { namespace, service: name } }
      await client.ask(client.api.POST('/v1/namespaces/{namespace}/services/{service}/drop-secret', { params }))
      output.note(`The older secret of ${name} is dropped`)
    })
  examples(drop, 'cronclave service drop-secret billing')
}

function removeCommand(service: Command, io: Io): void {
  const command = service
    .command('rm')
    .description('delete a service that no job calls')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, output, namespace } = sessionOf(io, command)
      const params = { path: { namespace, service: name } }
      await client.ask(client.api.DELETE('/v1/namespaces/{namespace}/services/{service}', { params }))
      output.note(`${name} is deleted`)
    })
  examples(command, 'cronclave service rm billing')
}

function show(made: ServiceWithSecret, output: Output): void {
  output.one(made, { service: made.service.name, secret: made.secret, 'secrets in force': made.service.secrets })
  if (made.secret !== undefined) output.note('Keep the secret now: it is not shown again.')
}

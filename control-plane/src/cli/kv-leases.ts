import type { Lease } from '@cronclave/openapi'
import type { Command } from 'commander'
import { formatDuration } from '../runtime/duration.ts'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import { keepAlive } from './kv-hold.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { ago } from './phrases.ts'

/** `cronclave lease …` */
export function leaseCommands(program: Command, io: Io): void {
  const lease = program.command('lease').description('what keys and locks are tied to, and end with')
  grantCommand(lease, io)
  keepCommand(lease, io)
  listCommand(lease, io)
  revokeCommand(lease, io)
}

function grantCommand(lease: Command, io: Io): void {
  const command = lease
    .command('grant')
    .description('grant a lease, and print its id')
    .argument('<ttl>', 'how long it lives without a sign of life: 1s to 1d')
    .action(async (ttl: string) => {
      const { client, output, namespace } = sessionOf(io, command)
      const reply = client.api.POST('/v1/namespaces/{namespace}/leases', {
        params: { path: { namespace } },
        body: { ttl },
      })
      const made = await client.ask(reply)
      if (output.format === 'table') output.line(made.id)
      else output.data(made)
    })
  examples(
    command,
    'cronclave lease grant 30s',
    'id=$(cronclave lease grant 30s) && cronclave kv put here $HOSTNAME --lease $id',
  )
}

function keepCommand(lease: Command, io: Io): void {
  const command = lease
    .command('keepalive')
    .description('keep a lease alive until Ctrl-C')
    .argument('<id>')
    .option('--once', 'one sign of life')
    .action(async (id: string, { once = false }: { once?: boolean }) => {
      const session = sessionOf(io, command)
      const { client, namespace, output } = session
      const params = { path: { namespace, lease: id } }
      const { ttlMs } = await client.ask(client.api.GET('/v1/namespaces/{namespace}/leases/{lease}', { params }))
      await client.ask(client.api.POST('/v1/namespaces/{namespace}/leases/{lease}/keepalive', { params }))
      if (once) return output.note(`${id} lives on for ${formatDuration(ttlMs)}`)
      output.note(`${id} is kept alive until Ctrl-C`)
      const kept = keepAlive(session, io, id, ttlMs)
      await new Promise<void>((resolve) => {
        kept.lost.addEventListener('abort', () => resolve(), { once: true })
        io.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      kept.stop()
      if (kept.lost.aborted) throw kept.lost.reason
    })
  examples(command, 'cronclave lease keepalive lse_Zx81kQ0Jm2dF')
}

function listCommand(lease: Command, io: Io): void {
  const command = lease
    .command('ls')
    .description('list leases')
    .option('--limit <number>', 'leases shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: PagingOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/namespaces/{namespace}/leases', { params: { path: { namespace }, query } }))
      output.list(await gather(page, options, output), columns(io.clock.now()), 'There are no leases.')
    })
  examples(command, 'cronclave lease ls')
}

function columns(now: number): Column<Lease>[] {
  return [
    { head: 'id', of: ({ id }) => id },
    { head: 'ttl', of: ({ ttlMs }) => formatDuration(ttlMs) },
    { head: 'granted', of: ({ createdAt, createdBy }) => `${ago(createdAt, now)} to ${createdBy}` },
    { head: 'keys', of: ({ keys }) => keys },
    { head: 'claims', of: ({ claims }) => claims },
  ]
}

function revokeCommand(lease: Command, io: Io): void {
  const command = lease
    .command('revoke')
    .description('end leases; their keys go, their locks are free')
    .argument('<ids...>')
    .action(async (ids: string[]) => {
      const { client, output, namespace } = sessionOf(io, command)
      for (const id of ids) {
        const params = { path: { namespace, lease: id } }
        await client.ask(client.api.DELETE('/v1/namespaces/{namespace}/leases/{lease}', { params }))
        output.note(`${id} has ended`)
      }
    })
  examples(command, 'cronclave lease revoke lse_Zx81kQ0Jm2dF')
}

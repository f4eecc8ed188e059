import type { Token } from '@cronclave/openapi'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { gather, type PagingOptions } from './paging.ts'
import { ago } from './phrases.ts'
import { resetAdminCommand } from './reset-admin.ts'

/** `cronclave token …` */
export function tokenCommands(program: Command, io: Io): void {
  const token = program.command('token').description('create, list and revoke credentials')
  createCommand(token, io)
  listCommand(token, io)
  revokeCommand(token, io)
  resetAdminCommand(token, io)
}

function createCommand(token: Command, io: Io): void {
  const command = token
    .command('create')
    .description('make a token; it is shown once')
    .requiredOption('--name <name>', 'what it is for; stands in createdBy of what it creates')
    .requiredOption('--scope <scope>', 'admin, read, namespace:<ns> or service:<ns>/<service>')
    .option('--expires-in <duration>', 'such as 90d; never when absent')
    .action(async ({ name, scope, expiresIn }: { name: string; scope: string; expiresIn?: string }) => {
      const { client, output } = sessionOf(io, command)
      const body = { name, scope, ...(expiresIn === undefined ? {} : { expiresIn }) }
      const made = await client.ask(client.api.POST('/v1/tokens', { body }))
      output.one(made, {
        token: made.secret,
        id: made.token.id,
        name: made.token.name,
        scope: made.token.scope,
        expires: made.token.expiresAt ?? 'never',
      })
      output.note('Keep the token now: it is not shown again.')
    })
  examples(
    command,
    'cronclave token create --name ci --scope namespace:default --expires-in 90d',
    'cronclave token create --name ci --scope read -o json | jq -r .secret > ci.token',
  )
}

function listCommand(token: Command, io: Io): void {
  const command = token
    .command('ls')
    .description('list tokens, the newest first')
    .option('--limit <number>', 'tokens shown at most', wholeNumber(1, 1_000_000), 50)
    .option('--all', 'all of them')
    .action(async (options: PagingOptions) => {
      const { client, output } = sessionOf(io, command)
      const page = (query: { limit: number; cursor?: string }) =>
        client.ask(client.api.GET('/v1/tokens', { params: { query } }))
      output.list(await gather(page, options, output), columns(io.clock.now()), 'There are no tokens.')
    })
  examples(command, 'cronclave token ls')
}

function columns(now: number): Column<Token>[] {
  return [
    { head: 'id', of: (token) => token.id },
    { head: 'name', of: (token) => token.name },
    { head: 'scope', of: (token) => token.scope },
    { head: 'created', of: (token) => `${ago(token.createdAt, now)} by ${token.createdBy}` },
    { head: 'expires', of: (token) => (token.expiresAt ? ago(token.expiresAt, now) : 'never') },
    { head: 'last used', of: (token) => token.lastUsedAt && ago(token.lastUsedAt, now) },
  ]
}

function revokeCommand(token: Command, io: Io): void {
  const command = token
    .command('revoke')
    .description('revoke tokens at once; their sessions and event streams end')
    .argument('<ids...>', 'ids as token ls shows them, not the tokens themselves')
    .action(async (ids: string[]) => {
      const { client, output } = sessionOf(io, command)
      for (const id of ids) {
        await client.ask(client.api.DELETE('/v1/tokens/{token}', { params: { path: { token: id } } }))
        output.note(`${id} is revoked`)
      }
    })
  examples(command, 'cronclave token revoke tok_Zx81kQ0Jm2dF')
}

import type { SigningKey } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { ago } from './phrases.ts'

type Algorithm = 'EdDSA' | 'ES256'

export const ALGORITHMS: readonly Algorithm[] = ['EdDSA', 'ES256']
/** All keys that a cluster may have fit on a page. */
const PAGE = 100

/** `cronclave signing-key …` */
export function signingKeyCommands(program: Command, io: Io): void {
  const key = program
    .command('signing-key')
    .description('keys of the cluster under which calls of services with tokens are signed')
  listCommand(key, io)
  rotateCommand(key, io)
  activateCommand(key, io)
  retireCommand(key, io)
}

function listCommand(key: Command, io: Io): void {
  const command = key
    .command('ls')
    .description('list keys, the newest first')
    .action(async () => {
      const { client, output } = sessionOf(io, command)
      const { items } = await client.ask(client.api.GET('/v1/signing-keys', { params: { query: { limit: PAGE } } }))
      output.list(
        items,
        columns(io.clock.now()),
        'There are no keys: the first service that is set to jwt has one made.',
      )
    })
  examples(command, 'cronclave signing-key ls')
}

function columns(now: number): Column<SigningKey>[] {
  return [
    { head: 'key', of: ({ id }) => id },
    { head: 'alg', of: ({ alg }) => alg },
    { head: 'state', of: ({ state }) => state },
    { head: 'services', of: ({ services }) => services },
    { head: 'issuer', of: ({ issuer }) => issuer },
    { head: 'created', of: ({ createdAt }) => ago(createdAt, now) },
    { head: 'signs since', of: ({ activatedAt }) => activatedAt && ago(activatedAt, now) },
    { head: 'retired', of: ({ retiredAt }) => retiredAt && ago(retiredAt, now) },
  ]
}

function rotateCommand(key: Command, io: Io): void {
  const command = key
    .command('rotate')
    .description('make the next key; it is published at once, and signs when it is activated')
    .addOption(new Option('--alg <algorithm>', 'of which algorithm').choices(ALGORITHMS).default('EdDSA'))
    .option('--issuer <url>', 'under which address executors know the cluster; that of the key before when absent')
    .action(async ({ alg, issuer }: { alg: Algorithm; issuer?: string }) => {
      const { client, output } = sessionOf(io, command)
      const body = { alg, ...(issuer === undefined ? {} : { issuer }) }
      const made = await client.ask(client.api.POST('/v1/signing-keys', { body }))
      output.one(made, { key: made.id, alg: made.alg, state: made.state, issuer: made.issuer })
      if (made.state === 'next') output.note(`In an hour, let it sign: cronclave signing-key activate ${made.id}`)
    })
  examples(command, 'cronclave signing-key rotate', 'cronclave signing-key rotate --alg ES256')
}

function activateCommand(key: Command, io: Io): void {
  const command = key
    .command('activate')
    .description('sign with a key from now on; the one before stays published')
    .argument('<key>', 'its id, as signing-key ls shows it')
    .option('--force', 'also before it was published for an hour')
    .action(async (id: string, { force = false }: { force?: boolean }) => {
      const { client, output } = sessionOf(io, command)
      const params = { path: { key: id }, query: { force } }
      const made = await client.ask(client.api.POST('/v1/signing-keys/{key}/activate', { params }))
      output.one(made, { key: made.id, alg: made.alg, state: made.state, services: made.services })
    })
  examples(command, 'cronclave signing-key activate 3JEcFNT2mkJJ2yM4yXH8c8FZ0vyc0Y0nYqzKyhmMHjY')
}

function retireCommand(key: Command, io: Io): void {
  const command = key
    .command('retire')
    .description('publish a key no more that has not signed for an hour, or never did')
    .argument('<key>', 'its id, as signing-key ls shows it')
    .option('--force', 'also within that hour: calls under way are refused, which is what a leaked key asks for')
    .action(async (id: string, { force = false }: { force?: boolean }) => {
      const { client, output } = sessionOf(io, command)
      const params = { path: { key: id }, query: { force } }
      await client.ask(client.api.DELETE('/v1/signing-keys/{key}', { params }))
      output.note(`${id} is published no more`)
    })
  examples(command, 'cronclave signing-key retire 3JEcFNT2mkJJ2yM4yXH8c8FZ0vyc0Y0nYqzKyhmMHjY')
}

import type { Service, ServiceWithSecret } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { examples, sessionOf, several } from './command.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { secretText } from './secret-text.ts'
import { ALGORITHMS } from './signing-keys.ts'

const SCHEMES = ['hmac', 'jwt', 'legacy-gojob'] as const
const GOJOB_VARIABLE = 'CRONCLAVE_GOJOB_SECRET'

interface PutOptions {
  description?: string
  allowedHost?: string[]
  signing?: (typeof SCHEMES)[number]
  alg?: (typeof ALGORITHMS)[number]
  secretFile?: string
}

/** `cronclave service put` */
export function putCommand(service: Command, io: Io): void {
  const command = service
    .command('put')
    .description('create a service, or change what is named of one and leave the rest')
    .argument('<name>')
    .option('--description <text>', 'what it is')
    .option('--allowed-host <host>', "hosts that executors' URLs may name", several)
    .addOption(new Option('--signing <scheme>', 'how calls to it are signed').choices(SCHEMES))
    .addOption(new Option('--alg <algorithm>', 'of jwt; EdDSA when absent').choices(ALGORITHMS))
    .option(
      '--secret-file <file>',
      `first line is the secret of legacy-gojob, at least 16 bytes; - is stdin; or ${GOJOB_VARIABLE} in the environment`,
    )
    .action(async (name: string, options: PutOptions) => {
      const { client, output, namespace } = sessionOf(io, command)
      const params = { path: { namespace, service: name } }
      const address = '/v1/namespaces/{namespace}/services/{service}' as const
      const reply = await client.api.GET(address, { params })
      const present = reply.response.status === 404 ? undefined : await client.ask<Service>(Promise.resolve(reply))
      const body = {
        description: options.description ?? present?.description ?? '',
        allowedHosts: options.allowedHost ?? present?.allowedHosts ?? [],
        ...(present?.healthCheck ? { healthCheck: present.healthCheck } : {}),
        ...(await signingOf(io, options)),
      }
      const header = present ? { 'If-Match': `"${present.version}"` } : {}
      show(await client.ask(client.api.PUT(address, { params: { ...params, header }, body })), output)
    })
  examples(
    command,
    'cronclave service put billing --signing jwt',
    'cronclave service put billing --signing jwt --alg ES256',
    'cronclave service put old-executors --signing legacy-gojob --secret-file gojob.secret',
  )
}

async function signingOf(io: Io, { signing: scheme, alg, secretFile: file }: PutOptions) {
  if (scheme === undefined) return {}
  const secret = scheme === 'legacy-gojob' ? await secretText(io, { file, variable: GOJOB_VARIABLE }) : undefined
  return { signing: { scheme, ...(alg === undefined ? {} : { alg }), ...(secret === undefined ? {} : { secret }) } }
}

function show(made: ServiceWithSecret, output: Output): void {
  const { service, secret } = made
  const { scheme, alg, issuer, audience, weak } = service.signing
  output.one(made, { service: service.name, signing: scheme, alg, issuer, audience, secret })
  if (secret !== undefined) output.note('Keep the secret now: it is not shown again.')
  if (weak)
    output.note('Weak: it covers path and time alone. Nothing confidential goes along, and no handler is called.')
}

import { readFileSync } from 'node:fs'
import type { ClientOptions } from './client.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

/** The fetch of a command: with the given CA instead of the public ones, and the given certificate where one is asked for. */
export function fetchOver(io: Io, { ca, cert, key }: ClientOptions): typeof fetch {
  if (ca === undefined && cert === undefined && key === undefined) return io.fetch
  const connect = tlsOptions({ ca, cert, key })
  let loaded: Promise<(input: URL, init: object) => Promise<unknown>> | undefined
  const fetchTls = async (input: URL, init: object) => (await (loaded ??= load(connect)))(input, init)
  return fetchTls as unknown as typeof fetch
}

/** What the options of a command say of TLS, with the files read. */
export function tlsOptions({ ca, cert, key }: Record<'ca' | 'cert' | 'key', string | undefined>): TlsOptions {
  if ((cert === undefined) !== (key === undefined))
    throw new CommandFault(EXIT.usage, '--cert and --key belong together.')
  return { ...file('ca', '--ca', ca), ...file('cert', '--cert', cert), ...file('key', '--key', key) }
}

/** As `tls.connect` takes them. */
export type TlsOptions = Record<string, Buffer>

/** Only commands that need it wait for it. */
async function load(connect: TlsOptions): Promise<(input: URL, init: object) => Promise<unknown>> {
  const { Agent, fetch: fetchBy } = await import('undici')
  const dispatcher = new Agent({ connect })
  return async (input, init) => fetchBy(input, { ...init, dispatcher })
}

function file(name: string, flag: string, path: string | undefined): Record<string, Buffer> {
  if (path === undefined) return {}
  try {
    return { [name]: readFileSync(path) }
  } catch (error) {
    throw new CommandFault(EXIT.usage, `The file of ${flag} cannot be read: ${(error as Error).message}`)
  }
}

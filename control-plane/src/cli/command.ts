import type { Command } from 'commander'
import { Client, type ClientOptions } from './client.ts'
import type { Io } from './io.ts'
import { type Format, Output } from './output.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  endpoint?: string[]
  tokenFile?: string
  ca?: string
  cert?: string
  key?: string
  namespace: string
  output: Format
}

/** What an action gets: the client, the output and where it acts. */
export interface Session {
  client: Client
  output: Output
  namespace: string
}

/** The session that a command's global options describe. */
export function sessionOf(io: Io, command: Command): Session {
  const { namespace, output, ...options } = command.optsWithGlobals<GlobalOptions>()
  return { client: new Client(io, clientOptions(options)), output: new Output(io, output), namespace }
}

/** A client for each endpoint by itself, where the others are not to answer in its place. */
export function endpointSessions(
  io: Io,
  command: Command,
): { output: Output; each: { url: string; client: Client }[] } {
  const { output, ...options } = command.optsWithGlobals<GlobalOptions>()
  const all = new Client(io, clientOptions(options)).endpoints
  const each = all.map((url) => ({ url, client: new Client(io, { ...clientOptions(options), endpoint: [url] }) }))
  return { output: new Output(io, output), each }
}

function clientOptions({ endpoint, tokenFile, ca, cert, key }: Partial<GlobalOptions>): ClientOptions {
  return {
    ...(endpoint ? { endpoint } : {}),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

export function outputOf(io: Io, command: Command): Output {
  return new Output(io, command.optsWithGlobals<GlobalOptions>().output)
}

/** Appends the examples to a command's help. */
export function examples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`)
}

/** Gathers an option that may be given several times, or separated by commas. */
export function several(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(',').filter((part) => part !== '')]
}

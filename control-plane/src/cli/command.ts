import type { Command } from 'commander'
import { Client } from './client.ts'
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
  const { endpoint, tokenFile, ca, cert, key, namespace, output } = command.optsWithGlobals<GlobalOptions>()
  const client = new Client(io, {
    ...(endpoint ? { endpoint } : {}),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  })
  return { client, output: new Output(io, output), namespace }
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

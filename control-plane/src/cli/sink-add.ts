import type { Sink, SinkDefinition, SinkTest } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { SINK_DEFAULTS } from '../logs/sink-definition.ts'
import { wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { present } from '../runtime/present.ts'
import { contentOf, secretText } from './secret-text.ts'
import { showTest } from './sink-trial.ts'

/** Holds the password where no file does. */
const VARIABLE = 'CRONCLAVE_SINK_PASSWORD'

interface AddOptions {
  host: string
  port: number
  user: string
  database: string
  tls: 'verify' | 'off'
  tablePrefix: string
  caFile?: string
  passwordFile?: string
  untested?: boolean
}

/** `cronclave sink add`: a password is read from a file, the environment or the terminal, never from the command line. */
export function addSinkCommand(sink: Command, io: Io): void {
  const command = sink
    .command('add')
    .description('add or change a sink, after trying it; a new one is given all that the ledger has')
    .argument('<name>')
    .requiredOption('--host <host>', 'host name or address')
    .option('--port <port>', 'port', wholeNumber(1, 65_535), SINK_DEFAULTS.port)
    .requiredOption('--user <user>', 'user that may create tables and write')
    .requiredOption('--database <name>', 'database, which has to exist')
    .addOption(new Option('--tls <how>', 'off: in clear').choices(['verify', 'off']).default(SINK_DEFAULTS.tls))
    .option('--ca-file <file>', 'certificates in PEM of those who may have signed that of the server')
    .option('--table-prefix <text>', 'begins the names of all tables', SINK_DEFAULTS.tablePrefix)
    .option('--password-file <file>', `file with the password, - is stdin; else ${VARIABLE}, else it is asked for`)
    .option('--untested', 'do not try it first')
    .action(async (name: string, { passwordFile, caFile, untested = false, ...connection }: AddOptions) => {
      const session = sessionOf(io, command)
      const { client, output } = session
      const params = { path: { sink: name } }
      const question = `Password of ${connection.user} at ${connection.host}, empty to keep the one there is: `
      const password = await secretText(io, { file: passwordFile, variable: VARIABLE, question })
      const ca = caFile === undefined ? undefined : await contentOf(io, caFile)
      const body: SinkDefinition = { ...connection, ...present({ password, ca }) }
      if (!untested) {
        const test = await client.ask<SinkTest>(client.api.POST('/v1/sinks/{sink}/test', { params, body }))
        if (!test.ok) {
          showTest(session, test)
          throw new CommandFault(EXIT.refused, `${name} is not added; --untested adds it all the same.`)
        }
      }
      const made = await client.ask<Sink>(client.api.PUT('/v1/sinks/{sink}', { params, body }))
      if (output.format === 'table')
        output.note(`${name} is there: rows go to ${made.host}:${made.port}/${made.database}`)
      else output.data(made)
    })
  examples(
    command,
    'cronclave sink add archive --host db.internal --user cronclave --database ledger --password-file db.password',
    'CRONCLAVE_SINK_PASSWORD=… cronclave sink add archive --host db.internal --user cronclave --database ledger',
  )
}

import type { Command } from 'commander'
import { examples, outputOf } from './command.ts'
import type { Io } from './io.ts'
import { addSettings, configOf } from './settings-options.ts'

/** `cronclave config`: what is in force and where each value comes from; secrets are not shown. */
export function configCommand(program: Command, io: Io): void {
  const command = addSettings(
    program.command('config').description('show the configuration in force and where each value comes from'),
  ).action((options: Record<string, unknown>) => {
    const { settings } = configOf(options)
    const columns = [
      { head: 'setting', of: (row: (typeof settings)[0]) => row.key },
      { head: 'value', of: (row: (typeof settings)[0]) => row.value },
      { head: 'from', of: (row: (typeof settings)[0]) => row.from },
    ]
    outputOf(io, command).list(settings, columns, '')
  })
  examples(command, 'cronclave config', 'CRONCLAVE_LISTEN_PORT=8080 cronclave config -o json')
}

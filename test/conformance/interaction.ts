import { Malformed } from './arguments.ts'
import { CommandError, type Command } from './command.ts'
import type { Case } from './datadriven.ts'
import { Environment } from './environment.ts'
import { INSPECT_COMMANDS } from './inspect-commands.ts'
import { OWN_COMMANDS } from './own-commands.ts'
import { SETUP_COMMANDS } from './setup-commands.ts'
import { STEP_COMMANDS } from './step-commands.ts'
import { WORK_COMMANDS } from './work-commands.ts'

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...Object.entries(SETUP_COMMANDS),
  ...Object.entries(STEP_COMMANDS),
  ...Object.entries(WORK_COMMANDS),
  ...Object.entries(INSPECT_COMMANDS),
  ...Object.entries(OWN_COMMANDS),
])

/** Runs the commands of one transcript on a cluster of their own. Errors are printed though all else is silent. */
export function interactionInterpreter(): (given: Case) => string {
  const environment = new Environment()
  return (given) => {
    const command = COMMANDS.get(given.command)
    if (command === undefined) throw new Malformed(`unknown command ${given.command}`)
    let error = ''
    try {
      command(environment, given)
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown
      error = thrown.message
    }
    return (environment.output.take() + error).replace(/\n$/, '') || 'ok'
  }
}

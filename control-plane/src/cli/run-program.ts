import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CommandFault, EXIT } from './exit.ts'

/** Exit codes of shells: a program that is not there, and one that a signal ended. */
const NOT_FOUND = 127
const SIGNALLED = 128

/** Runs a program with the streams of this one. The signal ends it with SIGTERM; its exit code is that of a shell. */
export function runProgram(
  [name = '', ...words]: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, words, { stdio: 'inherit', env: { ...process.env, ...env } })
    const end = () => child.kill('SIGTERM')
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new CommandFault(error.code === 'ENOENT' ? NOT_FOUND : EXIT.usage, `${name} cannot be run: ${error.message}`),
      )
    })
    child.on('exit', (code, by) => {
      signal.removeEventListener('abort', end)
      resolve(code ?? SIGNALLED + (by === null ? 0 : constants.signals[by]))
    })
  })
}

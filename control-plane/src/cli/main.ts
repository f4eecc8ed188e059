#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { systemClock } from '../runtime/clock.ts'
import { askSecret } from './ask-secret.ts'
import { EXIT } from './exit.ts'
import { runCommandLine } from './program.ts'
import { runProgram } from './run-program.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
    stop.abort()
  })
}

// A parent that started the server over a channel is told when it is ready, and its end is the server's end.
const tell = process.send?.bind(process)
process.on('disconnect', () => stop.abort())
process.channel?.unref()

// A reader that went away, as in `cronclave run ls | head`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

let endsWithCommand = false

const exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock: systemClock(),
    stdin: () => text(process.stdin),
    ...(process.stdin.isTTY ? { secret: (question) => askSecret(process.stdin, process.stderr, question) } : {}),
    fetch,
    run: runProgram,
    node: () => import('../node.ts'),
    ...(tell ? { ready: (info) => void tell(info) } : {}),
    signal: stop.signal,
    endWithCommand: () => {
      endsWithCommand = true
    },
  },
  version,
)
process.exitCode = exitCode
// What a disk that failed left open cannot be closed, and must not keep the process alive.
if (exitCode === EXIT.storage || endsWithCommand) process.exit()

import type { Clock } from '../runtime/clock.ts'
import type { NodeModule } from './node-port.ts'

/** What the process that started the server is told instead of the lines for people. */
export interface ReadyInfo {
  url: string
  loginLink?: string
  adminToken?: string
  dataFolder: string
}

/** The world as a command sees it, so that tests can hold every end of it. */
export interface Io {
  stdout: { write(text: string | Uint8Array): unknown; isTTY?: boolean; columns?: number }
  stderr: { write(text: string): unknown; isTTY?: boolean }
  env: Record<string, string | undefined>
  clock: Clock
  /** Everything that is piped in. */
  stdin(): Promise<string>
  /** Asks on the terminal for what is not to be seen; absent where there is none. */
  secret?: (question: string) => Promise<string>
  fetch: typeof fetch
  /** The node itself, for the commands that run one. */
  node: () => Promise<NodeModule>
  /** Tells a parent process that started the server that it takes requests; absent when there is none. */
  ready?: (info: ReadyInfo) => void
  /** Runs a program with the streams of this one, and answers its exit code; the signal ends it. */
  run(command: readonly string[], env: Record<string, string>, signal: AbortSignal): Promise<number>
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal
  /** The process ends with the command, whatever code of others that it loaded has left open. */
  endWithCommand?: () => void
}

/** Colours for a stream, or the text as it is where nobody sees colours. https://no-color.org */
export function painter(stream: Io['stdout'], env: Io['env']): (text: string, colour: Colour) => string {
  if (stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return (text) => text
  return (text, colour) => `\u001B[${COLOURS[colour]}m${text}\u001B[39m`
}

const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, grey: 90 } as const
export type Colour = keyof typeof COLOURS

/** The colour in which the state of a run, a job or an executor is shown. */
export function stateColour(state: string): Colour {
  if (['succeeded', 'delivering', 'active', 'online', 'created', 'leader', 'healthy', 'pass'].includes(state))
    return 'green'
  if (
    ['failed', 'failing', 'timed-out', 'lost', 'quarantined', 'offline', 'unreachable', 'unhealthy', 'fail'].includes(
      state,
    )
  )
    return 'red'
  if (['running', 'queued', 'updated'].includes(state)) return 'cyan'
  return ['skipped', 'cancelled', 'paused', 'draining', 'suspect'].includes(state) ? 'yellow' : 'grey'
}

import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogConfig } from '../config.ts'
import type { Clock } from './clock.ts'
import { RotatedFile } from './log-file.ts'
import { textLines } from './log-text.ts'

export type { Logger }

/** Never written, wherever they stand up to two levels deep. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'token',
  'secret',
  'secrets',
  'password',
  'clusterKey',
  'callbackToken',
  'webhook-signature',
  'cronclave-signature',
]

interface Streams {
  stdout: { write(text: string): unknown; isTTY?: boolean }
  stderr: { write(text: string): unknown }
}

export interface Log {
  logger: Logger
  /** Writes what is buffered and closes the file. */
  close(): Promise<void>
}

/** Where log lines go: text for a terminal, JSON elsewhere, or JSON into a rotated file. Secrets are never written. */
export function createLog(config: LogConfig, clock: Clock, io: Streams = process): Log {
  if (config.target === 'file') {
    const file = new RotatedFile(config, clock, (message) => io.stderr.write(`cronclave: ${message}\n`))
    const lines = config.format === 'text' ? textLines(file, { colours: false }) : file
    return { logger: create(config, lines), close: () => file.close() }
  }
  const terminal = io.stdout.isTTY === true && config.format === 'auto'
  const colours = io.stdout.isTTY === true && !process.env['NO_COLOR']
  const lines = terminal || config.format === 'text' ? textLines(io.stdout, { colours }) : io.stdout
  return { logger: create(config, lines), close: async () => {} }
}

function create(config: LogConfig, lines: DestinationStream): Logger {
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
        censor: '(hidden)',
      },
    },
    lines,
  )
}

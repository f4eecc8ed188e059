import type { ExecutorClock } from './clock.ts'
import type { Logger } from './logger.ts'
import { cutText, utf8Length } from './utf8.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A line as it travels to the control plane. */
export interface LogLine {
  /** RFC 3339. */
  at: string
  level: LogLevel
  message: string
}

/** Lines kept of one attempt, the one that tells of lost ones included. */
export const LOG_LINES_MAX = 1000
/** Bytes kept of one attempt: each message as JSON in UTF-8, and 32 for its time and level. */
export const LOG_BYTES_MAX = 64 * 1024
const LINE_BYTES = 32
const CUT_MARK = '… (cut here)'
/** Kept free for the cut mark and the line that counts what was dropped. */
const RESERVE_BYTES = 256

/** What a handler writes lines with. `fields` is appended to the message as JSON. */
export interface RunLogger {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

/** Collects the lines of one attempt within its bounds: later lines are counted, not kept, and the last line says so. */
export class RunLog implements RunLogger {
  readonly #clock: ExecutorClock
  readonly #local: Logger | undefined
  readonly #tags: object
  readonly #lines: LogLine[] = []
  #bytes = 0
  #dropped = 0

  /** Every line goes to `local` as well, whole and with `tags`. */
  constructor(clock: ExecutorClock, local: Logger | undefined, tags: object) {
    this.#clock = clock
    this.#local = local
    this.#tags = tags
  }

  debug(message: string, fields?: object): void {
    this.#write('debug', message, fields)
  }

  info(message: string, fields?: object): void {
    this.#write('info', message, fields)
  }

  warn(message: string, fields?: object): void {
    this.#write('warn', message, fields)
  }

  error(message: string, fields?: object): void {
    this.#write('error', message, fields)
  }

  /** The lines that are kept after the first `count`. */
  after(count: number): LogLine[] {
    return this.#lines.slice(count)
  }

  /** The lines so far; nothing is shared with the log. */
  lines(): LogLine[] {
    if (this.#dropped === 0) return [...this.#lines]
    const message = `${this.#dropped} more lines were dropped: at most ${LOG_LINES_MAX} lines and 64 KiB are kept`
    return [...this.#lines, { at: this.#time(), level: 'warn', message }]
  }

  #write(level: LogLevel, given: unknown, fields: object | undefined): void {
    const message = typeof given === 'string' ? given : jsonText(given)
    this.#local?.[level]({ ...this.#tags, ...fields }, message)
    const room = LOG_BYTES_MAX - RESERVE_BYTES - LINE_BYTES - this.#bytes
    if (this.#lines.length >= LOG_LINES_MAX - 1 || room <= 0) {
      this.#dropped++
      return
    }
    const kept = fit(fields ? `${message} ${jsonText(fields)}` : message, room)
    this.#bytes += LINE_BYTES + jsonLength(kept)
    this.#lines.push({ at: this.#time(), level, message: kept })
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString()
  }
}

/** The message, cut on the boundary of a character to `room` bytes, with a mark when it was. */
function fit(message: string, room: number): string {
  let text = cutText(message, room)
  if (text.length === message.length && jsonLength(text) <= room) return text
  while (text !== '' && jsonLength(text) > room) {
    text = cutText(text, Math.min(text.length - 1, Math.floor((text.length * room) / jsonLength(text))))
  }
  return text + CUT_MARK
}

function jsonLength(text: string): number {
  return utf8Length(JSON.stringify(text))
}

function jsonText(value: unknown): string {
  try {
    if (value instanceof Error) return value.message
    const text: string | undefined = JSON.stringify(value)
    return text ?? typeof value
  } catch {
    return '(not JSON)'
  }
}

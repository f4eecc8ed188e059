import type { LogLine } from './run.ts'

/** Bytes of log lines that are kept of one attempt. */
export const LOGS_BYTES_MAX = 64 * 1024
/** What a line counts for besides its text. */
const LINE_BYTES = 32

/**
 * Lines with further ones behind them, as many of these as there is room for; undefined when there are none at all. `from`:
 * how many came before `more`, where that is known; those that are there already are left out.
 */
export function joinedLines(
  before: LogLine[] | undefined,
  more: readonly LogLine[] | undefined,
  from: number | undefined,
): LogLine[] | undefined {
  if (more === undefined || more.length === 0) return before
  let left = LOGS_BYTES_MAX
  for (const line of before ?? []) left -= lineBytes(line)
  const lines = [...(before ?? [])]
  for (const line of more.slice(Math.max(0, lines.length - (from ?? lines.length)))) {
    left -= lineBytes(line)
    if (left < 0) break
    lines.push(line)
  }
  return lines
}

/** What a line counts for. */
export function lineBytes({ message }: LogLine): number {
  return Buffer.byteLength(message) + LINE_BYTES
}

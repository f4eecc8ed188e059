import type { LogLine } from '../runs/run.ts'
import type { OutputLines } from './output-store.ts'

/**
 * The lines of an attempt, put together of what several nodes received: by the places that the executor named, where what
 * came twice overlaps, or else by time.
 */
export function joinedParts(parts: readonly OutputLines[]): LogLine[] {
  const byTime = [...parts].sort((a, b) => (a.key < b.key ? -1 : 1))
  const placed = byTime.filter(({ from }) => from !== undefined).sort((a, b) => (a.from ?? 0) - (b.from ?? 0))
  const lines: LogLine[] = []
  let next = 0
  for (const { from = 0, lines: more } of placed) {
    lines.push(...more.slice(Math.max(0, next - from)))
    next = Math.max(next, from + more.length)
  }
  return [...lines, ...byTime.flatMap((part) => (part.from === undefined ? part.lines : []))]
}

import { type Sequence, type Sink, SINK_GAPS_MAX, type SinkGap } from '../logs/sink.ts'
import { isBefore, lacks } from './sinks.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** Where the sink stands that is furthest behind; undefined without sinks. Nobody waits for what comes before. */
export function lowestCursor({ sinks }: Pick<State, 'sinks'>): Sequence | undefined {
  let lowest: Sequence | undefined
  for (const { cursor } of sinks.values()) if (!lowest || isBefore(cursor, lowest)) lowest = cursor
  return lowest
}

/**
 * Notes in each sink the rows that leave the ledger before it got them. `asOf`: since when it was decided; what was to go
 * before a sink began is nothing that it misses, nor what it had been given before it was set back.
 */
export function missRows(turn: Turn, asOf: number, gone: readonly Sequence[]): void {
  for (const sink of turn.state.sinks.values()) {
    const { since, reached } = sink
    if (since > asOf && !reached) continue
    const rows = since > asOf && reached ? gone.filter((row) => isBefore(reached, row)) : gone
    const missed = gapOf(rows, sink, turn.at)
    if (!missed) continue
    sink.gaps = withGap(sink.gaps, missed, SINK_GAPS_MAX)
    turn.changes.push({ kind: 'sink', id: sink.uid })
    turn.events.push({ type: 'sink-missed', sink: sink.uid })
  }
}

/** Gaps in order, none touching another, with one more. Beyond `max` of them the two oldest become one. */
export function withGap(gaps: readonly SinkGap[], gap: SinkGap, max: number): SinkGap[] {
  const merged: SinkGap[] = []
  for (const next of [...gaps, gap].sort((a, b) => (isBefore(a.from, b.from) ? -1 : 1))) {
    const last = merged.at(-1)
    if (last && touches(last, next)) merged[merged.length - 1] = joined(last, next)
    else merged.push(next)
  }
  while (merged.length > max) {
    const [first, second] = merged as [SinkGap, SinkGap]
    merged.splice(0, 2, joined(first, second))
  }
  return merged
}

function gapOf(gone: readonly Sequence[], sink: Sink, at: number): SinkGap | undefined {
  let gap: SinkGap | undefined
  for (const row of gone) {
    if (!lacks(sink, row)) continue
    const one = { from: row, to: row, count: 1, at }
    gap = gap ? joined(gap, one) : one
  }
  return gap
}

/** `b` begins within `a`, or right behind it. */
function touches({ to }: SinkGap, { from }: SinkGap): boolean {
  return !isBefore(to, from) || (to[0] === from[0] && to[1] + 1 === from[1])
}

function joined(a: SinkGap, b: SinkGap): SinkGap {
  return {
    from: isBefore(b.from, a.from) ? b.from : a.from,
    to: isBefore(a.to, b.to) ? b.to : a.to,
    count: a.count + b.count,
    at: Math.max(a.at, b.at),
  }
}

import type { Millis } from '../runtime/clock.ts'
import type { Sink } from './sink.ts'

type Part = Pick<Sink, 'gaps' | 'backlog'>

/** How many of all rows a sink will never have: those of its gaps, and what had left the ledger before it began. */
export function neverGiven({ gaps, backlog }: Part): number {
  return lost(gaps) + Math.max(0, backlog.upTo - backlog.rows)
}

/**
 * What a list may lack that this sink tells of, from a fire time on; undefined when it tells of all that any sink has. What
 * it has still to be given does not count: the ledger has that.
 */
export function lackOf(sinks: Iterable<Sink>, sink: Sink, from: Millis = 0): string | undefined {
  // What had left the ledger fired before it did.
  const count = lost(sink.gaps.filter(({ at }) => at >= from))
  if (count > 0) {
    return `sink ${sink.name} was never given ${count} ${count === 1 ? 'row' : 'rows'} of what has left the ledger`
  }
  let better: Sink | undefined
  for (const one of sinks) {
    if (one.cursor[0] > 0 && neverGiven(one) < neverGiven(better ?? sink)) better = one
  }
  if (!better) return undefined
  return `sink ${better.name}, which was given more than ${sink.name}, ${better.paused ? 'is paused' : 'does not answer'}`
}

function lost(gaps: Sink['gaps']): number {
  return gaps.reduce((sum, { count }) => sum + count, 0)
}

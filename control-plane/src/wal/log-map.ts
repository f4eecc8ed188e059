import { Places } from './places.ts'
import type { Segment, SegmentHead } from './segment.ts'
import { Terms } from './terms.ts'

/** What is where in the log: its segments, oldest first, and the terms of its entries. The last segment is written on. */
export class LogMap {
  readonly segments: Segment[] = []
  /** Segments that a snapshot made void and that are not gone yet, oldest first. */
  readonly voided: Segment[] = []
  readonly terms = new Terms()

  get firstIndex(): number {
    return this.segments[0]?.firstIndex ?? this.lastIndex + 1
  }

  get lastIndex(): number {
    return this.segments.at(-1)?.lastIndex ?? 0
  }

  get bytes(): number {
    return [...this.voided, ...this.segments].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** First index of the newest segments that have at least so many bytes; of the oldest when all have fewer. */
  indexOfLast(bytes: number): number {
    let sum = 0
    const segment = this.segments.findLast((each) => (sum += each.bytes) >= bytes)
    return segment?.firstIndex ?? this.firstIndex
  }

  /** The log goes on in a new segment, at whose head the records begin. */
  begin(head: SegmentHead, end: number): Segment {
    const { firstIndex, previousTerm } = head
    if (head.voids) this.voided.push(...this.segments.splice(0))
    if (this.segments.length === 0) this.terms.restart(firstIndex - 1, previousTerm)
    // In the oldest segment that is left all of its own entries may be void, and what was before them is gone.
    else if (firstIndex <= this.firstIndex) this.#restart(firstIndex, previousTerm)
    else this.truncate(firstIndex)
    const segment = segmentOf(head, end)
    this.segments.push(segment)
    return segment
  }

  /** There is a segment that a later one voids. */
  skip(head: SegmentHead): void {
    this.voided.push(segmentOf(head, 0))
  }

  /** Entries from `from` on are void. */
  truncate(from: number): void {
    if (from > this.lastIndex) return
    this.terms.truncate(from)
    for (const segment of this.segments) cut(segment, from)
  }

  /** A record was written to the last segment. */
  add(index: number, terms: readonly { term: number }[], from: number, count: number, bytes: number): void {
    const segment = this.segments.at(-1)!
    if (count > 0) this.truncate(index)
    for (let i = 0; i < count; i++) this.terms.push(index + i, terms[from + i]!.term)
    segment.places.note(index, count, segment.end, segment.end + bytes)
    segment.end += bytes
    segment.lastIndex += count
  }

  /** Takes away the oldest segment when it is void, or when no entry of it is at or after `index`; never the last one. */
  drop(index: number): Segment | undefined {
    if (this.voided.length > 0) return this.voided.shift()
    const next = this.segments[1]
    if (next === undefined || next.firstIndex > index) return undefined
    this.terms.compact(next.firstIndex)
    return this.segments.shift()
  }

  #restart(firstIndex: number, previousTerm: number): void {
    for (const segment of this.segments) cut(segment, firstIndex)
    this.terms.restart(firstIndex - 1, previousTerm)
  }
}

function cut(segment: Segment, from: number): void {
  if (segment.lastIndex < from) return
  segment.places.truncate(from)
  segment.lastIndex = from - 1
  segment.firstIndex = Math.min(segment.firstIndex, from)
}

function segmentOf({ sequence, firstIndex, mark, bytes }: SegmentHead, end: number): Segment {
  return { sequence, firstIndex, lastIndex: firstIndex - 1, mark, end, bytes, places: new Places() }
}

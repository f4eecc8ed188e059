import type { Sink as SinkView } from '@cronclave/openapi'
import type { Sequence, Sink } from '../logs/sink.ts'
import type { SinkFigures } from '../logs/sinks-port.ts'
import { timeText } from './times.ts'

/** A sink as everybody may see it who may read: without its password. */
export function sinkView(sink: Sink, figures: SinkFigures | undefined): SinkView {
  const { connection, password, trouble, lastTrouble } = sink
  return {
    name: sink.name,
    ...connection,
    hasPassword: password !== undefined,
    origin: sink.fromFile ? 'file' : 'api',
    state: sink.paused ? 'paused' : trouble ? 'failing' : 'delivering',
    ...(trouble ? { trouble: { since: timeText(trouble.since), error: trouble.error } } : {}),
    ...(lastTrouble ? { lastTrouble: lastTroubleOf(lastTrouble) } : {}),
    cursor: place(sink.cursor),
    rows: sink.rows,
    ...(sink.resend ? { resending: place(sink.resend.to) } : {}),
    gaps: sink.gaps.map(({ from, to, count, at }) => ({ from: place(from), to: place(to), count, at: timeText(at) })),
    gapRows: sink.gaps.reduce((sum, { count }) => sum + count, 0),
    ...(figures ? { delivery: deliveryOf(figures) } : {}),
    version: sink.version,
    createdAt: timeText(sink.createdAt),
    updatedAt: timeText(sink.updatedAt),
    createdBy: sink.createdBy,
  }
}

function lastTroubleOf({
  since,
  until,
  error,
}: NonNullable<Sink['lastTrouble']>): NonNullable<SinkView['lastTrouble']> {
  return { since: timeText(since), until: timeText(until), error }
}

function deliveryOf({ place: _place, ...delivery }: SinkFigures): NonNullable<SinkView['delivery']> {
  return delivery
}

export function place([index, ordinal]: Sequence): { index: number; ordinal: number } {
  return { index, ordinal }
}

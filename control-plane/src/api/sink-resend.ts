import type { SinkResendReport } from '@cronclave/openapi'
import type { ResendPlan, ResendRange } from '../logs/sinks-port.ts'
import { Problem } from '../problems.ts'
import { present } from '../runtime/present.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { sinkAt } from './lookup.ts'
import { ifVersion, submit } from './outcome.ts'
import { place } from './sink-view.ts'
import { instantOf, optionalInstant } from './times.ts'

/** Rows that a database lost are delivered to it again. */
export function sinkResendHandlers(context: ApiContext): Pick<Handlers, 'resendRows'> {
  const { state, clock, sinks } = context
  return {
    async resendRows({ path, header, body }) {
      const sink = sinkAt(state(), path.sink)
      const range = rangeOf(body)
      const plan = await sinks.planResend(sink, range)
      const { preview = false } = body
      if (!preview && plan.rows > 0) {
        // What was counted is about the sink as it was then.
        const condition = { ifVersion: ifVersion(header).ifVersion ?? sink.version }
        const { from, to } = plan
        await submit(context, { kind: 'sink-resend', at: clock.now(), sink: sink.uid, from, to, ...condition })
      }
      return { status: 200, body: reportOf(plan, preview) }
    },
  }
}

function rangeOf({ from, fromSequence, to }: Call<'resendRows'>['body']): ResendRange {
  if ((from === undefined) === (fromSequence === undefined)) {
    const detail = from === undefined ? 'it or fromSequence is needed' : 'from is given already'
    throw new Problem('invalid-request', undefined, [
      { pointer: from === undefined ? '/from' : '/fromSequence', detail },
    ])
  }
  const range = present({
    from: optionalInstant(from, '/from'),
    fromSequence: fromSequence && ([fromSequence.index, fromSequence.ordinal] as const),
    to: to === undefined ? undefined : instantOf(to, '/to'),
  })
  if (range.from !== undefined && range.to !== undefined && range.to <= range.from) {
    throw new Problem('invalid-request', undefined, [{ pointer: '/to', detail: 'is not behind from' }])
  }
  return range
}

function reportOf({ from, to, rows, more, gaps }: ResendPlan, preview: boolean): SinkResendReport {
  return {
    preview,
    rows,
    more,
    ...(rows > 0 ? { after: place(from.cursor), upTo: place(to.cursor) } : {}),
    gaps: gaps.map(({ after, before, count }) => ({ after: place(after), before: place(before), count })),
    gapRows: gaps.reduce((sum, { count }) => sum + count, 0),
  }
}

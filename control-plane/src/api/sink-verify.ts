import type { SinkProgress, SinkReport } from '@cronclave/openapi'
import { SinkFault } from '../logs/sink-fault.ts'
import type { VerifyReport, VerifyStep } from '../logs/sinks-port.ts'
import { Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { sinkAt } from './lookup.ts'
import { place } from './sink-view.ts'
import { type EventStreams, message, type StreamSource } from './streams.ts'
import { timeText } from './times.ts'

/** Least time between two words on how far it is, in milliseconds. */
const PROGRESS_MS = 1000

/** Compares a sink with the ledger, and says meanwhile how far that is. */
export function sinkVerifyHandlers(context: ApiContext, streams: EventStreams): Pick<Handlers, 'verifySink'> {
  let isBusy = false
  return {
    verifySink(call) {
      const sink = sinkAt(context.state(), call.path.sink)
      if (isBusy) throw new Problem('too-many-streams', 'this node compares a sink already')
      const stop = new AbortController()
      const source = () => {
        isBusy = true
        const steps = context.sinks.verify(sink, stop.signal)
        return sourceOf(context, steps, stop, () => {
          isBusy = false
        })
      }
      return { status: 200, response: streams.reply(call, source) }
    },
  }
}

/** A stream that runs the comparison as it is read, and ends with it. */
function sourceOf(
  { clock, logger }: Pick<ApiContext, 'clock' | 'logger'>,
  steps: AsyncIterable<VerifyStep>,
  stop: AbortController,
  onEnd: () => void,
): StreamSource {
  let pending = ''
  let over = false
  let saidAt = Number.NEGATIVE_INFINITY
  let wake: () => void = () => undefined
  const say = (text: string) => {
    pending += text
    wake()
  }
  const note = (step: VerifyStep) => {
    if ('report' in step) return say(message('report', undefined, reportView(step.report)))
    if (clock.monotonic() - saidAt < PROGRESS_MS) return
    saidAt = clock.monotonic()
    say(message('progress', undefined, step.progress satisfies SinkProgress))
  }
  const run = async () => {
    try {
      for await (const step of steps) note(step)
    } catch (error) {
      if (stop.signal.aborted) return
      if (!(error instanceof SinkFault) && !(error instanceof Problem)) {
        logger.error({ error: String(error) }, 'a sink could not be compared')
      }
      const detail = error instanceof Error ? error.message : 'it could not be compared'
      say(message('failed', undefined, { detail }))
    } finally {
      over = true
      onEnd()
      wake()
    }
  }
  void run()
  return {
    opening: '',
    beat: () => ':\n\n',
    async next() {
      if (pending === '' && !over) await new Promise<void>((resolve) => (wake = resolve))
      const text = pending
      pending = ''
      if (text === '') return over ? 'over' : 'woken'
      return { text }
    },
    wake: () => wake(),
    close: () => stop.abort(),
  }
}

function reportView(report: VerifyReport): SinkReport {
  const { differences, upTo, ...rest } = report
  return {
    ...rest,
    upTo: place(upTo),
    differences: differences.map(({ hour, ...difference }) => ({ hour: timeText(hour), ...difference })),
  }
}

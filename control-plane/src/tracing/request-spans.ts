import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Outcome } from '../cluster/consensus.ts'
import type { Command, CommandOf } from '../state/commands.ts'
import { jobAttributes } from './attributes.ts'
import { carried, contextOf } from './context.ts'
import type { TracingDeps } from './tracing.ts'

/** Asks for runs, with a span until the run is made: within the caller's trace, if the caller sent one along. */
export function requesting(deps: TracingDeps, submit: (command: Command) => Promise<Outcome>) {
  return (command: Command): Promise<Outcome> =>
    command.kind === 'run-request' || command.kind === 'run-rerun' ? request(deps, command, submit) : submit(command)
}

async function request(
  { tracer, clock, state }: TracingDeps,
  command: CommandOf<'run-request' | 'run-rerun'>,
  submit: (command: Command) => Promise<Outcome>,
): Promise<Outcome> {
  const job = state().jobs.get(command.job)
  const attributes = {
    ...(job ? jobAttributes(state(), job) : {}),
    'cronclave.run.cause': command.kind === 'run-rerun' ? 'rerun' : command.cause,
  }
  const options = { kind: SpanKind.PRODUCER, startTime: clock.now(), attributes }
  const span = tracer.startSpan('fire', options, command.trace ? contextOf(command.trace) : context.active())
  const trace = carried(span) ?? command.trace
  try {
    const outcome = await submit(trace === undefined ? command : { ...command, trace })
    if (outcome.kind === 'rejected') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.rejection.code })
    else if (outcome.value?.run !== undefined) span.setAttribute('cronclave.run.id', outcome.value.run)
    return outcome
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end(clock.now())
  }
}

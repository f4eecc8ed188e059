import { randomBytes } from 'node:crypto'
import type { Call, Subject } from './caller.ts'

/** Handlers that an executor registers to be checked. */
export const ECHO = 'conformance.echo'
export const WAIT = 'conformance.wait'

/** Longest time in which a handler has to end, in milliseconds: nothing that is checked takes longer. */
const BUDGET_MS = 30_000

/** Ids of a run and its first attempt. */
export function newRun(): { runId: string; attemptId: string } {
  const runId = `cf${randomBytes(8).toString('hex')}`
  return { runId, attemptId: `${runId}-0-1` }
}

/** A dispatch to one of the kit's handlers; `data` overrides what it says. */
export function dispatch(subject: Subject, handler: string, data: Record<string, unknown> = {}): Call {
  const now = subject.clock.now()
  const said = {
    cluster: 'conformance',
    ...addressOf(subject),
    job: 'conformance',
    handler,
    ...newRun(),
    supersedes: [],
    attempt: 1,
    maxAttempts: 1,
    trigger: 'manual',
    fireTime: iso(now),
    deadline: iso(now + BUDGET_MS),
    shard: { index: 0, total: 1 },
    params: {},
    fencingToken: '18446744073709551615',
    ...data,
  }
  return { id: said.attemptId, body: text('run.dispatch', said, now) }
}

/** Any other message. */
export function message(subject: Subject, type: string, data: Record<string, unknown> = {}): Call {
  const { runId: id } = newRun()
  return { id, body: text(type, { cluster: 'conformance', ...addressOf(subject), ...data }, subject.clock.now()) }
}

/** A body that is no message. */
export function raw(body: Buffer): Call {
  return { id: newRun().runId, body }
}

function addressOf({ namespace, service, executor }: Subject): Record<string, string> {
  return { namespace, service, executor }
}

function text(type: string, data: object, now: number): Buffer {
  return Buffer.from(JSON.stringify({ type, timestamp: iso(now), data }))
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

import type { LedgerCount } from '../jobs/job.ts'
import { isFailure } from '../jobs/retention.ts'
import type { Sequence } from '../logs/sink.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf, JobTrim } from './commands.ts'
import { forgetFormerJobs } from './former-jobs.ts'
import { countOf } from './ledger-count.ts'
import { missRows } from './sink-gaps.ts'
import { noteDelivered } from './sinks.ts'
import type { State } from './state.ts'
import type { Answer, Turn } from './turn.ts'

/**
 * Removes rows of the ledger, a run with everything that belongs to it. Open runs have none. The row that an open child
 * reads its parent's result from stays; so do the rows of a job of which others removed some meanwhile, because those
 * named here may have been among them.
 */
export function trimLedger(turn: Turn, command: CommandOf<'ledger-trim'>): Answer {
  noteDelivered(turn, command.delivered ?? [])
  const needed = neededParents(turn.state)
  const before = turn.changes.length
  const trimmed = { runs: 0, spared: 0 }
  for (const part of command.jobs) {
    const gone = trimJob(turn, part, command.asOf, needed)
    trimmed.runs += gone
    trimmed.spared += part.runs.length - gone
  }
  for (const { run, sequence } of command.late ?? []) {
    turn.changes.push({ kind: 'late-result-gone', gone: { run, sequence } })
  }
  for (const { hour, owner } of command.counters ?? []) {
    turn.changes.push({ kind: 'counters-gone', gone: { hour, owner } })
  }
  noteRows(turn, command.asOf, before)
  removeOutbox(turn, command.outbox ?? [])
  forgetFormerJobs(turn, command.formerJobs ?? [])
  for (const row of command.days ?? []) turn.changes.push({ kind: 'day', row })
  for (const gone of command.daysGone ?? []) turn.changes.push({ kind: 'day-gone', gone })
  if (command.countedTo !== undefined) noteCounted(turn, command.countedTo)
  return { trimmed }
}

/** Counts what has gone, and notes it in the sinks that still waited for it. */
function noteRows(turn: Turn, asOf: number, from: number): void {
  const gone: Sequence[] = []
  for (const change of turn.changes.slice(from)) {
    if (change.kind === 'run-gone') {
      const { attempts, waiting = [], sequence } = change.gone
      turn.state.ledgerGone += 1 + attempts.reduce((sum, count) => sum + count, 0)
      for (let at = 0; at + 1 < waiting.length; at += 2) gone.push([waiting[at] as number, waiting[at + 1] as number])
      gone.push(sequence)
    } else if (change.kind === 'stretch-gone' || change.kind === 'late-result-gone') {
      turn.state.ledgerGone += 1
      gone.push(change.gone.sequence)
    }
  }
  missRows(turn, asOf, gone)
}

/** Rows that have gone are nothing that a sink could still be given, also one that is far behind: it may be for years. */
function removeOutbox({ changes }: Turn, indexes: readonly number[]): void {
  for (const index of indexes) changes.push({ kind: 'outbox-gone', gone: { index } })
}

function noteCounted({ state, changes }: Turn, to: Millis): void {
  state.countedTo = Math.max(state.countedTo, to)
  changes.push({ kind: 'meta', id: 'counted' })
}

/** Runs whose result an open run may still be given. */
export function neededParents({ runs }: Pick<State, 'runs'>): Set<string> {
  const needed = new Set<string>()
  for (const { parent } of runs.values()) if (parent) needed.add(parent.run)
  return needed
}

function trimJob(turn: Turn, part: JobTrim, asOf: number, needed: ReadonlySet<string>): number {
  // Of a job that has gone nothing is counted: what is removed twice is removed.
  const job = turn.state.jobs.get(part.job)
  const count = job && countOf(job.progress)
  if (count && count.trimmed > asOf) return 0
  let gone = 0
  let upTo = -1
  for (const run of part.runs) {
    if (needed.has(run.id)) continue
    gone += 1
    upTo = Math.max(upTo, run.fireTime)
    if (count) {
      count.runs = Math.max(0, count.runs - 1)
      if (isFailure(run.state)) count.failed = Math.max(0, count.failed - 1)
    }
    turn.changes.push({ kind: 'run-gone', gone: { ...run, job: part.job, namespace: part.namespace } })
  }
  for (const stretch of part.stretches) {
    if (count) count.stretches = Math.max(0, count.stretches - 1)
    turn.changes.push({ kind: 'stretch-gone', gone: { ...stretch, job: part.job } })
  }
  if (gone > 0) noteGone(turn, part.namespace, count, upTo)
  if (job && count) {
    count.trimmed = turn.index
    turn.changes.push({ kind: 'progress', id: job.uid })
  }
  return gone
}

/** From where on a list has all its rows: who asks for older ones may find them in a sink. */
function noteGone({ state, changes }: Turn, uid: number, count: LedgerCount | undefined, upTo: Millis): void {
  if (count && upTo > (count.goneUpTo ?? -1)) count.goneUpTo = upTo
  const namespace = state.namespaces.get(uid)
  if (!namespace || upTo <= (namespace.goneUpTo ?? -1)) return
  namespace.goneUpTo = upTo
  changes.push({ kind: 'namespace', id: uid })
}

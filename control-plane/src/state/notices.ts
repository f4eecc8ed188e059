import type { Job } from '../jobs/job.ts'
import { type Notice, notifyReasonOf } from '../runs/notice.ts'
import type { EndedRun, SkipReason } from '../runs/run.ts'
import type { CommandOf } from './commands.ts'
import type { State } from './state.ts'
import type { Answer, Turn } from './turn.ts'

/** Notices of a namespace that are kept, those that have ended included; the oldest give way. */
export const NOTICES_MAX = 10_000
/** How long a notice that has ended is kept, in milliseconds. */
const KEPT_MS = 24 * 3_600_000
/** Notices that are forgotten when one is made, at most. */
const FORGOTTEN_MAX = 8

type What = Pick<Notice, 'reason' | 'run' | 'from' | 'to' | 'count' | 'stretch'>

/** Whether the service of a job wants to know of a reason. */
export function wantsNotice({ spec }: Job, reason: SkipReason): boolean {
  return spec.notify.length > 0 && spec.target.service !== undefined && spec.notify.includes(notifyReasonOf(reason))
}

/** Makes a notice, if the job asks for one of this reason. */
export function makeNotice(turn: Turn, job: Job, what: What): void {
  const { service } = job.spec.target
  if (service === undefined || !wantsNotice(job, what.reason)) return
  const { state, changes, events, at } = turn
  state.noticeSerial += 1
  const id = state.noticeSerial
  const { uid, name, namespace } = job
  const notice: Notice = {
    id,
    job: uid,
    jobName: name,
    namespace,
    service,
    ...what,
    at,
    state: 'open',
    attempts: 0,
    nextAt: at,
  }
  forgetOld(turn, namespace)
  keepNotice(state, notice)
  changes.push({ kind: 'notice', id })
  events.push({ type: 'notice-due', notice: id })
}

/** Of a run that ended without having started. */
export function noticeOfRun(turn: Turn, job: Job, row: EndedRun): void {
  const reason = row.state === 'skipped' ? row.reason : notStarted(row)
  if (reason === undefined) return
  makeNotice(turn, job, { reason, run: row.id, from: row.fireTime, to: row.fireTime, count: 1 })
}

/** Under `whenFull: fail` such a run ends at once. */
function notStarted({ state, startedAt, error }: EndedRun): 'no-slot' | 'no-executor' | undefined {
  if (state !== 'failed' || startedAt !== undefined) return undefined
  return error?.code === 'no-slot' || error?.code === 'no-executor' ? error.code : undefined
}

/** What came of sending notices: taken, to be sent again, or given up. */
export function noteSent(turn: Turn, command: CommandOf<'notices-sent'>): Answer {
  for (const { notice: id, error, nextAt } of command.results) {
    const notice = turn.state.notices.get(id)
    if (notice?.state !== 'open') continue
    notice.attempts += 1
    if (error !== undefined) notice.error = error
    if (error !== undefined && nextAt !== undefined) notice.nextAt = nextAt
    else {
      notice.state = error === undefined ? 'delivered' : 'failed'
      notice.endedAt = turn.at
      delete notice.nextAt
      if (error === undefined) delete notice.error
    }
    turn.changes.push({ kind: 'notice', id })
    turn.events.push({ type: 'notice-due', notice: id })
  }
  return {}
}

/** Adds a notice to the state, also as one of its namespace's. */
export function keepNotice(state: Pick<State, 'notices' | 'noticesOf'>, notice: Notice): void {
  const { id, namespace } = notice
  state.notices.set(id, notice)
  const ids = state.noticesOf.get(namespace)
  if (ids) ids.add(id)
  else state.noticesOf.set(namespace, new Set([id]))
}

/** Of a namespace that is deleted. */
export function forgetNotices({ state, changes }: Turn, namespace: number): void {
  for (const id of state.noticesOf.get(namespace) ?? []) {
    state.notices.delete(id)
    changes.push({ kind: 'notice', id })
  }
  state.noticesOf.delete(namespace)
}

/** The oldest of a namespace first: those that ended long ago, and any when there are too many. */
function forgetOld({ state, changes, at }: Turn, namespace: number): void {
  const ids = state.noticesOf.get(namespace) ?? new Set<number>()
  let left = FORGOTTEN_MAX
  for (const id of ids) {
    const endedAt = state.notices.get(id)?.endedAt
    const isOld = endedAt !== undefined && endedAt + KEPT_MS <= at
    if (left-- === 0 || (!isOld && ids.size < NOTICES_MAX)) return
    state.notices.delete(id)
    ids.delete(id)
    changes.push({ kind: 'notice', id })
  }
}

import type { Attempt, Run } from '@cronclave/openapi'
import { formatDuration } from '../ui/format.ts'
import { causeWords, reasonWords } from './run-words.ts'

/** Lanes and steps that are shown at most. */
export const LANES_MAX = 24
export const STEPS_MAX = 200

/** A stretch of time in which one thing was the case. */
export interface Segment {
  kind: 'queued' | 'attempt' | 'wait'
  from: number
  to: number
  /** Of an attempt its outcome, or its state; of a wait what it was for. */
  state: string
  words: string
  /** Within an attempt: when the first byte was sent, and when it was accepted. */
  sentAt?: number
  acceptedAt?: number
}

/** One part of a run; a run that was not split has one. */
export interface Lane {
  shard: number
  segments: Segment[]
}

export interface Timeline {
  from: number
  to: number
  lanes: Lane[]
  /** Lanes that are not shown. */
  more: number
}

/** What happened to a run, as stretches of time in a lane for each of its parts. `now` ends what is still open. */
export function timelineOf(run: Run, attempts: readonly Attempt[], now: number): Timeline {
  const from = Date.parse(run.createdAt)
  const to = Math.max(run.endedAt === undefined ? now : Date.parse(run.endedAt), from)
  const byShard = new Map<number, Attempt[]>()
  for (const attempt of attempts) {
    const those = byShard.get(attempt.shard)
    if (those) those.push(attempt)
    else byShard.set(attempt.shard, [attempt])
  }
  if (byShard.size === 0) byShard.set(0, [])
  const lanes = [...byShard]
    .sort(([a], [b]) => a - b)
    .map(([shard, those]) => ({ shard, segments: segmentsOf(those, from, to, run.endedAt === undefined) }))
  return { from, to, lanes: lanes.slice(0, LANES_MAX), more: Math.max(0, lanes.length - LANES_MAX) }
}

function segmentsOf(attempts: readonly Attempt[], from: number, to: number, open: boolean): Segment[] {
  const segments: Segment[] = []
  let at = from
  let before: Attempt | undefined
  for (const attempt of [...attempts].sort((a, b) => a.ordinal - b.ordinal)) {
    const started = Math.max(at, Date.parse(attempt.startedAt))
    if (started > at) segments.push(gap(before, at, started))
    at = Math.max(started, attempt.endedAt === undefined ? to : Date.parse(attempt.endedAt))
    segments.push(attemptSegment(attempt, started, at))
    before = attempt
  }
  const goesOn = before === undefined || (before.endedAt !== undefined && before.next !== 'done')
  if (at < to && goesOn && (open || before === undefined)) segments.push(gap(before, at, to))
  return segments
}

const WAITS: Record<NonNullable<Attempt['next']>, string> = {
  done: 'Over',
  retry: 'Waits for its retry',
  failover: 'Moves to another executor',
  redispatch: 'Is asked again',
  queued: 'Back in the queue',
}

function gap(before: Attempt | undefined, from: number, to: number): Segment {
  if (before === undefined) return { kind: 'queued', from, to, state: 'queued', words: 'In the queue' }
  return { kind: 'wait', from, to, state: 'waiting', words: WAITS[before.next ?? 'queued'] }
}

function attemptSegment(attempt: Attempt, from: number, to: number): Segment {
  const { sentAt, acceptedAt } = attempt
  return {
    kind: 'attempt',
    from,
    to,
    state: attempt.outcome ?? attempt.state,
    words: `Attempt ${attempt.ordinal}${attempt.executor === '-' ? '' : ` on ${attempt.executor}`}`,
    ...(sentAt === undefined ? {} : { sentAt: Date.parse(sentAt) }),
    ...(acceptedAt === undefined ? {} : { acceptedAt: Date.parse(acceptedAt) }),
  }
}

/** One thing that was decided or heard of. */
export interface Step {
  at: number
  shard?: number
  /** A state to show, where there is one. */
  state?: string
  words: string
  detail?: string
  /** Log index of the entry that decided it. */
  index?: number
}

/** The steps of a run, oldest first, `STEPS_MAX` at most: the first ones, and its end. */
export function stepsOf(run: Run, attempts: readonly Attempt[]): { steps: Step[]; more: number } {
  const split = run.shardCounts !== undefined
  const steps = [madeStep(run), ...attempts.flatMap((attempt) => attemptSteps(attempt, split))]
  const sorted = steps.map((step, i) => ({ step, i })).sort((a, b) => a.step.at - b.step.at || a.i - b.i)
  const shown = sorted.slice(0, STEPS_MAX).map(({ step }) => step)
  const end = endStep(run)
  return { steps: end === undefined ? shown : [...shown, end], more: Math.max(0, sorted.length - STEPS_MAX) }
}

function madeStep(run: Run): Step {
  const lateMs = Date.parse(run.createdAt) - Date.parse(run.dueTime)
  const by = run.requestedBy === undefined ? '' : `, asked for by ${run.requestedBy}`
  const late = lateMs > 0 ? `, ${formatDuration(lateMs)} after it was due` : ''
  const detail = `${causeWords(run.cause)}${by}${late}`
  return { at: Date.parse(run.createdAt), words: 'The run was made', detail }
}

function attemptSteps(attempt: Attempt, split: boolean): Step[] {
  const part = split ? { shard: attempt.shard } : {}
  const where = attempt.executor === '-' ? 'to its own URL' : `on ${attempt.executor}`
  const steps: Step[] = [
    {
      at: Date.parse(attempt.startedAt),
      ...part,
      words: `Attempt ${attempt.ordinal} was placed ${where}`,
      detail: `by node ${attempt.node}, fencing token ${attempt.fencingToken}`,
    },
  ]
  if (attempt.sentAt !== undefined) {
    steps.push({ at: Date.parse(attempt.sentAt), ...part, words: 'The request was sent' })
  }
  if (attempt.acceptedAt !== undefined) {
    const at = Date.parse(attempt.acceptedAt)
    steps.push({ at, ...part, state: 'accepted', words: 'The executor accepted it, to report later' })
  }
  if (attempt.endedAt !== undefined) steps.push(endOfAttempt(attempt, part))
  for (const late of attempt.late ?? []) {
    steps.push({
      at: Date.parse(late.at),
      ...part,
      words: `A result came late: ${late.outcome}`,
      detail: 'It changes nothing.',
    })
  }
  return steps
}

function endOfAttempt(attempt: Attempt, part: { shard?: number }): Step {
  const status = attempt.status === undefined ? [] : [`HTTP ${attempt.status}`]
  const error = attempt.error === undefined ? [] : [attempt.error.message]
  const then = attempt.next === undefined || attempt.next === 'done' ? [] : [WAITS[attempt.next].toLowerCase()]
  const detail = [...status, ...error, ...then].join('; ')
  return {
    at: Date.parse(attempt.endedAt ?? attempt.startedAt),
    ...part,
    state: attempt.outcome ?? 'ended',
    words: `Attempt ${attempt.ordinal} ended`,
    ...(detail === '' ? {} : { detail }),
    ...(attempt.endIndex === undefined ? {} : { index: attempt.endIndex }),
  }
}

function endStep(run: Run): Step | undefined {
  if (run.endedAt === undefined) return undefined
  const detail = run.reason === undefined ? run.error?.message : reasonWords(run.reason)
  return {
    at: Date.parse(run.endedAt),
    state: run.state,
    words: 'The run ended',
    ...(detail === undefined ? {} : { detail }),
    ...(run.endIndex === undefined ? {} : { index: run.endIndex }),
  }
}

const NICE_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5]

/** Where the axis is marked: offsets from the beginning, about `count` of them. */
export function ticksOf(lengthMs: number, count: number): number[] {
  const step = NICE_MS.find((ms) => lengthMs / ms <= count) ?? Math.ceil(lengthMs / count / 36e5) * 36e5
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, i) => i * step)
}

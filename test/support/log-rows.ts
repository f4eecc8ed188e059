import type { LogRow } from '../../control-plane/src/logs/row.ts'
import type { EndedAttempt, EndedRun, LateResult, StretchRow } from '../../control-plane/src/runs/run.ts'

export type RowOf<K extends LogRow['kind']> = Extract<LogRow, { kind: K }>

/** 2026-11-21 10:00 in UTC. */
export const TEN = Date.UTC(2026, 10, 21, 10)
const NAMES = { namespaceName: 'default', jobName: 'nightly' }
const JOB = 7
const NAMESPACE = 1

/** A finished run at a place of the log, like most; `more` says what is different. */
export function runRow(index: number, more: Partial<EndedRun> = {}): RowOf<'run'> {
  const at = TEN + index * 10
  const row: EndedRun = {
    id: runId(index),
    job: JOB,
    jobName: NAMES.jobName,
    namespace: NAMESPACE,
    cause: 'schedule',
    state: 'succeeded',
    fireTime: at,
    dueTime: at,
    createdAt: at + 1,
    startedAt: at + 2,
    endedAt: at + 40,
    jobVersion: 3,
    params: { region: 'eu', size: index },
    schedules: ['s1'],
    attempts: 1,
    executor: 'worker-1',
    result: { ok: true },
    sequence: [index, 1],
    ...more,
  }
  return { kind: 'run', namespaceName: NAMES.namespaceName, row }
}

/** The attempt of that run. */
export function attemptRow(index: number, more: Partial<EndedAttempt> = {}): RowOf<'attempt'> {
  const at = TEN + index * 10
  const row: EndedAttempt = {
    id: `${runId(index)}-0-1`,
    run: runId(index),
    shard: 0,
    ordinal: 1,
    fencingToken: index,
    executor: 'worker-1',
    node: 'n1',
    startedAt: at + 2,
    sentAt: at + 3,
    endedAt: at + 40,
    outcome: 'succeeded',
    status: 200,
    next: 'done',
    sequence: [index, 0],
    ...more,
  }
  return { kind: 'attempt', ...NAMES, job: JOB, namespace: NAMESPACE, row }
}

export function stretchRow(index: number, more: Partial<StretchRow> = {}): RowOf<'stretch'> {
  const row: StretchRow = {
    id: `stretch-${index}`,
    job: JOB,
    namespace: NAMESPACE,
    reason: 'paused',
    from: TEN,
    to: TEN + 5000,
    count: 5,
    entries: [index, index],
    sequence: [index, 2],
    ...more,
  }
  return { kind: 'stretch', ...NAMES, row }
}

export function lateResultRow(index: number, more: Partial<LateResult> = {}): RowOf<'late-result'> {
  const row: LateResult = {
    attempt: `${runId(index)}-0-1`,
    run: runId(index),
    job: JOB,
    namespace: NAMESPACE,
    outcome: 'failed',
    at: TEN + 60_000,
    result: [1, 2],
    error: { code: 'handler-failed', message: 'too late', name: 'Error' },
    sequence: [index, 3],
    ...more,
  }
  return { kind: 'late-result', ...NAMES, row }
}

export function runId(index: number): string {
  return `7-${index.toString(36).padStart(10, '0')}`
}

import type { LedgerCount } from '../jobs/job.ts'
import { isFailure, keepsFailures, maxAgeOf, type Retention } from '../jobs/retention.ts'
import { ENDED_STATES, type EndedRun, type EndedRunState, type StretchRow } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { present } from '../runtime/present.ts'
import type { JobTrim, TrimmedRun } from '../state/commands.ts'
import type { Sequence } from '../logs/sink.ts'
import { between, jobRunsPrefix, stretchesPrefix, under } from './keys.ts'
import { merged } from './ledger-merge.ts'
import type { Store } from './store.ts'

/** Runs that one entry removes at most … */
export const STEP_RUNS_MAX = 128
/** … and keys, unless one run alone has more: it goes whole. */
export const STEP_KEYS_MAX = 1000
/** Stretches that one entry removes at most. */
const STEP_STRETCHES_MAX = 256
/** Rows that a step looks at, at most, to find some that are due. */
const LOOKED_MAX = 1000

export interface DueQuery {
  job: number
  namespace: number
  rule: Retention
  now: Millis
  /** Rows of the job in the ledger; of a job that has gone only age counts. */
  count?: LedgerCount | undefined
  /** Whether the row is still read for something that is open. */
  isNeeded(run: string): boolean
  /** Whether a sink is waited for that does not have a row yet: then it goes by its age alone. */
  isAwaited(sequence: Sequence): boolean
  /** The applied index. */
  index(): number
}

/** Some rows of a job, and the applied index before they were read; often none are due. */
export interface DueRows {
  asOf: number
  part: JobTrim
}

/**
 * The finished runs of a job whose time is over, oldest first, a step at a time: those that ended too long ago, and those
 * beyond the newest `maxRuns`. Each step reads anew, after where the one before ended.
 */
export async function* dueRuns(store: Pick<Store, 'range'>, query: DueQuery): AsyncGenerator<DueRows> {
  const { job, namespace } = query
  const excess = excessOf(query)
  for (let after: string | undefined; ; ) {
    const asOf = query.index()
    const step = await readStep(store, query, excess, after)
    yield { asOf, part: { job, namespace, runs: step.runs, stretches: [] } }
    if (step.last === undefined) return
    after = step.last
  }
}

/** The same for stretches, which are kept as long as runs that did not fail, and are as many at most. */
export async function* dueStretches(store: Pick<Store, 'range'>, query: DueQuery): AsyncGenerator<DueRows> {
  const { job, namespace, rule, now, count } = query
  let excess = count ? count.stretches - rule.maxRuns : 0
  for (let gte = under(stretchesPrefix(job)).gte; ; ) {
    const asOf = query.index()
    const part: JobTrim = { job, namespace, runs: [], stretches: [] }
    let last: string | undefined
    for await (const [key, row] of store.range<StretchRow>({
      ...under(stretchesPrefix(job)),
      gte,
      limit: STEP_STRETCHES_MAX,
    })) {
      if (row.to >= now - rule.maxAgeMs && (excess <= 0 || query.isAwaited(row.sequence))) break
      excess -= 1
      part.stretches.push({ from: row.from, sequence: row.sequence })
      last = key
    }
    yield { asOf, part }
    if (last === undefined || part.stretches.length < STEP_STRETCHES_MAX) return
    gte = last
  }
}

/** Whether a job has more rows in the ledger than it may keep. */
export function isOver(query: DueQuery): boolean {
  const { runs, failed } = excessOf(query)
  return runs + failed > 0 || (query.count?.stretches ?? 0) > query.rule.maxRuns
}

/** What names a run's rows. */
export function trimmedRun(row: EndedRun): TrimmedRun {
  const { id, state, fireTime, sequence, parent, rerunOf, backfill } = row
  const origin = present({ parent, rerunOf, backfill })
  return { id, state, fireTime, sequence, ...origin, attempts: attemptsOf(row) }
}

/** Attempts that a run made, for each of its shards. */
function attemptsOf({ attempts, shardEnds, endsApart }: EndedRun): number[] {
  if (endsApart) return endsApart.attempts
  if (!shardEnds) return attempts === 0 ? [] : [attempts]
  const counts: number[] = []
  for (const shard of shardEnds) counts[shard.index] = shard.attempts
  return Array.from(counts, (count) => count ?? 0)
}

/** Rows beyond `maxRuns`: of all, or of failures and others apart. */
interface Excess {
  runs: number
  failed: number
}

function excessOf({ count, rule }: DueQuery): Excess {
  if (!count) return { runs: 0, failed: 0 }
  const apart = keepsFailures(rule) ? count.failed : 0
  return { runs: Math.max(0, count.runs - apart - rule.maxRuns), failed: Math.max(0, apart - rule.maxRuns) }
}

interface RunStep {
  runs: TrimmedRun[]
  /** Where the next step goes on; absent when nothing more is due. */
  last?: string
}

async function readStep(
  store: Pick<Store, 'range'>,
  query: DueQuery,
  excess: Excess,
  after: string | undefined,
): Promise<RunStep> {
  const { rule, now, isNeeded, isAwaited } = query
  const step: RunStep = { runs: [] }
  let [keys, looked] = [0, 0]
  for await (const { state, place, value: row } of merged<EndedRun>(store, rangesOf(query, excess), false, after)) {
    const which = classOf(state, rule)
    if (excess[which] > 0 && isAwaited(row.sequence)) {
      // What comes behind it is as a rule younger still: it is looked at again once the sinks are further.
      excess.runs = 0
      excess.failed = 0
    }
    const tooMany = excess[which] > 0
    if (tooMany) excess[which] -= 1
    else if (!isOld(row.fireTime, state, rule, now) && excess.runs + excess.failed === 0) return step
    if ((tooMany || isOld(row.endedAt, state, rule, now)) && !isNeeded(row.id)) {
      step.runs.push(trimmedRun(row))
      keys += row.attempts + 3
    }
    if (step.runs.length < STEP_RUNS_MAX && keys < STEP_KEYS_MAX && ++looked < LOOKED_MAX) continue
    step.last = place
    return step
  }
  return step
}

/** Ordered by fire time: what fired after a run would have to end to be too old cannot be too old. */
function rangesOf({ job, rule, now }: DueQuery, excess: Excess) {
  return ENDED_STATES.map((state) => {
    const prefix = jobRunsPrefix(job, state)
    const to = excess[classOf(state, rule)] > 0 ? undefined : now - maxAgeOf(state, rule)
    return { state, prefix, ...between(prefix, undefined, to) }
  })
}

function classOf(state: EndedRunState, rule: Retention): keyof Excess {
  return keepsFailures(rule) && isFailure(state) ? 'failed' : 'runs'
}

function isOld(at: Millis, state: EndedRunState, rule: Retention, now: Millis): boolean {
  return at < now - maxAgeOf(state, rule)
}

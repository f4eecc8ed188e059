import type { Job } from '../jobs/job.ts'
import { Problem } from '../problems.ts'
import type { EndedRun, EndedShard } from '../runs/run.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import type { RunRerun } from '../state/commands.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'
import { refuseUnfitRun } from './params-fit.ts'
import { chosenExecutor, idempotencyOf, madeBefore, paramsOver, replayed, traceOf } from './run-requests.ts'
import { findRun } from './runs.ts'

export function rerunHandlers(context: ApiContext): Pick<Handlers, 'rerunRun'> {
  const { state, clock, ledger } = context

  return {
    async rerunRun({ path, header, body, principal, request }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const repeatable = idempotencyOf(header['Idempotency-Key'], principal, 'rerunRun', path.run, body)
      const before = madeBefore(context, uid, repeatable)
      if (before !== undefined) return replayed(await findRun(context, path.namespace, before))
      if (state().runs.get(path.run)?.namespace === uid)
        throw new Problem('run-open', `run ${path.run} has not ended: cancel it, or wait`)
      const row = await ledger.run(path.run)
      if (!row || row.namespace !== uid) throw new Problem('run-not-found', `there is no run ${path.run}`)
      const job = state().jobs.get(row.job)
      if (!job) throw new Problem('job-not-found', `job ${row.jobName} of run ${row.id} has gone`)
      const over = paramsOver(row.params, body?.params)
      const params = { ...row.params, ...over }
      if (over) refuseUnfitRun(state(), job, row.params, over)
      const made = await submit(context, {
        kind: 'run-rerun',
        at: clock.now(),
        job: job.uid,
        original: {
          id: row.id,
          fireTime: row.fireTime,
          schedules: row.schedules,
          ...(row.parent === undefined ? {} : { parent: row.parent }),
        },
        params,
        ...partsOf(job, row, body?.only ?? 'all'),
        ...chosenExecutor(state(), job, body?.executor),
        by: principal.name,
        ...traceOf(request),
        ...repeatable,
      })
      const run = await findRun(context, path.namespace, made.run ?? '')
      if (made.replayed) return replayed(run)
      return { status: 201, body: run, headers: { location: `/v1/namespaces/${path.namespace}/runs/${run.id}` } }
    },
  }
}

/** The parts that are done again, as they were; none for a run that is done whole. */
function partsOf(job: Job, row: EndedRun, only: 'all' | 'failed'): Pick<RunRerun, 'shards'> {
  const ends = row.shardEnds
  const chosen = only === 'all' ? ends : failedOf(row)
  // A broadcast of everything is for everybody who is there by now.
  const anew = !chosen || !splitsRuns(job.spec) || (only === 'all' && chosen.every(({ items }) => items === undefined))
  return anew ? {} : { shards: chosen.map((end) => partOf(end, ends?.length ?? 0)) }
}

function failedOf({ id, state, shardEnds }: EndedRun): EndedShard[] | undefined {
  const failed = shardEnds?.filter(({ outcome }) => outcome !== 'succeeded' && outcome !== 'skipped')
  const none = failed ? failed.length === 0 : state === 'succeeded' || state === 'skipped'
  if (none) throw new Problem('nothing-failed', `run ${id} ended ${state}: nothing of it failed`)
  return failed
}

/** A part as it was, down to the place that its executor is told: handlers may divide work by it. */
function partOf({ index, items, was, executor }: EndedShard, total: number) {
  const place = { was: was ?? { index, total } }
  if (items !== undefined) return { items, ...place }
  return executor === undefined ? place : { bound: executor, ...place }
}

import type { Run } from '@cronclave/openapi'
import { Problem } from '../problems.ts'
import type { EndedRun, OpenRun } from '../runs/run.ts'
import type { State } from '../state/state.ts'
import { attemptPage } from './attempt-list.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { linksOf } from './lineage.ts'
import { linesPage } from './log-lines.ts'
import { namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'
import { runAnywhere } from './run-history.ts'
import { listRuns } from './run-list.ts'
import { runView } from './run-view.ts'
import { shardPage } from './shard-list.ts'

type Operations = 'listRuns' | 'getRun' | 'listShards' | 'listAttempts' | 'listLogLines' | 'cancelRun'

export function runHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context
  const anywhere = (path: { namespace: string; run: string }) => runAnywhere(context, path.namespace, path.run)

  return {
    async listRuns({ path, query }) {
      return { status: 200, body: await listRuns(context, namespaceNamed(state(), path.namespace), query) }
    },

    async getRun({ path }) {
      const { run, source } = await anywhere(path)
      const names = { namespace: path.namespace, job: jobNameOf(state(), run) }
      return { status: 200, body: { ...runView(run, names), ...(await linksOf(context, run)), source } }
    },

    async listShards({ path, query }) {
      return { status: 200, body: shardPage((await anywhere(path)).run, query) }
    },

    async listAttempts({ path, query }) {
      const { run, source, rows } = await anywhere(path)
      return { status: 200, body: { ...(await attemptPage(rows, run, query)), source } }
    },

    async listLogLines({ path, query }) {
      const { run, rows } = await anywhere(path)
      return { status: 200, body: await linesPage({ ledger: rows, output: context.output }, run, query) }
    },

    async cancelRun({ path, principal }) {
      const run = await findRow(context, path.namespace, path.run)
      if (!('shards' in run)) throw new Problem('run-ended', `run ${run.id} has ended ${run.state}`)
      await submit(context, { kind: 'run-cancel', at: clock.now(), run: run.id, by: principal.name })
      return { status: 200, body: await findRun(context, path.namespace, run.id) }
    },
  }
}

/** The run of this id with everything that is known of it, or a Problem. */
export async function findRun(context: ApiContext, namespace: string, id: string): Promise<Run> {
  const run = await findRow(context, namespace, id)
  return runView(run, { namespace, job: jobNameOf(context.state(), run) })
}

/** Name of the job of a run, also after the job is gone. */
export function jobNameOf(state: State, run: OpenRun | EndedRun): string {
  return 'jobName' in run ? run.jobName : (state.jobs.get(run.job)?.name ?? '')
}

async function findRow(context: ApiContext, namespace: string, id: string): Promise<OpenRun | EndedRun> {
  const { uid } = namespaceNamed(context.state(), namespace)
  const run = context.state().runs.get(id) ?? (await context.ledger.run(id))
  if (!run || run.namespace !== uid) throw new Problem('run-not-found', `there is no run ${id}`)
  return run
}

import type { Run, RunLink } from '@cronclave/openapi'
import { childRunId } from '../runs/ids.ts'
import type { EndedRun, OpenRun } from '../runs/run.ts'
import { findJob } from '../state/jobs.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import { timeText } from './times.ts'

/** Runs of a kind that one run names, at most. */
const LINKS_MAX = 100

/** What came of a finished run: the children that its end started, and the runs that do it again. Open runs have none. */
export async function linksOf(context: ApiContext, run: OpenRun | EndedRun): Promise<Pick<Run, 'children' | 'reruns'>> {
  if (!('endedAt' in run)) return {}
  const state = context.state()
  // Looked up first: what ends while the ledger is read is in one of the two.
  const open = { children: openChildren(state, run), reruns: openReruns(state, run) }
  const [children, reruns] = await Promise.all([endedOf(context, run, 'parent'), endedOf(context, run, 'rerunOf')])
  const links = {
    children: linksTo(state, [...open.children, ...children]),
    reruns: linksTo(state, [...open.reruns, ...reruns]).slice(-LINKS_MAX),
  }
  return {
    ...(links.children.length === 0 ? {} : { children: links.children }),
    ...(links.reruns.length === 0 ? {} : { reruns: links.reruns }),
  }
}

async function endedOf({ ledger }: ApiContext, { id, namespace }: EndedRun, of: 'parent' | 'rerunOf') {
  const { rows } = await ledger.runs({ namespace, origin: { of, id }, newestFirst: true, limit: LINKS_MAX })
  return rows
}

/** Found by their ids, under the children that the job has now. */
function openChildren(state: State, { id, job, namespace }: EndedRun): OpenRun[] {
  return (state.jobs.get(job)?.spec.children ?? []).flatMap((child) => {
    const uid = findJob(state, namespace, child.job)?.uid
    return (uid !== undefined && state.runs.get(childRunId(id, uid, child.on))) || []
  })
}

function openReruns(state: State, { id, job }: EndedRun): OpenRun[] {
  const open = state.jobs.get(job)?.openRuns ?? []
  return open.flatMap((run) => {
    const found = state.runs.get(run)
    return found?.rerunOf === id ? found : []
  })
}

/** Oldest first. A run that ended while the ledger was read is named once, as ended. */
function linksTo(state: State, runs: (OpenRun | EndedRun)[]): RunLink[] {
  const unique = new Map(runs.map((run) => [run.id, run]))
  return [...unique.values()]
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    .map((run) => ({
      id: run.id,
      job: 'jobName' in run ? run.jobName : (state.jobs.get(run.job)?.name ?? ''),
      state: run.state,
      createdAt: timeText(run.createdAt),
      ...(run.cause === 'child' && run.parent ? { moment: run.parent.moment } : {}),
    }))
}

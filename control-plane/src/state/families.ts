import { chainFaults, type ChainFault, type JobGraph } from '../jobs/chains.ts'
import type { ChildSpec, Job } from '../jobs/job.ts'
import type { State } from './state.ts'

/** What speaks against a job of this name having these children, as the state is now. */
export function childFaults(
  state: State,
  namespace: number,
  name: string,
  children: readonly ChildSpec[],
): ChainFault[] {
  return children.length === 0 ? [] : chainFaults(graphOf(state, namespace), name, children)
}

/** Who starts whom in a namespace, as the state is now. */
export function graphOf(state: State, namespace: number): JobGraph {
  return {
    childrenOf(job) {
      const uid = state.jobNames.get(`${namespace}/${job}`)
      return uid === undefined ? undefined : state.jobs.get(uid)?.spec.children
    },
    parentsOf: (job) => parentsOf(state, namespace, job),
  }
}

/** Names of the jobs that name this one as their child, in alphabetical order. */
export function parentsOf(state: State, namespace: number, job: string): string[] {
  const uids = state.parents.get(`${namespace}/${job}`) ?? []
  return [...uids].flatMap((uid) => state.jobs.get(uid)?.name ?? []).sort()
}

/** Enters a job's children into the index of who names whom. */
export function linkChildren(state: State, { uid, namespace, spec }: Job): void {
  for (const { job } of spec.children) {
    const key = `${namespace}/${job}`
    const parents = state.parents.get(key)
    if (parents) parents.add(uid)
    else state.parents.set(key, new Set([uid]))
  }
}

/** Takes a job's children out of the index: it goes, or its definition is about to be replaced. */
export function unlinkChildren(state: State, { uid, namespace, spec }: Job): void {
  for (const { job } of spec.children) {
    const key = `${namespace}/${job}`
    const parents = state.parents.get(key)
    if (parents?.delete(uid) && parents.size === 0) state.parents.delete(key)
  }
}

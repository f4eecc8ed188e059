import type { State } from './state.ts'

/** How far uids of jobs that one entry makes are apart: farther than a log will ever have entries. */
const UIDS_APART = 2 ** 40

/** The index of the entry; of the second job that it makes, and of those after it, numbers that no entry will have. */
export function freshUid({ index, state }: { index: number; state: Pick<State, 'jobs'> }): number {
  let uid = index
  while (state.jobs.has(uid)) uid += UIDS_APART
  return uid
}

/** Brings jobs into the order in which they were made, from that of their uids. */
export function inOrderOfMaking<T extends { uid: number }>(jobs: T[]): T[] {
  // Those of an entry that made several come last by their uids: without one the orders are the same.
  if ((jobs.at(-1)?.uid ?? 0) < UIDS_APART) return jobs
  return jobs.sort((a, b) => (a.uid % UIDS_APART) - (b.uid % UIDS_APART) || a.uid - b.uid)
}

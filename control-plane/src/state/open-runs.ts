import type { OpenRun } from '../runs/run.ts'
import type { State } from './state.ts'

/** The order of open runs everywhere: as they were made; those of one entry by fire time, then as their ids say. */
export function byPlace(a: OpenRun, b: OpenRun): number {
  return a.sequence - b.sequence || a.fireTime - b.fireTime || a.job - b.job || (a.id < b.id ? -1 : 1)
}

/** Puts the newest run in its place among open ones: a node that loads them later has to come to the same order. */
export function addOpen(state: State, ids: string[], run: OpenRun): void {
  let place = ids.length
  for (; place > 0; place--) {
    const before = state.runs.get(ids[place - 1] ?? '')
    if (!before || byPlace(before, run) < 0) break
  }
  if (place === ids.length) ids.push(run.id)
  else ids.splice(place, 0, run.id)
}

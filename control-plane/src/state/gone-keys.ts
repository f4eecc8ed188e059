import {
  attemptKey,
  countersKey,
  dayKey,
  definitionKey,
  jobRunsPrefix,
  lateResultKey,
  namespaceRunsPrefix,
  originKey,
  placeOf,
  runIndexKey,
  stretchKey,
} from '../store/keys.ts'
import { outboxKey } from '../store/outbox-rows.ts'
import { keysOfEnds } from '../store/run-rows.ts'
import type { Change } from './applied.ts'

type Gone = Extract<Change, { gone: unknown }>

/** The keys of the store that go with something: of a run, its row, its places in the lists and those of its attempts. */
export function keysOfGone(change: Gone): string[] {
  switch (change.kind) {
    case 'run-gone':
      return keysOfRun(change.gone)
    case 'stretch-gone':
      return [stretchKey(change.gone.job, change.gone.from, change.gone.sequence)]
    case 'late-result-gone':
      return [lateResultKey(change.gone.run, change.gone.sequence)]
    case 'outbox-gone':
      return [outboxKey(change.gone.index)]
    case 'counters-gone':
      return [countersKey(change.gone.hour, change.gone.owner)]
    case 'day-gone':
      return [dayKey(change.gone.day, change.gone.first)]
    case 'definition-gone':
      return [definitionKey(change.gone.job, change.gone.ordinal)]
  }
}

function keysOfRun(gone: Extract<Gone, { kind: 'run-gone' }>['gone']): string[] {
  const { id, job, namespace, state, attempts } = gone
  const place = placeOf(gone)
  const keys = [jobRunsPrefix(job, state) + place, namespaceRunsPrefix(namespace, state) + place, runIndexKey(id)]
  const origin = originKey(gone)
  if (origin !== undefined) keys.push(origin)
  keys.push(...keysOfEnds(id, attempts.length))
  for (const [shard, count] of attempts.entries()) {
    for (let ordinal = 1; ordinal <= count; ordinal++) keys.push(attemptKey(id, shard, ordinal))
  }
  return keys
}

import { OrderedKeys } from '../kv/ordered-keys.ts'
import type { Job } from '../jobs/job.ts'
import type { State } from './state.ts'

const orders = new WeakMap<State, Map<number, OrderedKeys>>()

/** Names of the jobs of a namespace, in order: made when it is first asked for, and kept from then on. No part of the state. */
export function jobNamesOf(state: State, namespace: number): OrderedKeys {
  const known = orders.get(state) ?? new Map<number, OrderedKeys>()
  orders.set(state, known)
  const names = known.get(namespace)
  if (names) return names
  const made = new OrderedKeys(namesIn(state, namespace))
  known.set(namespace, made)
  return made
}

/** To be called when a job came or went. */
export function noteJobName(state: State, { namespace, name }: Pick<Job, 'namespace' | 'name'>, there: boolean): void {
  const names = orders.get(state)?.get(namespace)
  if (there) names?.add(name)
  else names?.delete(name)
}

function* namesIn(state: State, namespace: number): Generator<string> {
  for (const job of state.jobs.values()) if (job.namespace === namespace) yield job.name
}

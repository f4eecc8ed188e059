import type { Executor } from '../discovery/executor.ts'
import { noteExecutor } from './slot-journal.ts'
import type { Turn } from './turn.ts'

/** Says that an executor is not what it was; its slots aside, that makes it another object, by which planners tell. */
export function executorChanged(turn: Turn, executor: Executor): void {
  noteExecutor(turn.state, executor)
  turn.changes.push({ kind: 'executor', service: executor.service, id: executor.id })
  turn.events.push(
    { type: 'definitions-changed', what: 'executor' },
    { type: 'capacity-freed', namespace: executor.namespace, service: executor.service },
  )
}

import type { CommandOf } from './commands.ts'
import { executorChanged } from './executor-changes.ts'
import type { Answer, Turn } from './turn.ts'

/** Executors whose health one entry changes at most. */
export const HEALTH_CHANGES_MAX = 256

/** What the leader found: executors that are not well get no new work. One that was changed meanwhile keeps its own. */
export function noteHealth(turn: Turn, command: CommandOf<'executor-health'>): Answer {
  for (const { service, id, url, healthy } of command.executors) {
    const executor = turn.state.executors.get(service)?.get(id)
    if (executor?.url !== url || (executor.health === undefined) === healthy) continue
    if (!healthy && turn.state.services.get(service)?.healthCheck === undefined) continue
    const { health: _health, ...rest } = executor
    const changed = healthy ? rest : { ...rest, health: 'unhealthy' as const }
    turn.state.executors.get(service)?.set(id, changed)
    executorChanged(turn, changed)
  }
  return {}
}

/** Without a health check nobody would ever find an executor well again. */
export function forgetHealth(turn: Turn, service: number): void {
  const unwell = [...(turn.state.executors.get(service)?.values() ?? [])].filter(({ health }) => health !== undefined)
  // A node that was restarted has them in another order.
  unwell.sort((a, b) => (a.id < b.id ? -1 : 1))
  const executors = unwell.map(({ id, url }) => ({ service, id, url, healthy: true }))
  noteHealth(turn, { kind: 'executor-health', at: turn.at, executors })
}

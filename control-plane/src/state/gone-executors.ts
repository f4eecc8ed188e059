import type { Executor } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf } from './commands.ts'
import { deleteExecutor } from './executors.ts'
import type { State } from './state.ts'
import type { Answer, Turn } from './turn.ts'

/** Executors that one entry removes at most. */
export const GONE_MAX = 256

/** Executors that announced themselves, have been offline since before `since`, and hold nothing. */
export function goneExecutors({ executors }: Pick<State, 'executors'>, since: Millis): Executor[] {
  const gone: Executor[] = []
  for (const those of executors.values()) {
    for (const executor of those.values()) {
      if (isGone(executor) && executor.updatedAt <= since) gone.push(executor)
      if (gone.length === GONE_MAX) return gone
    }
  }
  return gone
}

/** Removes executors, except those that came back or were changed since they were looked at. */
export function removeGone(turn: Turn, command: CommandOf<'executors-gone'>): Answer {
  for (const { service, id, version } of command.executors) {
    const executor = turn.state.executors.get(service)?.get(id)
    if (executor?.version !== version || !isGone(executor)) continue
    deleteExecutor(turn, { kind: 'executor-delete', at: turn.at, service, id })
  }
  return {}
}

function isGone({ kind, status, held }: Executor): boolean {
  return kind === 'registered' && status === 'offline' && held === 0
}

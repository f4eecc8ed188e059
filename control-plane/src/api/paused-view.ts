import { isInForce, type Pause } from '../state/pauses.ts'
import { timeText } from './times.ts'

/** Who stopped the schedules and when, as a field of what it holds for; nothing while they go on. */
export function pausedView(pause: Pause | undefined): { paused?: { by: string; at: string } } {
  return isInForce(pause) ? { paused: { by: pause.by, at: timeText(pause.from) } } : {}
}

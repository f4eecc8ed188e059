import type { Logger } from '@cronclave/sdk'
import type { Clock } from '../../runtime/clock.ts'

/** How an agent is. */
export interface Health {
  /** The node that answers it, or `none`. */
  connected: string
  slots: number
  /** Slots in use. */
  running: number
  /** Results that nobody has acknowledged. */
  kept: number
}

/** Says how an agent is, at once and then every so often; 0 never. The returned function ends it. */
export function beginStatus(health: () => Health, everyMs: number, port: { clock: Clock; log: Logger }): () => void {
  if (everyMs === 0) return () => {}
  let cancel = () => {}
  const tell = () => {
    port.log.info(health(), 'status')
    cancel = port.clock.after(everyMs, tell)
  }
  tell()
  return () => cancel()
}

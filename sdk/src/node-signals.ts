import { durationMs, type Duration } from './duration.ts'
import type { Started } from './registration.ts'

/** Signals on which an executor leaves. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Executors of this process that are leaving. */
let leaving = 0
/** The signal by which the process ends once all of them have left. */
let endsBy: NodeJS.Signals | undefined

/** Announces an executor, which leaves when the process is asked to end; see `start` of `@cronclave/sdk/node`. */
export async function leavingOnSignals(drain: Duration, announce: () => Promise<Started>): Promise<Started> {
  durationMs(drain)
  const started = await announce()
  const stop: Started['stop'] = async (how) => {
    durationMs(how?.drain ?? 0)
    for (const signal of SIGNALS) process.removeListener(signal, leave)
    leaving++
    try {
      await started.stop(how)
    } finally {
      leaving--
      // Replies that were just handed over are written first.
      if (leaving === 0) setImmediate(end)
    }
  }
  const leave = (signal: NodeJS.Signals) => {
    void stop({ drain })
    // The last one that hears it knows whether it was for executors alone.
    if (process.listenerCount(signal) === 0) endsBy = signal
  }
  for (const signal of SIGNALS) process.prependOnceListener(signal, leave)
  return { id: started.id, bootId: started.bootId, stop }
}

function end(): void {
  if (leaving > 0 || !endsBy) return
  const signal = endsBy
  endsBy = undefined
  process.kill(process.pid, signal)
}

import { durationMs, type Duration } from './duration.ts'
import type { Started } from './registration.ts'

/** Signals on which an executor leaves. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Announces an executor, which leaves when the process is asked to end; see `start` of `@cronclave/sdk/node`. */
export async function leavingOnSignals(drain: Duration, announce: () => Promise<Started>): Promise<Started> {
  durationMs(drain)
  const started = await announce()
  const forget = () => {
    for (const signal of SIGNALS) process.removeListener(signal, leave)
  }
  const leave = (signal: NodeJS.Signals) => {
    forget()
    const isOurs = process.listenerCount(signal) === 0
    void started.stop({ drain }).then(() => {
      // Replies that were just handed over are written first.
      if (isOurs) setImmediate(() => process.kill(process.pid, signal))
    })
  }
  for (const signal of SIGNALS) process.prependOnceListener(signal, leave)
  return {
    id: started.id,
    bootId: started.bootId,
    stop(how) {
      forget()
      return started.stop(how)
    },
  }
}

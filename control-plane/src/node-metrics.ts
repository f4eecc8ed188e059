import { raftId } from './cluster/member-id.ts'
import type { Core } from './core.ts'
import { Metrics, type MetricsDeps } from './metrics/metrics.ts'
import type { Clock } from './runtime/clock.ts'
import { VERSION } from './runtime/version.ts'

/** The figures of a running node, read where they are. */
export function nodeMetrics(
  core: Core,
  clock: Clock,
  {
    report,
    sinks,
    executors,
    concurrencyMax,
  }: Pick<MetricsDeps, 'report' | 'sinks' | 'executors'> & { concurrencyMax: number },
): Metrics {
  return new Metrics({
    clock,
    version: VERSION,
    state: () => core.state,
    report,
    sinks,
    queues: () => core.queues(),
    calls: () => ({ ...core.figures.calls, concurrencyMax }),
    log() {
      const { entries, appends, bytes, syncs, commits } = core.engine.consensus.counters
      return { entries, syncs: appends, bytes, syncDurations: syncs.all, commitDurations: commits }
    },
    clockOffsets: () => offsetsByName(core),
    heartbeats: () => core.heartbeats.beats,
    executors,
    loopLags: core.self.loopLags,
  })
}

function offsetsByName(core: Core): Map<string, number> {
  const offsets = core.network.clockOffsets()
  const named = new Map<string, number>()
  for (const { id, name } of core.state.members.values()) {
    const offset = offsets.get(raftId(id))
    if (offset !== undefined) named.set(name, offset)
  }
  return named
}

import type { NodeReport } from '../cluster/node-report.ts'
import type { SinkFigures } from '../logs/sinks-port.ts'
import type { Buckets } from '../runtime/buckets.ts'
import type { Clock } from '../runtime/clock.ts'
import type { QueueFigures } from '../scheduler/queue-figures.ts'
import type { Event } from '../state/applied.ts'
import type { State } from '../state/state.ts'
import { Figures } from './families.ts'
import { readHttp, readLeader, readNode, readProcess } from './node-figures.ts'
import { Routes } from './routes.ts'
import { readAlerts, readSinks } from './outlet-figures.ts'
import { readState, readTally } from './state-figures.ts'
import { Tally } from './tally.ts'

export interface MetricsDeps {
  clock: Clock
  version: string
  state(): State
  /** How the node is; it may look at sizes on disk, not at what is in them. */
  report(): Promise<NodeReport>
  /** What the leader has to schedule; undefined elsewhere. */
  queues(): QueueFigures | undefined
  /** How far sinks are, as the leader measures it; asked on the leader only. */
  sinks(): Promise<ReadonlyMap<number, SinkFigures> | undefined>
  /** Calls to executors, under way and waiting, and how many there may be. */
  calls(): { inFlight: number; waiting: number; concurrencyMax: number }
  /** Of the log, since the process started. */
  log(): LogFigures
  /** Milliseconds by which the clocks of other members, by name, are ahead. */
  clockOffsets(): ReadonlyMap<string, number>
  heartbeats(): number
  /** Heartbeats and polls of registered executors that came to this node, and how many polls wait here. */
  executors(): { heartbeats: number; polls: number }
  /** How late turns of the event loop came. */
  loopLags: Buckets
}

export interface LogFigures {
  entries: number
  syncs: number
  bytes: number
  syncDurations: Buckets
  commitDurations: Buckets
}

/** What a node can be asked by Prometheus. What happens is counted where it passes; everything else is read when asked. */
export class Metrics {
  readonly #deps: MetricsDeps
  readonly #tally = new Tally()
  readonly routes = new Routes()

  constructor(deps: MetricsDeps) {
    this.#deps = deps
  }

  /** To be called for everything that happens. */
  onEvent(event: Event): void {
    this.#tally.onEvent(this.#deps.state(), event)
  }

  /** All figures, as Prometheus reads them. */
  async text(streams: number): Promise<string> {
    const deps = this.#deps
    const state = deps.state()
    const figures = new Figures()
    const report = await deps.report()
    readTally(figures, state, this.#tally)
    await readState(figures, state, this.#tally)
    readSinks(figures, state, report.role === 'leader' ? await deps.sinks().catch(() => undefined) : undefined)
    await readAlerts(figures, state, this.#tally)
    readLeader(figures, deps, report)
    readNode(figures, deps, report)
    readHttp(figures, this.routes, streams)
    readProcess(figures, deps.version, report.startedAt)
    return figures.text()
  }
}

import type { Consensus, Leadership } from '../cluster/consensus.ts'
import type { Event } from '../state/applied.ts'
import type { Store } from '../store/store.ts'
import { Lane, type LaneDeps } from './lane.ts'
import { OutboxReader, type ReadLimit } from './outbox-reader.ts'
import { ProgressReport, type ProgressReportDeps } from './progress-report.ts'
import { SharedReader } from './shared-reader.ts'
import type { LaneStanding, SinkFigures } from './sinks-port.ts'

/** Rows that a sink is given at once, at most, and their bytes in the store. */
const BATCH: ReadLimit = { rows: 1024, bytes: 4 * 1024 * 1024 }

export interface DelivererDeps extends LaneDeps, Omit<ProgressReportDeps, 'logger'> {
  store: Pick<Store, 'getMany' | 'range'>
}

/**
 * Hands every row of the ledger to every sink, on the leader alone and in a lane of its own for each: none waits for
 * another, and no run for any of them. How far each is goes into the log, where the next leader goes on.
 */
export class Deliverer {
  readonly #deps: DelivererDeps
  readonly #lanes = new Map<number, { lane: Lane; over: Promise<void> }>()
  #office: { signal: AbortSignal; end: () => void; reader: SharedReader; report: ProgressReport } | undefined
  #stopped = false

  constructor(deps: DelivererDeps) {
    this.#deps = deps
  }

  /** Delivers whenever this node leads. */
  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    const changed = ({ isLeader, signal }: Leadership) => (isLeader ? this.lead(signal) : undefined)
    consensus.onLeadership(changed)
    changed(consensus.leadership())
  }

  /** Delivers from now on, until the signal of the term aborts. */
  lead(term: AbortSignal): void {
    this.#office?.end()
    if (term.aborted || this.#stopped) return
    const { state } = this.#deps
    const ending = new AbortController()
    const end = () => {
      ending.abort()
      this.#lanes.clear()
      this.#office = undefined
    }
    term.addEventListener('abort', () => this.#office?.signal === ending.signal && end(), { once: true })
    const reader = new SharedReader(new OutboxReader(this.#deps), BATCH, () => state().ledgerRows)
    const report = new ProgressReport(this.#deps, ending.signal)
    this.#office = { signal: ending.signal, end, reader, report }
    for (const uid of state().sinks.keys()) this.#begin(uid)
  }

  onEvent(event: Event): void {
    if (!this.#office) return
    if (event.type === 'run-ended' || event.type === 'attempt-ended') {
      for (const { lane } of this.#lanes.values()) lane.wake()
    } else if (event.type === 'sink-missed') {
      this.#office.reader.forget()
      this.#lanes.get(event.sink)?.lane.missed()
    } else if (event.type === 'sink-changed') {
      const running = this.#lanes.get(event.sink)
      if (running) running.lane.changed()
      else if (this.#deps.state().sinks.has(event.sink)) this.#begin(event.sink)
    }
  }

  /** What is measured, by uid of the sink; undefined unless this node leads. */
  figures(): (readonly [sink: number, figures: SinkFigures])[] | undefined {
    if (!this.#office) return undefined
    const all: (readonly [number, SinkFigures])[] = []
    for (const [uid, { lane }] of this.#lanes) {
      const figures = lane.figures()
      if (figures) all.push([uid, figures])
    }
    return all
  }

  /** How all lanes stand; none unless this node leads. */
  standings(): LaneStanding[] {
    if (!this.#office) return []
    return [...this.#lanes.values()].flatMap(({ lane }) => lane.standing() ?? [])
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    const over = [...this.#lanes.values()].map((running) => running.over)
    this.#office?.end()
    await Promise.all(over)
  }

  #begin(uid: number): void {
    if (!this.#office) return
    const lane = new Lane(this.#deps, uid, this.#office)
    const over = lane.run().finally(() => {
      if (this.#lanes.get(uid)?.lane === lane) this.#lanes.delete(uid)
    })
    this.#lanes.set(uid, { lane, over })
  }
}

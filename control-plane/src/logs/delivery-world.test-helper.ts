import type { Outcome } from '../cluster/consensus.ts'
import type { EndedRun } from '../runs/run.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Event } from '../state/applied.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { Image } from '../state/image.ts'
import { Shelf } from '../state/shelf.test-helper.ts'
import { findSink, isBefore } from '../state/sinks.ts'
import { emptyState } from '../state/state.ts'
import type { Store } from '../store/store.ts'
import { Deliverer } from './deliverer.ts'
import type { LogRow, SinkTarget } from './row.ts'
import type { Sequence, Sink, SinkConnection, SinkGap } from './sink.ts'

/** How a call of a database ends: `lost` did what was asked and says that it failed, `late` takes its time. */
export type Ending = 'done' | 'fails' | 'lost' | 'hangs' | 'late' | 'pretends'

const LATE_MS = 5000

/** A database in memory that does as it is told. It outlives connections. */
export class FakeDatabase {
  readonly rows = new Map<string, LogRow>()
  /** Sequences in the order in which they were first there. */
  readonly arrivals: Sequence[] = []
  gaps: readonly SinkGap[] = []
  calls = 0
  writes: number[] = []
  connections = 0
  next: () => Ending = () => 'done'
  readonly #clock: StillClock

  constructor(clock: StillClock) {
    this.#clock = clock
  }

  connect(): SinkTarget {
    this.connections += 1
    return {
      prepare: () => this.#call(() => undefined),
      write: (rows) => {
        this.writes.push(rows.length)
        return this.#call(() => this.#upsert(rows))
      },
      writeGaps: (gaps) => this.#call(() => void (this.gaps = structuredClone(gaps))),
      sums: () => {
        throw new Error('nobody asks')
      },
      rowsOf: () => {
        throw new Error('nobody asks')
      },
      close: () => {
        this.connections -= 1
        return Promise.resolve()
      },
    }
  }

  has(sequence: Sequence): boolean {
    return this.rows.has(sequence.join('/'))
  }

  #upsert(rows: readonly LogRow[]): void {
    for (const row of rows) {
      const key = row.row.sequence.join('/')
      if (!this.rows.has(key)) this.arrivals.push(row.row.sequence)
      this.rows.set(key, structuredClone(row))
    }
  }

  async #call(work: () => void): Promise<void> {
    this.calls += 1
    const ending = this.next()
    if (ending === 'hangs') return new Promise(() => undefined)
    if (ending === 'late') await new Promise<void>((resolve) => this.#clock.after(LATE_MS, resolve))
    else await Promise.resolve()
    if (ending === 'fails') throw new Error('connection refused')
    if (ending !== 'pretends') work()
    if (ending === 'lost') throw new Error('the connection broke')
  }
}

/** A leader with a ledger and databases, under a clock that the test drives. */
export class DeliveryWorld {
  readonly clock = new StillClock()
  readonly state = emptyState()
  readonly shelf = new Shelf()
  readonly databases = new Map<string, FakeDatabase>()
  readonly proposed: Command[] = []
  /** Every row that the ledger was given, by sequence. */
  readonly written: Sequence[] = []
  /** How a proposal ends: made, certainly not made, or made although nobody is told. */
  proposing: () => 'made' | 'refused' | 'unknown' = () => 'made'
  deliverer: Deliverer
  #term = new AbortController()
  #serial = 0
  readonly #image = new Image(this.state, this.shelf as unknown as Store)

  constructor() {
    this.deliverer = this.#made()
    this.run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 5 })
  }

  database(host: string): FakeDatabase {
    const known = this.databases.get(host) ?? new FakeDatabase(this.clock)
    this.databases.set(host, known)
    return known
  }

  sink(name: string): Sink {
    return findSink(this.state, name) as Sink
  }

  put(name: string, host = name): void {
    const connection: SinkConnection = {
      kind: 'mysql',
      host,
      port: 1,
      user: 'u',
      database: 'd',
      tls: 'off',
      tablePrefix: '',
    }
    this.run({ kind: 'sink-put', name, change: { connection }, by: 't' })
  }

  /** Applies a command, as a leader does. */
  run(command: Command | ({ kind: Command['kind'] } & Record<string, unknown>)): Outcome {
    const entry = { index: this.state.index + 1, term: 1, command: { at: this.clock.now(), ...command } as Command }
    const { changes, events, rejection, value } = apply(this.state, entry)
    this.#image.note(changes)
    for (const event of events) this.deliverer.onEvent(event)
    if (rejection) return { kind: 'rejected', index: entry.index, rejection }
    return { kind: 'applied', index: entry.index, value }
  }

  /** An entry that ends so many runs. */
  end(runs: number): EndedRun[] {
    const index = this.state.index + 1
    this.state.index = index
    const rows = Array.from({ length: runs }, (_, ordinal) => this.#run([index, ordinal]))
    this.state.ledgerRows += runs
    this.#image.note(rows.map((row) => ({ kind: 'ended-run' as const, row })))
    for (const row of rows) {
      this.written.push(row.sequence)
      this.deliverer.onEvent({ type: 'run-ended', run: row } satisfies Event)
    }
    return rows
  }

  /** Another node takes over, or the same again. */
  newLeader(): void {
    this.#term.abort()
    this.#term = new AbortController()
    this.deliverer = this.#made()
    this.deliverer.lead(this.#term.signal)
  }

  async pass(ms: number, step = 100): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) await this.clock.pass(step)
  }

  /** What a sink was to get and did not, unless a gap says so. */
  missing(name: string): Sequence[] {
    const { gaps } = this.sink(name)
    const database = this.database(this.sink(name).connection.host)
    const isGiven = (row: Sequence) => gaps.some(({ from, to }) => !isBefore(row, from) && !isBefore(to, row))
    return this.written.filter((row) => !database.has(row) && !isGiven(row))
  }

  isInOrder(name: string): boolean {
    const { arrivals } = this.database(this.sink(name).connection.host)
    return arrivals.every((row, at) => at === 0 || isBefore(arrivals[at - 1] as Sequence, row))
  }

  /** That a cursor says of no row that it is there before it is. */
  #check(command: Command): void {
    if (command.kind !== 'sinks-progress') return
    for (const { sink, cursor } of command.sinks) {
      const { name } = this.state.sinks.get(sink) ?? {}
      if (name === undefined || cursor === undefined) continue
      const early = this.missing(name).find((row) => !isBefore(cursor, row))
      if (early) throw new Error(`the cursor of ${name} stands behind ${early.join('/')}, which is not there`)
    }
  }

  #made(): Deliverer {
    let chance = 0
    return new Deliverer({
      clock: this.clock,
      random: { next: () => (chance += 0.37) % 1, bytes: (count) => new Uint8Array(count) },
      logger: { info: () => undefined, warn: () => undefined },
      state: () => this.state,
      store: this.shelf,
      connect: ({ connection }) => this.database(connection.host).connect(),
      propose: async (command) => {
        this.#check(command)
        this.proposed.push(command)
        await Promise.resolve()
        const ending = this.proposing()
        if (ending === 'refused') throw new Error('not the leader')
        const outcome = this.run(command)
        if (ending === 'unknown') throw new Error('nobody knows')
        return outcome
      },
    })
  }

  #run(sequence: Sequence): EndedRun {
    const at = this.clock.now()
    return {
      id: `r${(this.#serial += 1)}`,
      job: 7,
      jobName: 'j',
      namespace: 1,
      cause: 'schedule',
      state: 'succeeded',
      fireTime: at,
      dueTime: at,
      createdAt: at,
      endedAt: at,
      jobVersion: 1,
      params: {},
      schedules: [],
      attempts: 0,
      sequence,
    }
  }
}

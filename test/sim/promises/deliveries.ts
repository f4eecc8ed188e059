import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { LogRow } from '../../../control-plane/src/logs/row.ts'
import type { Sequence, Sink, SinkGap } from '../../../control-plane/src/logs/sink.ts'
import type { Applied, Change } from '../../../control-plane/src/state/applied.ts'
import { isBefore } from '../../../control-plane/src/state/sinks.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** What a database has, by host: how often each row is there, and the gaps that it was told of. */
export interface Delivered {
  rows: ReadonlyMap<string, number>
  gaps: readonly SinkGap[]
}

/** A row that the ledger was given. */
interface Written {
  sequence: Sequence
  what: string
  /** Index up to which whoever had it removed had read; absent while it is there. */
  goneAsOf?: number
}

/** A sink since it began, or began anew. */
interface Course {
  since: number
  /** Rows up to its cursor. */
  passed: number
  /** Those that left the ledger before it had them. */
  missed: Set<string>
}

/** What is promised of sinks: every row of the ledger is there once, or in a gap; no cursor says more than is there. */
export class Deliveries {
  readonly #databaseOf: (host: string) => Delivered
  readonly #written: Written[] = []
  readonly #bySequence = new Map<string, Written>()
  /** Rows of a run, and late results and stretches by themselves. */
  readonly #byRun = new Map<string, Written[]>()
  readonly #courses = new Map<number, Course>()
  /** The last row that was first there, by host. */
  readonly #newest = new Map<string, Sequence>()
  /** Rows that came after later ones, by host. */
  readonly #late = new Map<string, string[]>()
  /** Sinks that began at a host. */
  readonly #begun = new Map<string, number>()
  /** Rows that were there already when they came, and rows that no sink could be given. */
  readonly counts = { rows: 0, repeated: 0, missed: 0 }

  constructor(databaseOf: (host: string) => Delivered) {
    this.#databaseOf = databaseOf
  }

  /** To be called with every entry. */
  check({ command }: Entry, { changes }: Applied, state: State): void {
    for (const change of changes) this.#note(change)
    if (command.kind === 'ledger-trim') this.#trimmed(command.asOf, changes, state)
    for (const change of changes) {
      const sink = change.kind === 'sink' ? state.sinks.get(change.id as number) : undefined
      if (sink !== undefined) this.#follow(sink)
    }
  }

  /** A database has committed a statement; `fresh`: what was not there before. */
  arrived(host: string, rows: readonly LogRow[], fresh: ReadonlySet<string>): void {
    const { rows: there } = this.#databaseOf(host)
    for (const { kind, row } of rows) {
      const key = row.sequence.join('/')
      const known = this.#bySequence.get(key)
      assert(known !== undefined, `${host} is given ${key}, which nothing of the ledger has`)
      assert.equal(whatOf(kind, row), known.what, `${host} is given something else as ${key}`)
      assert.equal(there.get(key), 1, `${host} has ${key} once`)
      this.counts[fresh.has(key) ? 'rows' : 'repeated'] += 1
      if (!fresh.has(key)) continue
      const newest = this.#newest.get(host) ?? [0, -1]
      if (isBefore(newest, row.sequence)) this.#newest.set(host, row.sequence)
      else this.#late.set(host, [...(this.#late.get(host) ?? []), key])
    }
    const keys = rows.map(({ row }) => row.sequence)
    for (let at = 1; at < keys.length; at++)
      assert(isBefore(keys[at - 1]!, keys[at]!), `${host} is given ${keys[at]!.join('/')} in order`)
  }

  /** Why a sink lacks what was written up to an index; undefined when none does. Those at one host may be left out. */
  left(state: State, index: number, but?: string): string | undefined {
    for (const sink of state.sinks.values()) {
      const { name, connection, cursor, gaps, paused } = sink
      if (connection.host === but) continue
      if (paused) return `${name} is paused`
      const course = this.#courses.get(sink.uid)
      const next = this.#written[course?.passed ?? 0]
      if (next !== undefined && next.sequence[0] <= index && !this.#isExcused(sink, next))
        return `${name} stands at ${cursor.join('/')}, before ${next.sequence.join('/')}`
      const told = this.#databaseOf(connection.host).gaps
      if (gaps.length > 0 && JSON.stringify(told) !== JSON.stringify(gaps)) return `${name} was not told of its gaps`
    }
    return undefined
  }

  /** Every row that any sink was to get is there, or in a gap. */
  checkAll(state: State): void {
    for (const sink of state.sinks.values()) {
      const passed = this.#courses.get(sink.uid)?.passed ?? 0
      for (const row of this.#written.slice(0, passed)) this.#isThere(sink, row)
      const { host } = sink.connection
      // One that was removed and made again begins anew over what is there.
      if (this.#begun.get(host) !== 1) continue
      for (const key of this.#late.get(host) ?? [])
        assert(this.#courseOf(sink).missed.has(key), `${host} got ${key} after later rows, though it was not given up`)
    }
  }

  #note(change: Change): void {
    const noted = rowOf(change)
    if (noted === undefined) return
    const { run, ...row } = noted
    this.#written.push(row)
    this.#bySequence.set(row.sequence.join('/'), row)
    const its = run === undefined ? undefined : this.#byRun.get(run)
    if (its) its.push(row)
    else if (run !== undefined) this.#byRun.set(run, [row])
  }

  #trimmed(asOf: number, changes: readonly Change[], state: State): void {
    const gone: Written[] = []
    for (const change of changes) {
      if (change.kind === 'run-gone') gone.push(...(this.#byRun.get(change.gone.id) ?? []))
      if (change.kind === 'stretch-gone' || change.kind === 'late-result-gone')
        gone.push(this.#bySequence.get(change.gone.sequence.join('/'))!)
    }
    for (const row of gone) row.goneAsOf ??= asOf
    for (const sink of state.sinks.values()) {
      if (sink.since > asOf) continue
      const { missed } = this.#courseOf(sink)
      for (const { sequence } of gone) {
        if (!isBefore(sink.cursor, sequence) || missed.has(sequence.join('/'))) continue
        missed.add(sequence.join('/'))
        this.counts.missed += 1
        assert(isInGap(sink, sequence), `${sink.name} has no gap for ${sequence.join('/')}, which has gone`)
      }
      const given = sink.gaps.reduce((sum, { count }) => sum + count, 0)
      assert.equal(given, missed.size, `the gaps of ${sink.name} are the rows that were given up`)
    }
  }

  /** Holds the rows that a cursor has passed against what is there. */
  #follow(sink: Sink): void {
    const course = this.#courseOf(sink)
    for (;;) {
      const row = this.#written[course.passed]
      if (row === undefined || isBefore(sink.cursor, row.sequence)) return
      this.#isThere(sink, row)
      course.passed += 1
    }
  }

  #isThere(sink: Sink, row: Written): void {
    const { rows } = this.#databaseOf(sink.connection.host)
    const key = row.sequence.join('/')
    if (rows.has(key) || this.#courseOf(sink).missed.has(key) || this.#isExcused(sink, row)) return
    assert.fail(`the cursor of ${sink.name} stands behind ${key}, which is neither in the sink nor in a gap`)
  }

  /** What was to go before a sink began is nothing that it misses. */
  #isExcused({ since }: Sink, { goneAsOf }: Written): boolean {
    return goneAsOf !== undefined && goneAsOf < since
  }

  #courseOf({ uid, since, connection: { host } }: Sink): Course {
    const known = this.#courses.get(uid)
    if (known?.since === since) return known
    const course = { since, passed: 0, missed: new Set<string>() }
    this.#courses.set(uid, course)
    this.#begun.set(host, (this.#begun.get(host) ?? 0) + 1)
    return course
  }
}

function isInGap({ gaps }: Sink, sequence: Sequence): boolean {
  return gaps.some(({ from, to }) => !isBefore(sequence, from) && !isBefore(to, sequence))
}

/** A row that an entry wrote, and the run with which it goes. */
function rowOf(change: Change): (Written & { run?: string }) | undefined {
  switch (change.kind) {
    case 'ended-run':
      return { sequence: change.row.sequence, what: whatOf('run', change.row), run: change.row.id }
    case 'ended-attempt': {
      const { run, sequence } = change.row
      return { sequence, what: whatOf('attempt', change.row), run }
    }
    case 'stretch':
    case 'late-result':
      return { sequence: change.row.sequence, what: whatOf(change.kind, change.row) }
    default:
      return undefined
  }
}

function whatOf(kind: LogRow['kind'], row: { id?: string; attempt?: string }): string {
  return `${kind} ${row.id ?? ''} ${row.attempt ?? ''}`
}

import { comparable } from '../../../control-plane/src/logs/comparable.test-helper.ts'
import type { LogRow, SinkTarget } from '../../../control-plane/src/logs/row.ts'
import type { Sink, SinkGap } from '../../../control-plane/src/logs/sink.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Strikes } from './faults.ts'
import type { Owner, World } from './world.ts'

export interface DatabasesDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  /** Called with the rows of a statement as they are committed; `fresh`: sequences that were not there before. */
  onRows(host: string, rows: readonly LogRow[], fresh: ReadonlySet<string>): void
}

/** A database of somebody's. What it has it keeps, whatever becomes of connections. */
export interface Database {
  readonly host: string
  /** How often each row is there, by sequence, and the rows themselves. */
  readonly rows: Map<string, number>
  readonly content: Map<string, LogRow>
  gaps: readonly SinkGap[]
  /** True time until which it answers nobody. */
  downUntil: number
  /** How it is away until somebody has it `return`: what it is asked at the moment when it dies is still done. */
  away?: 'dies' | 'refuses' | 'hangs'
}

/** A call that waits for its answer. */
interface Call {
  host: string
  work(): void
  answer(delayMs: number, error?: string): void
}

/** The databases of a world, which fail, hang, lose answers, are late, go down and come back. */
export class Databases {
  readonly #deps: DatabasesDeps
  readonly #databases = new Map<string, Database>()
  readonly #hanging = new Set<Call>()

  constructor(deps: DatabasesDeps) {
    this.#deps = deps
  }

  at(host: string): Database {
    const known = this.#databases.get(host)
    if (known) return known
    const database: Database = { host, rows: new Map(), content: new Map(), gaps: [], downUntil: 0 }
    this.#databases.set(host, database)
    return database
  }

  /** What a process of a node has of one of them. */
  connect(process: Owner, { connection: { host } }: Pick<Sink, 'connection'>): SinkTarget {
    const database = this.at(host)
    return {
      prepare: () => this.#call(process, host, () => undefined),
      write: (rows) =>
        this.#call(process, host, () => {
          const keys = rows.map(({ row }) => row.sequence.join('/'))
          const fresh = new Set(keys.filter((key) => !database.rows.has(key)))
          for (const row of rows) upsert(database, row)
          this.#deps.onRows(host, rows, fresh)
        }),
      writeGaps: (gaps) =>
        this.#call(process, host, () => {
          database.gaps = structuredClone(gaps)
        }),
      ...comparable(() => [...database.content.values()]),
      close: () => Promise.resolve(),
    }
  }

  /** Everything is well again, but for one that may stay as it is; connections that hung are reset. */
  heal(but?: string): void {
    for (const database of this.#databases.values()) if (database.host !== but) database.downUntil = 0
    for (const call of this.#hanging) {
      if (call.host === but) continue
      this.#hanging.delete(call)
      call.answer(1, 'the connection was reset')
    }
  }

  /** It is there again; what hung is done now, though nobody may wait for it any more. */
  return(host: string): void {
    delete this.at(host).away
    for (const call of this.#hanging) {
      if (call.host !== host) continue
      this.#hanging.delete(call)
      call.work()
      call.answer(1)
    }
  }

  #call(process: Owner, host: string, work: () => void): Promise<void> {
    const { world, random, strikes } = this.#deps
    return new Promise((resolve, reject) => {
      const call: Call = {
        host,
        work,
        answer(delayMs, error) {
          const done = () => (error === undefined ? resolve() : reject(new Error(error)))
          world.laterIn(() => process, delayMs, 'sink answers', done)
        },
      }
      // From here on it is under way, whatever becomes of the node.
      world.later(random.pick([0, 1, 5]), 'sink is asked', () => {
        const database = this.at(host)
        if (database.away !== undefined) return this.#isAway(database, call)
        if (world.now < database.downUntil) return this.#isDown(call)
        if (strikes.strikes('sink-error')) return call.answer(1, 'the server has gone away')
        if (strikes.strikes('sink-hangs')) {
          if (random.chance(0.5)) work()
          this.#hangs(call)
        } else if (strikes.strikes('sink-late')) {
          const late = random.pick([100, 1000, 4000])
          world.later(late * random.next(), 'sink works', work)
          call.answer(late)
        } else {
          work()
          if (strikes.strikes('sink-lost')) call.answer(1, 'the connection broke')
          else call.answer(1)
        }
      })
    })
  }

  #isAway(database: Database, call: Call): void {
    if (database.away === 'hangs') return void this.#hanging.add(call)
    if (database.away === 'refuses') return call.answer(1, 'connection refused')
    database.away = 'refuses'
    call.work()
    call.answer(1, 'the connection broke')
  }

  #isDown(call: Call): void {
    if (this.#deps.random.chance(0.7)) call.answer(1, 'connection refused')
    else this.#hangs(call)
  }

  #hangs(call: Call): void {
    const { world, random, strikes } = this.#deps
    this.#hanging.add(call)
    world.later(random.pick([500, 3000, 20_000]), 'sink resets', () => {
      if (strikes.active && this.#hanging.delete(call)) call.answer(1, 'the connection was reset')
    })
  }
}

/** A row that is there already stays the only one of its sequence. */
function upsert({ rows, content }: Database, row: LogRow): void {
  const sequence = row.row.sequence.join('/')
  if (rows.has(sequence)) return
  rows.set(sequence, 1)
  content.set(sequence, row)
}

import type { Clock, Millis } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { pause } from '../runtime/pause.ts'
import type { Random } from '../runtime/random.ts'
import { isBefore } from '../state/sinks.ts'
import type { State } from '../state/state.ts'
import { lagOf, Pace } from './lag.ts'
import type { Place, RowBatch } from './outbox-reader.ts'
import type { ProgressReport } from './progress-report.ts'
import type { LogRow, SinkTarget } from './row.ts'
import type { SharedReader } from './shared-reader.ts'
import { Alarm } from './alarm.ts'
import type { Sequence, Sink, SinkGap } from './sink.ts'
import type { LaneStanding, SinkFigures } from './sinks-port.ts'

/** How long a call may take before the connection is given up, in milliseconds: the target gives up earlier. */
export const WRITE_TIMEOUT_MS = 120_000
export const PREPARE_TIMEOUT_MS = 600_000
/** After a failure, doubled with each one that follows, in milliseconds. */
export const RETRY_MS = 1000
export const RETRY_MS_MAX = 30_000
/** New rows wait for others, so that few of them are no statement each, in milliseconds … */
const GATHER_MS = 100
/** … and some tell nobody that they are there. */
const LOOK_EVERY_MS = 1000

export interface LaneDeps {
  clock: Clock
  random: Random
  logger: Pick<Logger, 'info' | 'warn'>
  state(): State
  /** Connects to nothing before it is asked for something. Throws when the password cannot be read. */
  connect(sink: Sink): SinkTarget
}

/** What a sink could not do. */
class Trouble extends Error {}
/** Nobody waits any more for what a target does. */
class Dropped extends Error {}

/**
 * Gaps are told again this often, in milliseconds: what a server that had hung was told before may come after what it was
 * told since, and takes the newer ones away.
 */
const GAPS_AGAIN_MS = 30_000

interface Open {
  key: string
  target: SinkTarget
  isPrepared: boolean
  gaps: readonly SinkGap[] | undefined
  /** When it was told of them, by the monotonic clock. */
  toldAt: number
}

/** Delivers to one sink, row after row and each after the one before, until it is stopped or the sink has gone. */
export class Lane {
  readonly #deps: LaneDeps
  readonly #uid: number
  readonly #reader: Pick<SharedReader, 'read'>
  readonly #report: Pick<ProgressReport, 'note'>
  readonly #signal: AbortSignal
  readonly #alarm: Alarm
  readonly #pace = new Pace()
  #place: Place = { cursor: [0, 0], position: 0 }
  #rows = 0
  /** Of the sink that `#place` is about. */
  #since = -1
  #open: Open | undefined
  #ahead: Promise<RowBatch> | undefined
  /** The end of what it is being given, and of what comes right after that. */
  #underWayTo: Sequence | undefined
  #failures = 0
  /** When the oldest row that is missing there came about. */
  #oldestAt: Millis | undefined
  #drop: () => void = () => undefined
  /** Counted up whenever what was read may no longer be right. */
  #epoch = 0

  constructor(
    deps: LaneDeps,
    uid: number,
    {
      reader,
      report,
      signal,
    }: { reader: Pick<SharedReader, 'read'>; report: Pick<ProgressReport, 'note'>; signal: AbortSignal },
  ) {
    this.#deps = deps
    this.#uid = uid
    this.#reader = reader
    this.#report = report
    this.#signal = signal
    this.#alarm = new Alarm(deps.clock, signal)
  }

  /** Resolves when it is over. Never rejects. */
  async run(): Promise<void> {
    for (;;) {
      const sink = this.#deps.state().sinks.get(this.#uid)
      if (!sink || this.#signal.aborted) break
      try {
        await this.#turn(sink)
      } catch (error) {
        if (error instanceof Dropped) this.#close()
        else if (!this.#signal.aborted) await this.#failed(sink, error)
      }
    }
    this.#close()
  }

  /** There are new rows. */
  wake(): void {
    this.#alarm.ring('rows')
  }

  /** The sink was changed: what was wrong with it may be right now. */
  changed(): void {
    this.#readAnew()
    const sink = this.#deps.state().sinks.get(this.#uid)
    if (!sink || sink.paused || keyOf(sink) !== this.#open?.key) this.#drop()
    this.#alarm.ring('change')
  }

  /** Rows left the ledger that it should have got. */
  missed(): void {
    this.#readAnew()
    this.#alarm.ring('rows')
  }

  figures(): SinkFigures | undefined {
    const { state, clock } = this.#deps
    const sink = state().sinks.get(this.#uid)
    if (!sink) return undefined
    const { since, cursor, position, rows } = sink.since === this.#since ? this.#progress() : sink
    const lag = lagOf(state(), sink, { cursor, position }, rows)
    const lagMs = this.#oldestAt === undefined || lag.lagRows === 0 ? 0 : Math.max(0, clock.now() - this.#oldestAt)
    const rowsPerSecond = this.#pace.perSecond(clock.monotonic())
    return { ...lag, lagMs, rowsPerSecond, place: { since, cursor, position, rows } }
  }

  /** Undefined before it has begun. */
  standing(): LaneStanding | undefined {
    if (this.#since < 0) return undefined
    return { ...this.#progress(), ...(this.#underWayTo ? { underWayTo: this.#underWayTo } : {}) }
  }

  async #turn(sink: Sink): Promise<void> {
    const epoch = this.#epoch
    this.#follow(sink)
    const batch = withinResend(await (this.#ahead ?? this.#reader.read(this.#place)), this.#place, sink)
    this.#ahead = undefined
    if (epoch !== this.#epoch) return
    this.#oldestAt = batch.rows[0] && timeOf(batch.rows[0])
    if (sink.paused) {
      this.#underWayTo = undefined
      this.#close()
      await this.#alarm.sleep('change')
      return
    }
    const open = await this.#ready(sink)
    if (epoch !== this.#epoch) return
    if (batch.position > this.#place.position) return this.#deliver(sink, batch, open)
    this.#underWayTo = undefined
    this.#recovered(sink)
    if (this.#deps.state().ledgerRows > this.#place.position) return
    if ((await this.#alarm.sleep('rows', LOOK_EVERY_MS)) === 'rows')
      await pause(this.#deps.clock, GATHER_MS, this.#signal)
  }

  /** Its tables are there, and so are its gaps. */
  async #ready(sink: Sink): Promise<Open> {
    const open = this.#opened(sink)
    if (!open.isPrepared) await this.#call(open.target.prepare(), PREPARE_TIMEOUT_MS)
    open.isPrepared = true
    const { gaps } = sink
    const now = this.#deps.clock.monotonic()
    const isOld = gaps.length > 0 && now - open.toldAt >= GAPS_AGAIN_MS
    if (isOld || (open.gaps !== gaps && (gaps.length > 0 || open.gaps !== undefined))) {
      await this.#call(open.target.writeGaps(gaps), WRITE_TIMEOUT_MS)
      open.toldAt = now
    }
    open.gaps = gaps
    return open
  }

  /** Only what is known to be there moves the cursor; what comes next is read meanwhile. */
  async #deliver(sink: Sink, batch: RowBatch, { target }: Open): Promise<void> {
    const { rows, cursor, position } = batch
    if (rows.length > 0) {
      const ahead = this.#reader.read({ cursor, position })
      this.#ahead = ahead
      this.#underWayTo = cursor
      ahead.then(
        (next) => this.#ahead === ahead && (this.#underWayTo = next.cursor),
        () => undefined,
      )
      await this.#call(target.write(rows), WRITE_TIMEOUT_MS)
    }
    if (sink.since !== this.#since || !this.#isPresent(sink)) return
    this.#place = { cursor, position }
    this.#rows += rows.length
    this.#pace.add(rows.length, this.#deps.clock.monotonic())
    this.#wellAgain()
    this.#report.note(this.#progress(), rows.length)
  }

  #readAnew(): void {
    this.#epoch += 1
    this.#ahead = undefined
  }

  /** Goes on where the sink is, if it began anew, and from where it is at first. */
  #follow(sink: Sink): void {
    if (sink.since === this.#since) return
    this.#since = sink.since
    this.#place = { cursor: sink.cursor, position: sink.position }
    this.#rows = sink.rows
    this.#ahead = undefined
  }

  #isPresent({ since }: Sink): boolean {
    return this.#deps.state().sinks.get(this.#uid)?.since === since
  }

  #opened(sink: Sink): Open {
    const key = keyOf(sink)
    if (this.#open?.key === key) return this.#open
    this.#close()
    try {
      this.#open = { key, target: this.#deps.connect(sink), isPrepared: false, gaps: undefined, toldAt: 0 }
    } catch (error) {
      throw new Trouble(messageOf(error))
    }
    return this.#open
  }

  #recovered(sink: Sink): void {
    this.#wellAgain()
    if (sink.trouble) this.#report.note(this.#progress(), 0)
  }

  #wellAgain(): void {
    if (this.#failures === 0) return
    this.#failures = 0
    const { logger, state } = this.#deps
    logger.info({ sink: state().sinks.get(this.#uid)?.name }, 'a sink takes rows again')
  }

  async #failed(sink: Sink, error: unknown): Promise<void> {
    const { logger, random } = this.#deps
    this.#ahead = undefined
    this.#underWayTo = undefined
    this.#close()
    this.#failures += 1
    const reason = messageOf(error)
    if (this.#failures === 1) logger.warn({ sink: sink.name, error: reason }, 'a sink takes no rows')
    // What the node itself could not read says nothing about the sink.
    if (error instanceof Trouble && sink.trouble?.error !== reason) {
      this.#report.note({ ...this.#progress(), error: reason }, 0)
    }
    const delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(10, this.#failures - 1))
    await this.#alarm.sleep('change', delayMs * (0.5 + random.next() / 2))
  }

  #progress() {
    return { sink: this.#uid, since: this.#since, ...this.#place, rows: this.#rows }
  }

  /** Without waiting: what is wrong with it holds up nothing. */
  #close(): void {
    const open = this.#open
    this.#open = undefined
    open?.target.close().catch((error: unknown) => {
      this.#deps.logger.warn({ error: messageOf(error) }, 'the connections of a sink did not close cleanly')
    })
  }

  /** What a target does, as long as it may take. What it says later is not heard. */
  #call(work: Promise<void>, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = () => {
        cancel()
        this.#drop = () => undefined
        this.#signal.removeEventListener('abort', stopped)
      }
      const give = (error: unknown) => {
        over()
        reject(new Trouble(messageOf(error)))
      }
      const stopped = () => give('the node stops')
      this.#drop = () => {
        over()
        reject(new Dropped())
      }
      const cancel = this.#deps.clock.after(timeoutMs, () => give(`it did not answer within ${timeoutMs / 1000} s`))
      this.#signal.addEventListener('abort', stopped, { once: true })
      work.then(() => {
        over()
        resolve()
      }, give)
    })
  }
}

/** What is delivered again ends somewhere: from there it goes on where it was. */
function withinResend(batch: RowBatch, { cursor }: Place, { resend }: Sink): RowBatch {
  if (!resend || !isBefore(cursor, resend.to) || isBefore(batch.cursor, resend.to)) return batch
  return { ...batch, rows: batch.rows.filter(({ row }) => !isBefore(resend.to, row.sequence)), ...resend.back }
}

/** Another one needs another connection. */
function keyOf({ connection, password }: Sink): string {
  return JSON.stringify([connection, password])
}

function timeOf({ kind, row }: LogRow): Millis {
  if (kind === 'stretch') return row.to
  return kind === 'late-result' ? row.at : row.endedAt
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

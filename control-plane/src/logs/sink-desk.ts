import { answerQuestion, askLeader, type LeaderDeps, type LeaderQuestion } from '../cluster/leader-question.ts'
import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { SinkTarget } from './row.ts'
import { probeSink } from './sink-probe.ts'
import { type OpenReader, SinkReaders } from './sink-readers.ts'
import type { SinkReader } from './sink-reader.ts'
import type { Sink, SinkConnection } from './sink.ts'
import type { ResendPlan, ResendRange, SinkAnswer, SinkFigures, SinksPort, VerifyStep } from './sinks-port.ts'

/** Connects to databases. Both make no connection before they are asked for something. */
export interface SinkDriver {
  target(connection: SinkConnection, password: string | undefined): SinkTarget
  reader(connection: SinkConnection, password: string | undefined): OpenReader
}

export interface SinkDeskDeps extends LeaderDeps {
  clock: Clock
  logger: Pick<Logger, 'warn'>
  sinks(): ReadonlyMap<number, Sink>
  openSecret(sealed: string): string
  driver: SinkDriver
  /** What this node measures, by uid; undefined unless it leads. */
  figures(): Figures | undefined
  /** Compares a sink with the ledger of this node. */
  verify(sink: Sink, target: SinkTarget, signal: AbortSignal): AsyncIterable<VerifyStep>
  /** Finds what of a range the ledger of this node still has. */
  planResend(sink: Sink, range: ResendRange): Promise<ResendPlan>
}

type Figures = (readonly [sink: number, figures: SinkFigures])[]

/** What can be asked about sinks at any node. */
export class SinkDesk implements SinksPort {
  readonly #deps: SinkDeskDeps
  readonly #readers: SinkReaders
  readonly #question: LeaderQuestion<Figures>

  constructor(deps: SinkDeskDeps) {
    this.#deps = deps
    this.#readers = new SinkReaders({ ...deps, connect: (...of) => deps.driver.reader(...of) })
    this.#question = { mark: 'sinks', what: 'how far the sinks are', own: () => deps.figures() }
  }

  async figures(): Promise<ReadonlyMap<number, SinkFigures> | undefined> {
    try {
      return new Map((await askLeader(this.#deps, this.#question)).answer)
    } catch (error) {
      if (error instanceof Problem) return undefined
      throw error
    }
  }

  /** Another member asks what this one measures; undefined when the body is another question. */
  answer(body: Uint8Array): Uint8Array | undefined {
    return answerQuestion(body, this.#question)
  }

  test(...[connection, password]: Parameters<SinksPort['test']>): ReturnType<SinksPort['test']> {
    return probeSink(this.#deps.clock, connection, () => this.#deps.driver.target(connection, password))
  }

  async *verify(sink: Sink, signal: AbortSignal): AsyncIterable<VerifyStep> {
    const { driver, openSecret, verify } = this.#deps
    const password = sink.password === undefined ? undefined : openSecret(sink.password)
    const target = driver.target(sink.connection, password)
    try {
      yield* verify(sink, target, signal)
    } finally {
      await target.close().catch(() => undefined)
    }
  }

  planResend(sink: Sink, range: ResendRange): Promise<ResendPlan> {
    return this.#deps.planResend(sink, range)
  }

  read<T>(ask: (reader: SinkReader) => Promise<T>, suffices?: (value: T) => boolean): Promise<SinkAnswer<T>> {
    return this.#readers.read(ask, suffices)
  }

  stop(): Promise<void> {
    return this.#readers.stop()
  }
}

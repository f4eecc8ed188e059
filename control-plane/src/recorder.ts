import { NotCommitted, type Outcome } from './cluster/consensus.ts'
import { Problem } from './problems.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import { Batcher, type Refusal } from './scheduler/batcher.ts'
import type { AttemptFinish, Command, CommandOf } from './state/commands.ts'
import type { State } from './state/state.ts'

/** Attempts whose end, or acceptance, one entry carries, at most. */
const FINISHES_MAX = 512
/** When what nobody could take in is given to the log again, in milliseconds. */
const AGAIN_MS = 100
/** How long a stop waits at most until it is recorded how calls ended, in milliseconds. */
const RECORD_MS = 3000

export interface RecorderDeps {
  clock: Clock
  logger: Logger
  state(): State
  submit(command: Command): Promise<Outcome>
  /** Resolves once this node has applied everything that any leader has committed by now. */
  caughtUp(): Promise<void>
}

/** Brings what came of this node's calls into the log, many in one entry, and again until it is taken in. */
export class Recorder {
  readonly #deps: RecorderDeps
  readonly #finishes: Batcher<AttemptFinish>
  readonly #accepted: Batcher<CommandOf<'attempts-accepted'>['accepted'][number]>
  /** Ends whose fate was unknown once: they are given to the log again only while their attempt is open. */
  readonly #again = new WeakSet<object>()
  #stopping = false
  /** What is not recorded by now will not be. */
  #over = false

  constructor(deps: RecorderDeps) {
    const { clock, submit } = deps
    this.#deps = deps
    this.#finishes = new Batcher(
      FINISHES_MAX,
      (finishes) => this.#finish(finishes),
      (error, items) => this.#refused(error, items),
    )
    this.#accepted = new Batcher(
      FINISHES_MAX,
      (accepted) => submit({ kind: 'attempts-accepted', at: clock.now(), accepted }),
      (error, items) => this.#refused(error, items),
    )
  }

  /** How an attempt ended. */
  finished(finish: AttemptFinish): void {
    this.#finishes.add(finish)
  }

  /** An executor took an attempt on for later. */
  accepted(attempt: string, leaseMs: number): void {
    this.#accepted.add({ attempt, leaseMs })
  }

  /** Waits a while until all is recorded: after leadership was handed over the next leader takes it in. */
  async stop(): Promise<void> {
    this.#stopping = true
    const drained = Promise.all([this.#finishes.drained(), this.#accepted.drained()])
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(RECORD_MS, resolve)
      void drained.then(() => {
        cancel()
        resolve()
      })
    })
    this.#over = true
  }

  async #finish(finishes: AttemptFinish[]): Promise<Outcome | undefined> {
    const { clock, state, submit, caughtUp } = this.#deps
    let open = finishes
    if (finishes.some((finish) => this.#again.has(finish))) {
      // Memory here may be behind the entry that took them in.
      await caughtUp().catch((cause: unknown) => {
        throw new NotCommitted('Nobody says how far the log is', { cause })
      })
      const { attempts } = state()
      open = finishes.filter((finish) => !this.#again.has(finish) || attempts.has(finish.attempt))
    }
    if (open.length === 0) return undefined
    return submit({ kind: 'attempts-finished', at: clock.now(), finishes: open })
  }

  /**
   * Ends that nobody took in are given to the log again. Where it is not known whether they were, only those whose
   * attempt is still open then, so that none is recorded twice.
   */
  #refused(error: unknown, items: readonly object[]): Refusal {
    const { clock, logger } = this.#deps
    const code = error instanceof Problem ? error.code : undefined
    if (code === 'body-too-large') return { next: 'smaller' }
    // The disk may be that of a leader that will soon be another.
    const certain = code === 'not-leader' || code === 'storage-failed'
    const over = this.#over || (this.#stopping && code === 'storage-failed')
    if (over || (!certain && code !== 'not-committed' && !(error instanceof NotCommitted))) {
      logger.error({ error: String(error), count: items.length }, 'ends of attempts could not be committed')
      return { next: 'drop' }
    }
    if (!certain) for (const item of items) this.#again.add(item)
    return { next: 'later', pause: new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve)) }
  }
}

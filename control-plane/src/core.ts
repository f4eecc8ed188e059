import { type Engine, startEngine } from './cluster/engine.ts'
import { type Consensus, NotCommitted, type Outcome } from './cluster/consensus.ts'
import { TooManyProposals } from './cluster/one-voter.ts'
import type { Config } from './config.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import type { EgressPolicy } from './dispatch/egress.ts'
import { Problem } from './problems.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import type { Random } from './runtime/random.ts'
import { Batcher, type Refusal } from './scheduler/batcher.ts'
import { handOver } from './scheduler/hand-over.ts'
import { Scheduler } from './scheduler/scheduler.ts'
import type { Sealer } from './signing/seal.ts'
import type { Event } from './state/applied.ts'
import type { AttemptFinish, Command, CommandOf } from './state/commands.ts'
import type { State } from './state/state.ts'
import type { Store } from './store/store.ts'
import type { FileSystem } from './wal/file-system.ts'

/** Attempts whose end, or acceptance, one entry carries, at most. */
const FINISHES_MAX = 512
/** When ends that the log had no room for are given to it again, in milliseconds. */
const AGAIN_MS = 100

export interface CoreDeps {
  clock: Clock
  random: Random
  logger: Logger
  config: Pick<Config, 'dispatchConcurrencyMax' | 'namespaceSlots' | 'scheduler'>
  fileSystem: FileSystem
  walFolder: string
  walSegmentBytes?: number
  store: Store
  sealer: Sealer
  egress: EgressPolicy
  node: string
  /** Called with what was loaded, before anything is done with it; throws when it cannot be worked with. */
  check(state: State): void
  onEvent(event: Event): void
  onFatal(error: Error): void
}

/** A node without its edges: state, log, scheduler and dispatcher, joined. */
export class Core {
  readonly #deps: CoreDeps
  readonly #engine: Engine
  #runsEnded = 0
  readonly #scheduler: Scheduler
  readonly #dispatcher: Dispatcher
  readonly #finishes: Batcher<AttemptFinish>
  readonly #accepted: Batcher<CommandOf<'attempts-accepted'>['accepted'][number]>

  /** Brings a node to where its last process left it, and begins to schedule. */
  static async start(deps: CoreDeps): Promise<Core> {
    let onEvent: (event: Event) => void = () => undefined
    const engine = await startEngine({ ...deps, onEvent: (event) => onEvent(event) })
    const incarnation = await begin(engine, deps)
    const core = new Core(deps, engine, incarnation)
    onEvent = (event) => core.#onEvent(event)
    core.#scheduler.start()
    return core
  }

  private constructor(deps: CoreDeps, engine: Engine, incarnation: number) {
    const { clock, random, logger, config, node } = deps
    this.#deps = deps
    this.#engine = engine
    const propose = (command: Command) => engine.consensus.propose(command)
    const state = () => engine.state
    this.#finishes = new Batcher(
      FINISHES_MAX,
      (finishes) => propose({ kind: 'attempts-finished', at: clock.now(), finishes }),
      (error, items) => this.#refused(error, items.length),
    )
    this.#accepted = new Batcher(
      FINISHES_MAX,
      (accepted) => propose({ kind: 'attempts-accepted', at: clock.now(), accepted }),
      (error, items) => this.#refused(error, items.length),
    )
    this.#scheduler = new Scheduler({ clock, random, logger, node, options: config.scheduler, state, propose })
    this.#dispatcher = new Dispatcher({
      clock,
      random,
      logger,
      state,
      node,
      incarnation,
      openSecret: (sealed) => deps.sealer.open(sealed),
      egress: deps.egress,
      report: (finish) => this.#finishes.add(finish),
      accepted: (attempt, leaseMs) => this.#accepted.add({ attempt, leaseMs }),
      concurrencyMax: config.dispatchConcurrencyMax,
    })
  }

  get state(): State {
    return this.#engine.state
  }

  get consensus(): Consensus {
    return this.#engine.consensus
  }

  /** Entries and syncs since the start, calls under way and waiting, jobs scheduled and runs waiting. */
  get figures() {
    const { entries, appends, bytes } = this.#engine.consensus.counters
    const { inFlight, waiting } = this.#dispatcher
    const { scheduled, waiting: queued, nextDue } = this.#scheduler.counts
    return {
      log: { entries, syncs: appends, bytes, runsEnded: this.#runsEnded },
      calls: { inFlight, waiting },
      jobs: { scheduled },
      runs: { open: this.state.runs.size, queued },
      ...(nextDue === undefined ? {} : { nextDue }),
    }
  }

  /**
   * Proposes a command and answers once it is applied here. What is due of a job is decided before the job is changed,
   * so that an edit never makes a misfire.
   */
  async submit(command: Command): Promise<Outcome> {
    const job = changedJob(this.state, command)
    if (job !== undefined) await this.#scheduler.settle(job)
    return this.consensus.propose(handOver(this.state, command, this.#deps.clock.now()))
  }

  /** Starts nothing more, lets calls under way end for `graceMs`, and records how they ended. */
  async stop(graceMs: number): Promise<void> {
    this.#scheduler.stop()
    await this.#dispatcher.stop(graceMs)
    await this.#finishes.drained()
    await this.#accepted.drained()
    await this.#engine.stop()
  }

  #onEvent(event: Event): void {
    if (event.type === 'run-ended') this.#runsEnded += 1
    if (event.type === 'attempt-started') {
      if (event.attempt.node === this.#deps.node) this.#dispatcher.start(event)
    } else if (event.type === 'attempt-aborted') {
      this.#dispatcher.abort(event.attempt, event.why)
    }
    this.#scheduler.onEvent(event)
    this.#deps.onEvent(event)
  }

  /** Ends that the log refused, and has certainly not committed, are given to it again; the rest is decided anew. */
  #refused(error: unknown, count: number): Refusal {
    const { clock, logger } = this.#deps
    if (error instanceof TooManyProposals) {
      const pause = new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve))
      return { next: 'later', pause }
    }
    if (error instanceof Problem && error.code === 'body-too-large') return { next: 'smaller' }
    if (!(error instanceof NotCommitted))
      logger.error({ error: String(error), count }, 'ends of attempts could not be committed')
    return { next: 'drop' }
  }
}

async function begin(engine: Engine, deps: CoreDeps): Promise<number> {
  try {
    deps.check(engine.state)
    return await introduce(engine, deps)
  } catch (error) {
    await engine.stop().catch(() => undefined)
    throw error
  }
}

/** The first entries of a process: the cluster, if it is new, and that this node is up under a new incarnation. */
async function introduce(engine: Engine, deps: CoreDeps): Promise<number> {
  const { clock, random, node, config } = deps
  const { state, consensus } = engine
  if (state.cluster === '') {
    const cluster = Buffer.from(random.bytes(8)).toString('hex')
    await consensus.propose({ kind: 'cluster-init', at: clock.now(), cluster, namespaceSlots: config.namespaceSlots })
  }
  const incarnation = (state.nodes.get(node)?.incarnation ?? 0) + 1
  await consensus.propose({ kind: 'node-up', at: clock.now(), node, incarnation })
  return incarnation
}

function changedJob(state: State, command: Command): number | undefined {
  if (command.kind === 'job-pause' || command.kind === 'job-resume' || command.kind === 'job-delete') return command.job
  if (command.kind === 'job-put') return state.jobNames.get(`${command.namespace}/${command.name}`)
  return undefined
}

import type { Config } from './config.ts'
import { answerWorker } from './cluster/broker-line.ts'
import { NotCommitted, type Consensus, type Leadership, type Outcome } from './cluster/consensus.ts'
import type { Disk } from './cluster/disk-watch.ts'
import { type Engine, type EngineDeps, startEngine } from './cluster/engine.ts'
import { forward } from './cluster/forward.ts'
import { foundCluster } from './cluster/founding.ts'
import { raftId } from './cluster/member-id.ts'
import type { Network, RequestKind } from './cluster/network.ts'
import { Presence } from './cluster/presence.ts'
import { CLOCK_BOUNDS, SelfWatch } from './cluster/self-watch.ts'
import { decodeSubmit, encodeFailure, encodeOutcome } from './cluster/submit-codec.ts'
import type { CallbackOf } from './dispatch/callback.ts'
import type { EgressPolicy } from './dispatch/egress.ts'
import { createHttp, type Http } from './dispatch/http.ts'
import { readParent } from './dispatch/parent.ts'
import { Crew } from './crew.ts'
import { Duties, type DutiesDeps } from './duties.ts'
import { LeaseKeeper } from './kv/lease-keeper.ts'
import { Problem } from './problems.ts'
import type { MemberId } from './raft/types.ts'
import { Recorder } from './recorder.ts'
import { changedJobs, handOver } from './scheduler/hand-over.ts'
import { Heartbeats } from './scheduler/heartbeats.ts'
import type { QueueFigures } from './scheduler/queue-figures.ts'
import { Scheduler } from './scheduler/scheduler.ts'
import type { Sealer } from './signing/seal.ts'
import type { Event } from './state/applied.ts'
import { tooNew } from './state/command-versions.ts'
import type { Command } from './state/commands.ts'
import type { NodeAbout, State } from './state/state.ts'
import { Ledger } from './store/ledger.ts'
import type { Store } from './store/store.ts'
import type { Replaceable } from './store/switchable-store.ts'
import { findTracing, type Tracing } from './tracing/tracing.ts'

/** When a node that could not take office tries again, in milliseconds. */
const AGAIN_MS = 100
/** How long a follower that had a change made waits until it has applied it, in milliseconds. */
const CATCH_UP_TIMEOUT_MS = 5000

export interface CoreDeps<S extends Replaceable>
  extends Omit<EngineDeps<S>, 'onRequest' | 'onReplaced'>,
    Pick<DutiesDeps, 'standings'> {
  config: Pick<Config, 'dispatchConcurrencyMax' | 'namespaceSlots' | 'scheduler' | 'nodeTtlMs'> &
    Partial<Pick<Config, 'clocks' | 'ledger'>>
  sealer: Sealer
  egress: EgressPolicy
  /** Makes what executors report with. @default calls carry none */
  callbackOf?: CallbackOf
  /** Takes the lines that handlers logged out of a command, and keeps them. @default they go through the log */
  withoutLines?: (command: Command) => Command
  about: NodeAbout
  /** Where others reach this node's peer port, and users its API. */
  address?: string
  apiUrl?: string
  /** Called with what was loaded, before anything is done with it; throws when it cannot be worked with. */
  check(state: State): void
  /** Answers what other members ask, besides changes. */
  onRequest(from: MemberId, kind: RequestKind, body: Uint8Array): Promise<Uint8Array>
  onReplaced?(): void
  /** The state here is not that of the others; `onFatal` when absent. */
  onDiverged?(error: Error): void
  disk?: Disk
  /** @default undici with kept connections behind the egress policy */
  http?: Http
}

/** A node without its edges: state, log, scheduler and dispatcher, joined. */
export class Core<S extends Replaceable = Replaceable> {
  readonly #deps: CoreDeps<S>
  readonly #engine: Engine<S>
  readonly #scheduler: Scheduler
  readonly #crew: Crew
  readonly #presence: Presence
  readonly #duties: Duties
  readonly #leases: LeaseKeeper
  /** What the node watches about itself. */
  readonly self: SelfWatch
  /** When executors were last heard of, as the leader knows. */
  readonly heartbeats: Heartbeats
  readonly #recorder: Recorder
  readonly #requested: (command: Command) => Promise<Outcome>
  /** Absent while nobody has set up an SDK of OpenTelemetry. */
  readonly tracing: Tracing | undefined
  #runsEnded = 0
  #stopping = false

  /** Brings a node to where its last process left it, and takes part from then on. */
  static async start<S extends Replaceable>(deps: CoreDeps<S>): Promise<Core<S>> {
    let core: Core<S> | undefined
    const engine = await startEngine<S>({
      ...deps,
      onEvent: (event) => core?.onEvent(event),
      onReplaced: () => core?.onReplaced(),
      async onRequest(from, kind, body) {
        if (kind === 'heartbeat' && core) return core.heartbeats.answer(body)
        if (kind === 'work' && core) return answerWorker(from, body, core.#scheduler.port)
        const answer = kind === 'digest' ? core?.self.answerDigest(body) : undefined
        return answer ?? (kind === 'submit' && core ? core.onSubmit(body) : deps.onRequest(from, kind, body))
      },
    })
    try {
      deps.check(engine.state)
      core = new Core(deps, engine)
      core.begin()
      return core
    } catch (error) {
      await engine.stop().catch(() => undefined)
      throw error
    }
  }

  private constructor(deps: CoreDeps<S>, engine: Engine<S>) {
    const { clock, random, logger, config, node } = deps
    this.#deps = deps
    this.#engine = engine
    const state = () => engine.state
    const submit = (command: Command) => this.#decide(command)
    const tracing = findTracing({ clock, state, node })
    this.tracing = tracing
    const log = (command: Command) => engine.consensus.propose(command)
    const propose = tracing?.proposing(log) ?? log
    const ask = (command: Command) => this.#decide(command, true)
    this.#requested = tracing?.requesting(ask) ?? ask
    const http = tracing ? tracing.sending(deps.http ?? createHttp(deps)) : deps.http
    const recorder = new Recorder({ clock, logger, state, submit, caughtUp: () => this.#caughtUp() })
    this.#recorder = recorder
    const heartbeatMs = deps.timing.tickMs * deps.timing.heartbeatTicks
    this.self = new SelfWatch({ ...deps, engine, heartbeatMs, clocks: config.clocks ?? CLOCK_BOUNDS })
    this.heartbeats = new Heartbeats({ clock, node, state, consensus: engine.consensus, network: engine.network })
    const heardAt = (attempt: string) => this.heartbeats.heardAt(attempt)
    const own = { isKnown: () => this.#presence.isKnown(), trusted: () => this.self.trustsClock, heardAt }
    this.#scheduler = new Scheduler({ ...deps, ...own, options: config.scheduler, state, propose })
    this.#crew = new Crew({
      clock,
      random,
      logger,
      state,
      node,
      config,
      consensus: engine.consensus,
      network: engine.network,
      own: this.#scheduler.port,
      incarnation: () => this.#presence.incarnation,
      clockIsWrong: () => this.self.differsFrom(engine.consensus.leadership().leader),
      openSecret: (sealed) => deps.sealer.open(sealed),
      ...(deps.callbackOf === undefined ? {} : { callbackOf: deps.callbackOf }),
      parentOf: (run) => readParent(new Ledger(engine.store), run),
      egress: deps.egress,
      report(finish) {
        tracing?.finished(finish)
        recorder.finished(finish)
      },
      accepted: (attempt, leaseMs) => this.#recorder.accepted(attempt, leaseMs),
      ...(http === undefined ? {} : { http }),
    })
    this.#presence = new Presence({
      clock,
      logger,
      node,
      about: deps.about,
      address: deps.address,
      apiUrl: deps.apiUrl,
      state,
      submit,
      onUp: (incarnation) => this.#crew.comeUp(incarnation),
    })
    this.#leases = new LeaseKeeper({ clock, state, propose })
    this.#duties = new Duties({
      ...deps,
      network: engine.network,
      nodeTtlMs: config.nodeTtlMs,
      options: config.ledger,
      state,
      store: () => engine.store,
      propose,
    })
  }

  get state(): State {
    return this.#engine.state
  }

  get store(): Store {
    return this.#engine.store
  }

  get consensus(): Consensus {
    return this.#engine.consensus
  }

  get network(): Network {
    return this.#engine.network
  }

  get engine(): Engine<S> {
    return this.#engine
  }

  /** Entries and syncs since the start, calls under way and waiting, jobs scheduled and runs waiting. */
  get figures() {
    const { entries, appends, bytes } = this.#engine.consensus.counters
    const { scheduled, waiting: queued, nextDue } = this.#scheduler.counts
    return {
      log: { entries, syncs: appends, bytes, runsEnded: this.#runsEnded },
      calls: this.#crew.calls,
      jobs: { scheduled },
      runs: { open: this.state.runs.size, queued },
      ...(nextDue === undefined ? {} : { nextDue }),
    }
  }

  /** What there is to schedule, and who works on it; undefined unless this node leads. */
  queues(): QueueFigures | undefined {
    return this.#scheduler.figures
  }

  /** To be called once, by `start`. */
  begin(): void {
    const { consensus } = this.#engine
    consensus.onLeadership((leadership) => this.#onLeadership(leadership))
    this.#setPeers()
    this.self.start()
    this.#crew.start()
    this.#onLeadership(consensus.leadership())
  }

  /** Resolves once this process is known to the cluster, which takes a leader. */
  introduced(): Promise<void> {
    return this.#presence.introduce()
  }

  /**
   * Has the leader propose a command, and answers once it is applied here. What is due of a job is decided before the job
   * is changed, so that an edit never makes a misfire.
   */
  submit(command: Command): Promise<Outcome> {
    const refusal = tooNew(command, this.state)
    // An older member may lead: it is not handed what it could not read.
    if (refusal !== undefined) return Promise.reject(new Problem('cluster-version-too-low', refusal))
    return this.#requested(command)
  }

  /**
   * Lets a lease live on for its whole time. Here, when this node leads and a majority says so after the sign of life came;
   * else by way of the log.
   */
  async keepLease(lease: string): Promise<void> {
    if (this.consensus.leadership().isLeader) {
      await this.consensus.readIndex()
      if (this.#leases.keep(lease)) return
    }
    const outcome = await this.submit({ kind: 'leases-kept', at: this.#deps.clock.now(), leases: [lease] })
    if (outcome.kind === 'rejected') throw new Problem(outcome.rejection.code, outcome.rejection.detail)
  }

  /** Another member forwards a change: this one leads, or refuses. */
  async onSubmit(body: Uint8Array): Promise<Uint8Array> {
    try {
      const { command, withinMs } = decodeSubmit(body)
      this.self.admit(command)
      return encodeOutcome(await this.#lead(command, this.#deps.clock.monotonic() + withinMs))
    } catch (error) {
      return encodeFailure(error)
    }
  }

  /** Hands leadership over, starts nothing more, lets calls under way end for `graceMs`, and records how they ended. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    this.#presence.stop()
    this.self.stop()
    this.#crew.retire()
    this.#leave()
    if (this.consensus.leadership().isLeader && this.consensus.membership().voters.length > 1) {
      await this.consensus.transfer().catch((error: unknown) => {
        this.#deps.logger.warn({ error: String(error) }, 'leadership could not be handed over')
      })
    }
    await this.#duties.close()
    await this.#crew.stop(graceMs)
    await this.#recorder.stop()
    await this.#engine.stop()
  }

  /** To be called by the engine alone. */
  onEvent(event: Event): void {
    switch (event.type) {
      case 'run-ended':
        this.#runsEnded += 1
        break
      case 'child-missing':
        this.#deps.logger.warn(event, 'a child that a run was to start is not there any more')
        break
      case 'members-changed':
        this.#setPeers()
        break
      case 'node-changed':
        this.#presence.onNodeChanged(event.node)
        break
      default:
        break
    }
    this.tracing?.onEvent(event)
    this.#crew.onEvent(event)
    this.#leases.onEvent(event)
    this.heartbeats.onEvent(event)
    this.#scheduler.onEvent(event)
    this.#deps.onEvent(event)
  }

  /** To be called by the engine alone: the whole state was replaced by a newer one. */
  onReplaced(): void {
    this.#setPeers()
    this.tracing?.onReplaced()
    this.#crew.onReplaced()
    this.#presence.onNodeChanged(this.#deps.node)
    this.#deps.onReplaced?.()
  }

  /** Decided by the leader, and applied here as well unless that takes too long: `onlyApplied` makes that a fault. */
  async #decide(given: Command, onlyApplied = false): Promise<Outcome> {
    const command = this.#deps.withoutLines?.(given) ?? given
    const { clock, node } = this.#deps
    const { consensus, network } = this
    this.self.admit(command)
    if (consensus.leadership().isLeader) return this.#lead(command)
    const outcome = await forward({ clock, node, consensus, network }, command)
    await consensus.waitApplied(outcome.index, CATCH_UP_TIMEOUT_MS).catch((cause: unknown) => {
      if (!onlyApplied || outcome.kind === 'rejected') return
      throw new NotCommitted(`It was made at index ${outcome.index}, which is not here yet`, { cause })
    })
    return outcome
  }

  /** `until`, by the monotonic clock: when nobody waits for it any more, and it is not proposed either. */
  async #lead(command: Command, until = Number.POSITIVE_INFINITY): Promise<Outcome> {
    if (command.kind.startsWith('job-') || command.kind === 'manifest-reconcile') await this.#settle(command)
    if (this.#deps.clock.monotonic() > until) throw new Problem('not-leader', 'It came too late; try again')
    return this.consensus.propose(handOver(this.state, command, this.#deps.clock.now()))
  }

  async #caughtUp(): Promise<void> {
    await this.consensus.waitApplied(await this.consensus.readIndex(), CATCH_UP_TIMEOUT_MS)
  }

  /** Whoever asks may have seen more of the log applied than this node has: a job is changed as it then is. */
  async #settle(command: Command): Promise<void> {
    await this.consensus.waitApplied(this.consensus.status().commit, CATCH_UP_TIMEOUT_MS)
    await this.#scheduler.settleAll(changedJobs(this.state, command))
  }

  #onLeadership({ isLeader, leader, signal }: Leadership): void {
    if (this.#stopping) return
    this.#crew.onLeadership()
    if (isLeader) void this.#takeOffice(signal)
    else {
      this.#leave()
      if (leader !== undefined) void this.#presence.introduce()
    }
  }

  async #takeOffice(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps
    while (!signal.aborted && !this.#stopping) {
      try {
        const { state, consensus, cluster } = this.#engine
        await foundCluster({ ...this.#deps, ...this.#deps.config, state, consensus, cluster })
        await this.#presence.introduce()
        if (signal.aborted || this.#stopping) return
        this.#scheduler.start()
        this.#duties.start()
        this.#leases.lead(signal)
        this.heartbeats.lead()
        return
      } catch (error) {
        if (!signal.aborted) logger.warn({ error: String(error) }, 'this node could not take office yet')
        await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve))
      }
    }
  }

  #leave(): void {
    this.#scheduler.stop()
    this.#duties.stop()
  }

  /** Whom there is to talk to: the members, or before there are any those with whom the cluster begins. */
  #setPeers(): void {
    const { node, begin } = this.#deps
    const members = [...this.state.members.values()].filter(({ address }) => address !== '')
    // The entries that say who the members are come one by one; until the last one has come, those it begins with count.
    const known = this.state.cluster !== '' || begin === 'join' ? members : begin.members
    if (known.length === 0) return
    this.network.setPeers(
      known.filter(({ id }) => id !== node).map(({ id, name, address }) => ({ id: raftId(id), name, address })),
    )
  }
}

import { Problem } from '../problems.ts'
import { Raft } from '../raft/raft.ts'
import { type Entry, type MemberId, type Membership, type Message, type Ready, type Snapshot } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import type { Command } from '../state/commands.ts'
import type { HardState as StoredHardState } from '../wal/wal.ts'
import { AppliedWaits } from './applied-waits.ts'
import { Applier } from './applier.ts'
import {
  type Consensus,
  type ConsensusStatus,
  type Leadership,
  type MembersView,
  type MemberStep,
  NotCommitted,
  type Outcome,
} from './consensus.ts'
import { mayLeave } from './durable-first.ts'
import { LinearizableReads } from './linearizable-reads.ts'
import { LogWriter, type LogWriterCounters } from './log-writer.ts'
import { raftId } from './member-id.ts'
import { Office } from './office.ts'
import { furthestVoter, hasTouch, membersView, statusView } from './engine-views.ts'
import { MemberNames } from './member-names.ts'
import { changeOf, changeUnderWay, commandOf, type Proposal, Proposals, tooEarly } from './proposals.ts'
import { coreOptions, type RaftEngineOptions, withDefaults } from './raft-engine-options.ts'
import { RoleWatch } from './role-watch.ts'
import { Ticker } from './ticker.ts'
import { Wakefulness } from './wakefulness.ts'

/** How long a linearizable read, or a transfer, waits for its answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5000
/** How long a stop waits for what has been proposed, in milliseconds. */
const SETTLE_MS = 2000

/**
 * Drives the consensus core: gives it ticks, messages and proposals, makes durable what it says, sends, applies, and
 * answers. The core is asked what to do once per turn of the loop, so what comes in one turn shares messages and writes.
 */
export class RaftEngine implements Consensus {
  readonly #options: Required<RaftEngineOptions>
  readonly #id: MemberId
  readonly #raft: Raft
  readonly #writer: LogWriter
  readonly #applier: Applier
  readonly #proposals: Proposals
  readonly #reads: LinearizableReads
  readonly #waits: AppliedWaits
  readonly #office: Office
  readonly #roles: RoleWatch
  readonly #ticker: Ticker
  readonly #wakefulness: Wakefulness
  readonly #names: MemberNames
  #membership: Membership
  #applied: number
  #scheduled = false
  #pumping = false
  #failure: Error | undefined
  #stopping: Promise<void> | undefined
  #stopped = false

  constructor(options: RaftEngineOptions) {
    this.#options = withDefaults(options)
    const { node, wal, log, clock, random, timing, applied } = options
    const { proposalsMax, proposalBytesMax } = this.#options
    this.#id = raftId(node)
    this.#names = new MemberNames(() => this.#options.members())
    this.#applied = applied
    const initial = log.initialState()
    this.#membership = initial.membership
    const fatal = (error: unknown) => this.fail(error)
    const deliver = (messages: readonly Message[]) => this.#deliver(messages)
    this.#raft = new Raft(coreOptions(options))
    this.#writer = new LogWriter(
      {
        wal,
        clock,
        onDurable: (entries) => log.appended(entries),
        install: (snapshot, hardState) => this.#install(snapshot, hardState),
        deliver: (messages) => {
          deliver(messages)
          // The next proposals were gathered while this write was under way.
          this.#pump()
        },
        onFatal: fatal,
      },
      initial.hardState,
    )
    this.#applier = new Applier({
      clock,
      apply: (entry) => this.#apply(entry),
      room: () => this.#options.room(),
      deliver,
      onFatal: fatal,
    })
    this.#proposals = new Proposals({ clock, proposalsMax, proposalBytesMax, payloadBytesMax: wal.payloadBytesMax })
    this.#waits = new AppliedWaits(clock)
    this.#office = new Office(node, initial.hardState.term)
    this.#roles = new RoleWatch({ clock, office: this.#office, proposals: this.#proposals, names: this.#names })
    this.#reads = new LinearizableReads({
      clock,
      prefix: `${node}-${Buffer.from(random.bytes(4)).toString('hex')}`,
      retryMs: timing.electionMs,
      timeoutMs: ANSWER_TIMEOUT_MS,
      ask: (context) => this.#tell(() => this.#raft.readIndex(context)),
    })
    this.#wakefulness = new Wakefulness(clock, timing.electionMs, () => this.#reads.read())
    this.#ticker = new Ticker(clock, timing, () => {
      this.#wakefulness.tick()
      this.#tell(() => {
        this.#options.beforeTick(this.#raft.state)
        this.#raft.tick()
      })
    })
  }

  get counters(): LogWriterCounters & Pick<Proposals, 'queued' | 'commits'> {
    return { ...this.#writer.counters, queued: this.#proposals.queued, commits: this.#proposals.commits }
  }

  /** Begins to take part. A cluster of one elects itself at once. */
  start(): void {
    const { voters, votersOutgoing } = this.#membership
    if (voters.length === 1 && voters[0] === this.#id && votersOutgoing.length === 0) this.#raft.campaign()
    this.#ticker.start()
    this.#schedule()
  }

  propose(command: Command): Promise<Outcome> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    const outcome = this.#proposals.add(command)
    this.#schedule()
    return outcome
  }

  async change(steps: MemberStep[], command?: Command): Promise<Outcome> {
    const refusal = this.#refusal() ?? tooEarly(steps, this.#options.log.firstIndex())
    if (refusal !== undefined) throw refusal
    const placed = this.#raft.proposeChange(changeOf(steps, command))
    this.#schedule()
    if (placed === undefined || 'kind' in placed) throw changeUnderWay()
    return this.#proposals.placeChange(placed.index, placed.term)
  }

  readIndex(): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(new Problem('storage-failed', this.#failure.message))
    if (this.#stopping !== undefined) return Promise.reject(new Problem('not-leader', 'The node is stopping'))
    return this.#reads.read()
  }

  leadership(): Leadership {
    return this.#office.current
  }

  onLeadership(listener: (leadership: Leadership) => void): () => void {
    return this.#office.onChange(listener)
  }

  waitApplied(index: number, timeoutMs: number): Promise<void> {
    return index <= this.#applied ? Promise.resolve() : this.#waits.wait(index, timeoutMs)
  }

  inTouch(): boolean {
    const { network, timing } = this.#options
    const heard = (id: MemberId) => id === this.#id || (network.silence(id) ?? Infinity) <= timing.electionMs
    return this.#wakefulness.isAwake() && hasTouch(this.#raft.state, this.#membership, heard)
  }

  membership(): MembersView {
    return membersView(this.#membership, this.#names)
  }

  async transfer(to?: string): Promise<void> {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
    const target = to === undefined ? furthestVoter(this.#raft.status(), this.#membership) : raftId(to)
    if (target === this.#id) return
    if (target === undefined || !this.#membership.voters.includes(target)) {
      throw new Problem('member-change-refused', 'There is no voter that could take over')
    }
    const { clock, timing } = this.#options
    // The core gives up after one election timeout; whoever was told to campaign by then has another one.
    const gone = this.#office.left(clock, 2 * timing.electionMs)
    this.#tell(() => this.#raft.transferLeader(target))
    if (!(await gone)) throw new Problem('member-change-refused', `${this.#names.of(target)} did not take over in time`)
  }

  status(): ConsensusStatus {
    const { log, network } = this.#options
    const firstIndex = log.firstIndex()
    const { changes: leaderChanges } = this.#office
    return {
      ...statusView(this.#raft.status(), this.#membership, this.#names, (id) => network.silence(id)),
      applied: this.#applied,
      firstIndex,
      leaderChanges,
      elections: this.#roles.elections,
    }
  }

  /** A message of another member. */
  receive(message: Message): void {
    this.#tell(() => this.#raft.step(message))
  }

  /** Whether this state is about to take the place of this node's own. */
  installs({ index, term }: Pick<Snapshot, 'index' | 'term'>): boolean {
    const { snapshot } = this.#raft.state.log.unstable
    return snapshot?.index === index && snapshot.term === term
  }

  /** Whether this node leads and a member does not get its entries from the log yet. */
  needsState(member: MemberId): boolean {
    const { role, peers } = this.#raft.state
    return role === 'leader' && peers.some(({ id, state }) => id === member && state !== 'replicate')
  }

  unreachable(peer: MemberId): void {
    this.#tell(() => this.#raft.reportUnreachable(peer))
  }

  snapshotSent(peer: MemberId, ok: boolean): void {
    this.#tell(() => this.#raft.reportSnapshot(peer, ok))
  }

  /** Older entries that the core had asked the log for are in memory now. */
  entriesFetched(): void {
    this.#tell(() => this.#raft.entriesFetched())
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#drain()
    return this.#stopping
  }

  /** Why nothing can be proposed; what is refused here has certainly not been committed. */
  #refusal(): Problem | undefined {
    if (this.#failure !== undefined) return new Problem('storage-failed', this.#failure.message)
    if (this.#stopping !== undefined) return new Problem('not-leader', 'The node is stopping')
    if (this.#office.current.isLeader) return undefined
    return new Problem('not-leader', 'This node does not lead')
  }

  /** Tells the core something. A broken invariant in there ends the node: what it would do next is worth nothing. */
  #tell(what: () => unknown): void {
    if (this.#stopped || this.#failure !== undefined) return
    try {
      what()
    } catch (error) {
      this.fail(error)
    }
    this.#schedule()
  }

  /** Asks the core what to do at the end of this turn. */
  #schedule(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    void Promise.resolve().then(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#pumping || this.#stopped || this.#failure !== undefined) return
    this.#pumping = true
    try {
      do {
        this.#feed()
        if (!this.#raft.hasReady()) break
        this.#handle(this.#raft.ready())
      } while (!this.#stopped)
    } catch (error) {
      this.fail(error)
    } finally {
      this.#pumping = false
    }
  }

  /** Gives the core the proposals that wait; while a write is under way they gather for the next one. */
  #feed(): void {
    if (this.#proposals.queued === 0) return
    if (this.#raft.state.role !== 'leader') {
      this.#proposals.refuseQueued(new Problem('not-leader', 'This node does not lead'))
      return
    }
    if (this.#writer.writing) return
    this.#proposals.give(this.#options.batchBytesMax, (payloads) => this.#raft.propose(payloads))
  }

  #handle(ready: Ready): void {
    this.#roles.observe(this.#raft.state)
    for (const { context, index } of ready.readStates) this.#reads.answered(context, index)
    for (const message of ready.messages) this.#dispatch(message)
  }

  #dispatch(message: Message): void {
    switch (message.type) {
      case 'storage-append':
        return this.#writer.push(message)
      case 'storage-apply':
        return this.#applier.push(message)
      case 'snapshot':
        return this.#options.sendSnapshot(message)
      default:
        if (!mayLeave(message, this.#options.wal)) return
        if (message.to === this.#id) this.#raft.step(message)
        else if (!this.#options.network.send(message)) this.#raft.reportUnreachable(message.to)
    }
  }

  #deliver(messages: readonly Message[]): void {
    if (this.#stopped || this.#failure !== undefined) return
    for (const message of messages) this.#dispatch(message)
    this.#schedule()
  }

  #apply(entry: Entry): void {
    const proposal = this.#proposals.settle(entry.index, entry.term)
    try {
      this.#applyTo(entry, proposal)
    } catch (error) {
      proposal?.reject(new NotCommitted('The node failed when it applied the change', { cause: error }))
      throw error
    }
  }

  #applyTo(entry: Entry, proposal: Proposal | undefined): void {
    const { index, term } = entry
    if (entry.kind !== 'normal') this.#applyChange(entry)
    const command = commandOf(entry, proposal)
    const applied = this.#options.apply(index, term, command)
    this.#applied = index
    this.#options.log.appliedTo(index)
    this.#waits.applied(index)
    this.#roles.applied(term)
    if (proposal === undefined) return
    if (proposal.isChange && entry.kind === 'normal') proposal.reject(changeUnderWay())
    else if (applied?.rejection !== undefined)
      proposal.resolve({ kind: 'rejected', index, rejection: applied.rejection })
    else proposal.resolve({ kind: 'applied', index, value: applied?.value })
  }

  #applyChange({ change }: Entry): void {
    assert(change !== undefined, 'an entry that changes the membership says how')
    this.#membership = this.#raft.applyChange(change)
    this.#names.forget()
    this.#options.onMembership(this.#membership)
    this.#schedule()
  }

  async #install(snapshot: Snapshot, hardState: StoredHardState): Promise<void> {
    await this.#applier.idle()
    await this.#options.install(snapshot, hardState)
    this.#options.log.installed(snapshot)
    this.#applied = snapshot.index
    this.#membership = snapshot.membership
    this.#names.forget()
    this.#roles.installed()
    this.#proposals.abandon('Another leader took over: the change may or may not have been made')
    this.#waits.applied(snapshot.index)
  }

  /** Finishes what is under way, for a while, syncs and closes the log. */
  async #drain(): Promise<void> {
    const { clock, wal } = this.#options
    await this.#proposals.settled(clock, SETTLE_MS)
    this.#stopped = true
    this.#ticker.stop()
    try {
      await this.#writer.stop()
      await this.#applier.idle(SETTLE_MS)
    } finally {
      this.#applier.stop()
      this.#refuseAll(new Problem('not-leader', 'The node is stopping'))
    }
    await wal.close()
  }

  /** Nobody knows what the disk holds now, or what the core would do: all who wait are told so, and the process is to end. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#ticker.stop()
    this.#applier.stop()
    this.#refuseAll(new Problem('storage-failed', this.#failure.message))
    this.#options.onFatal(this.#failure)
  }

  /** Whoever has still no answer gets one: what has no place in the log has certainly not been made. */
  #refuseAll(problem: Problem): void {
    this.#roles.stop()
    this.#reads.stop()
    this.#waits.stop(problem)
    this.#proposals.refuseQueued(problem)
    this.#proposals.abandon(`${problem.message}: the change may or may not have been made`)
  }
}

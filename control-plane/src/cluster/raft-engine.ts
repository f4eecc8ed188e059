import { Problem } from '../problems.ts'
import { Raft } from '../raft/raft.ts'
import {
  type Entry,
  type MemberId,
  type Membership,
  type Message,
  NONE,
  type Ready,
  type Role,
  type Snapshot,
} from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import type { Command } from '../state/commands.ts'
import type { HardState as StoredHardState } from '../wal/wal.ts'
import { AppliedWaits } from './applied-waits.ts'
import { Applier } from './applier.ts'
import type { ConsensusStatus, Consensus, Leadership, MembersView, MemberStep, Outcome } from './consensus.ts'
import { decodeCommand, encodeCommand } from './entry-codec.ts'
import { LinearizableReads } from './linearizable-reads.ts'
import { LogWriter, type LogWriterCounters } from './log-writer.ts'
import { raftId } from './member-id.ts'
import { Office } from './office.ts'
import { furthestVoter, hasTouch, membersView, statusView } from './engine-views.ts'
import { MemberNames } from './member-names.ts'
import { type Proposal, Proposals } from './proposals.ts'
import { coreOptions, type RaftEngineOptions } from './raft-engine-options.ts'
import { Ticker } from './ticker.ts'

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
  readonly #ticker: Ticker
  readonly #names: MemberNames
  #membership: Membership
  #applied: number
  #scheduled = false
  #pumping = false
  #elections = 0
  /** Term of this node's leadership whose first entry is not applied yet. */
  #candidateTerm: number | undefined
  #failure: Error | undefined
  #stopping: Promise<void> | undefined
  #stopped = false
  #seen: { role: Role; leader: MemberId; term: number } = { role: 'follower', leader: NONE, term: 0 }
  #cancelAbandon: (() => void) | undefined

  constructor(options: RaftEngineOptions) {
    this.#options = {
      batchBytesMax: 1024 * 1024,
      proposalsMax: 65_536,
      proposalBytesMax: 64 * 1024 * 1024,
      ...options,
    }
    const { node, wal, log, clock, random, timing, applied } = options
    const { proposalsMax, proposalBytesMax } = this.#options
    this.#id = raftId(node)
    this.#names = new MemberNames(() => this.#options.members())
    this.#applied = applied
    const initial = log.initialState()
    this.#membership = initial.membership
    const fatal = (error: unknown) => this.#fail(error)
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
    this.#proposals = new Proposals({ proposalsMax, proposalBytesMax, payloadBytesMax: wal.payloadBytesMax })
    this.#waits = new AppliedWaits(clock)
    this.#office = new Office(node, initial.hardState.term)
    this.#reads = new LinearizableReads({
      clock,
      prefix: `${node}-${Buffer.from(random.bytes(4)).toString('hex')}`,
      retryMs: timing.electionMs,
      timeoutMs: ANSWER_TIMEOUT_MS,
      ask: (context) => {
        this.#raft.readIndex(context)
        this.#schedule()
      },
    })
    this.#ticker = new Ticker(clock, timing, () => this.#tick())
  }

  get counters(): LogWriterCounters {
    return this.#writer.counters
  }

  /** Begins to take part. A cluster of one elects itself at once. */
  start(): void {
    const { voters, votersOutgoing } = this.#membership
    if (voters.length === 1 && voters[0] === this.#id && votersOutgoing.length === 0) this.#campaign()
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
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
    const change = {
      transition: 'auto' as const,
      steps: steps.map((step) => ({ do: step.do, member: raftId(step.member) })),
      context: command === undefined ? new Uint8Array(0) : encodeCommand(command),
    }
    const placed = this.#raft.proposeChange(change)
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
    const heard = (id: MemberId) =>
      id === this.#id || (network.silence(id) ?? Number.POSITIVE_INFINITY) <= timing.electionMs
    return hasTouch(this.#raft.state, this.#membership, heard)
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
    const gone = this.#leavesOffice()
    this.#raft.transferLeader(target)
    this.#schedule()
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
      elections: this.#elections,
    }
  }

  /** A message of another member. */
  receive(message: Message): void {
    if (this.#stopped || this.#failure !== undefined) return
    this.#raft.step(message)
    this.#schedule()
  }

  unreachable(peer: MemberId): void {
    this.#raft.reportUnreachable(peer)
  }

  snapshotSent(peer: MemberId, ok: boolean): void {
    this.#raft.reportSnapshot(peer, ok)
    this.#schedule()
  }

  /** Older entries that the core had asked the log for are in memory now. */
  entriesFetched(): void {
    this.#raft.entriesFetched()
    this.#schedule()
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

  #campaign(): void {
    this.#raft.campaign()
    this.#schedule()
  }

  #tick(): void {
    if (this.#failure !== undefined) return
    this.#raft.tick()
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
      do this.#feed()
      while (this.#advance())
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#pumping = false
    }
  }

  #advance(): boolean {
    if (!this.#raft.hasReady()) return false
    this.#handle(this.#raft.ready())
    return true
  }

  /** Gives the core the proposals that wait; while a write is under way they gather for the next one. */
  #feed(): void {
    if (this.#proposals.queued === 0) return
    if (this.#raft.state.role !== 'leader') {
      this.#proposals.refuseQueued(new Problem('not-leader', 'This node does not lead'))
      return
    }
    if (this.#writer.writing) return
    const batch = this.#proposals.take(this.#options.batchBytesMax)
    const placed = this.#raft.propose(batch.map(({ payload }) => payload))
    if (placed === undefined || 'kind' in placed) this.#proposals.putBack(batch)
    else this.#proposals.place(batch, placed.index, placed.term)
  }

  #handle(ready: Ready): void {
    this.#observe()
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
        if (message.to === this.#id) this.#raft.step(message)
        else if (!this.#options.network.send(message)) this.#raft.reportUnreachable(message.to)
    }
  }

  #deliver(messages: readonly Message[]): void {
    if (this.#stopped || this.#failure !== undefined) return
    for (const message of messages) this.#dispatch(message)
    this.#schedule()
  }

  /** Notices a change of role, leader or term. */
  #observe(): void {
    const { role, leader, term } = this.#raft.state
    const seen = this.#seen
    if (seen.role === role && seen.leader === leader && seen.term === term) return
    this.#seen = { role, leader, term }
    if (role === 'pre-candidate') this.#elections++
    if (role === 'leader') {
      this.#candidateTerm = term
      this.#office.follow(term, undefined)
      return
    }
    this.#candidateTerm = undefined
    if (seen.role === 'leader') this.#abandonLater()
    this.#office.follow(term, leader === NONE ? undefined : this.#names.of(leader))
  }

  /** What this node proposed as leader is settled by the entries of the next one, or by nobody in time. */
  #abandonLater(): void {
    this.#cancelAbandon?.()
    this.#cancelAbandon = this.#options.clock.after(ANSWER_TIMEOUT_MS, () => {
      if (this.#seen.role === 'leader') return
      this.#proposals.abandon('This node does not lead any more: the change may or may not have been made')
    })
  }

  #apply(entry: Entry): void {
    const { index, term } = entry
    const proposal = this.#proposals.settle(index, term)
    if (entry.kind !== 'normal') this.#applyChange(entry)
    const command = commandOf(entry, proposal)
    const applied = this.#options.apply(index, term, command)
    this.#applied = index
    this.#options.log.appliedTo(index)
    this.#waits.applied(index)
    if (term === this.#candidateTerm) {
      this.#candidateTerm = undefined
      this.#office.take(term)
    }
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
    // Before it had a state, a new member did not know by which id its leader is known.
    const { leader, role, term } = this.#seen
    if (role !== 'leader') this.#office.follow(term, leader === NONE ? undefined : this.#names.of(leader))
    this.#proposals.abandon('Another leader took over: the change may or may not have been made')
    this.#waits.applied(snapshot.index)
  }

  #leavesOffice(): Promise<boolean> {
    const { clock, timing } = this.#options
    return new Promise((resolve) => {
      const end = (gone: boolean) => {
        stopListening()
        cancel()
        resolve(gone)
      }
      const cancel = clock.after(timing.electionMs + ANSWER_TIMEOUT_MS, () => end(false))
      const stopListening = this.#office.onChange(({ isLeader, leader }) => {
        if (!isLeader && leader !== undefined) end(true)
      })
    })
  }

  /** Finishes what is under way, hands leadership over when there is somebody, syncs and closes the log. */
  async #drain(): Promise<void> {
    await this.#settled()
    this.#stopped = true
    this.#ticker.stop()
    this.#cancelAbandon?.()
    await this.#writer.stop()
    await this.#applier.idle()
    this.#office.follow(this.#raft.state.term, undefined)
    this.#reads.stop()
    this.#proposals.refuseQueued(new Problem('not-leader', 'The node is stopping'))
    this.#proposals.abandon('The node is stopping: the change may or may not have been made')
    this.#applier.stop()
    await this.#options.wal.close()
  }

  /** Waits a while for what has been proposed here to be committed and applied. */
  async #settled(): Promise<void> {
    const { clock } = this.#options
    const until = clock.monotonic() + SETTLE_MS
    while (this.#proposals.waiting > 0 && this.#failure === undefined && clock.monotonic() < until) {
      await new Promise<void>((resolve) => void clock.after(1, resolve))
    }
  }

  /** Nobody knows what the disk holds now: all who wait are told so, and the process is to end. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#ticker.stop()
    this.#office.follow(this.#raft.state.term, undefined)
    this.#reads.stop()
    this.#proposals.refuseQueued(new Problem('storage-failed', this.#failure.message))
    this.#proposals.abandon('The log failed: the change may or may not have been made')
    this.#options.onFatal(this.#failure)
  }
}

function changeUnderWay(): Problem {
  return new Problem('member-change-refused', 'Another change of membership is under way; try again shortly')
}

/** What an entry carries for the state: the proposer's own object where there is one, so that nothing is decoded twice. */
function commandOf(entry: Entry, proposal: Proposal | undefined): Command | undefined {
  if (entry.kind !== 'normal')
    return entry.change!.context.length === 0 ? undefined : decodeCommand(entry.change!.context)
  if (entry.data.length === 0) return undefined
  return proposal?.isChange === false ? proposal.command : decodeCommand(entry.data)
}

import { Problem } from '../problems.ts'
import type { Placed } from '../raft/raft.ts'
import type { Entry, MembershipChange, Refusal } from '../raft/types.ts'
import { Buckets, FAST_MS } from '../runtime/buckets.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Command } from '../state/commands.ts'
import { type MemberStep, NotCommitted, type Outcome } from './consensus.ts'
import { comesBack, decodeCommand, encodeCommand } from './entry-codec.ts'
import { raftId } from './member-id.ts'

export interface ProposalLimits {
  /** To measure how long commits take. @default they are not measured */
  clock?: Clock
  /** Proposals that may wait for their answer; beyond it they are refused with `TooManyProposals`. */
  proposalsMax: number
  /** Bytes of commands that may wait for their answer, likewise. */
  proposalBytesMax: number
  /** Bytes that one command may have. */
  payloadBytesMax: number
}

const EMPTY = new Uint8Array(0)
const NOTHING: Command = { kind: 'token-revoke', at: 0, id: '' }

/** A command on its way into the log, and who waits for it. */
export interface Proposal {
  /** A change of membership: its command, if any, stands in the entry. */
  isChange: boolean
  command: Command
  payload: Uint8Array
  /** Where it stands once it has a place in the log. */
  index: number
  term: number
  /** When it was taken in, by the monotonic clock. */
  since: number
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/** The commands that wait: first for a place in the log, then for their entry to be applied here. */
export class Proposals {
  readonly #limits: ProposalLimits
  readonly #placed = new Map<number, Proposal>()
  /** How long it took until what was proposed here was committed and applied here. */
  readonly commits = new Buckets(FAST_MS)
  #queue: Proposal[] = []
  #count = 0
  #bytes = 0
  /** Of the last entry that was applied. */
  #appliedTerm = 0

  constructor(limits: ProposalLimits) {
    this.#limits = limits
  }

  get waiting(): number {
    return this.#count
  }

  get queued(): number {
    return this.#queue.length
  }

  /** Takes a command in. Rejects at once when it is too large, or too many wait. */
  add(command: Command): Promise<Outcome> {
    const { proposalsMax, proposalBytesMax, payloadBytesMax } = this.#limits
    if (this.#count >= proposalsMax) return Promise.reject(new TooManyProposals(`${proposalsMax} changes`))
    let payload: Uint8Array
    try {
      payload = encodeCommand(command)
    } catch (error) {
      return Promise.reject(new Problem('invalid-request', `It cannot be stored: ${String(error)}`))
    }
    if (payload.length > payloadBytesMax) {
      return Promise.reject(new Problem('body-too-large', `The log takes ${payloadBytesMax} bytes at once`))
    }
    if (this.#bytes + payload.length > proposalBytesMax) {
      return Promise.reject(new TooManyProposals(`changes of ${proposalBytesMax} bytes`))
    }
    this.#count++
    this.#bytes += payload.length
    const since = this.#now()
    return new Promise((resolve, reject) => {
      this.#queue.push({ isChange: false, command, payload, index: 0, term: 0, since, resolve, reject })
    })
  }

  /** Gives the log the next ones, at least one, as many as `bytesMax` allows. Those that find no place go on waiting. */
  give(bytesMax: number, propose: (payloads: Uint8Array[]) => Refusal | Placed | undefined): void {
    const batch = this.#take(bytesMax)
    try {
      const placed = propose(batch.map(({ payload }) => payload))
      if (placed === undefined || 'kind' in placed) this.#queue = [...batch, ...this.#queue]
      else this.#place(batch, placed)
    } catch (error) {
      this.#lose(batch, 'The node failed: the change may or may not have been made')
      throw error
    }
  }

  /** A change of membership that has its place already; it counts against no limit. */
  placeChange(index: number, term: number): Promise<Outcome> {
    this.#count++
    const since = this.#now()
    return new Promise((resolve, reject) => {
      this.#stand({ isChange: true, command: NOTHING, payload: EMPTY, index, term, since, resolve, reject })
    })
  }

  /**
   * The proposal that an entry to be applied came from; one whose place another entry took has certainly not been made.
   * Terms never fall along a log: after an entry of a newer term, nothing of an older one is ever committed.
   */
  settle(index: number, term: number): Proposal | undefined {
    if (term > this.#appliedTerm) {
      this.#appliedTerm = term
      this.#refuseOlder(index, term)
    }
    const proposal = this.#placed.get(index)
    if (proposal === undefined) return undefined
    this.#placed.delete(index)
    this.#release(proposal)
    if (proposal.term === term) {
      this.commits.add(this.#now() - proposal.since)
      return proposal
    }
    proposal.reject(tookOver())
    return undefined
  }

  /** Refuses those that have no place in the log: they have certainly not been made. */
  refuseQueued(problem: Problem): void {
    for (const proposal of this.#queue.splice(0)) {
      this.#release(proposal)
      proposal.reject(problem)
    }
  }

  /** Tells those with a place in the log, of terms before `term`, that nobody knows what becomes of them. */
  abandon(cause: string, term = Number.POSITIVE_INFINITY): void {
    for (const [index, proposal] of this.#placed) {
      if (proposal.term >= term) continue
      this.#placed.delete(index)
      this.#release(proposal)
      proposal.reject(new NotCommitted(cause))
    }
  }

  /** Waits a while for what has been proposed to be committed and applied. */
  async settled(clock: Clock, withinMs: number): Promise<void> {
    const until = clock.monotonic() + withinMs
    while (this.#count > 0 && clock.monotonic() < until) {
      await new Promise<void>((resolve) => void clock.after(1, resolve))
    }
  }

  #now(): number {
    return this.#limits.clock?.monotonic() ?? 0
  }

  #take(bytesMax: number): Proposal[] {
    const queue = this.#queue
    let bytes = 0
    let count = 0
    for (; count < queue.length; count++) {
      bytes += queue[count]!.payload.length
      if (count > 0 && bytes > bytesMax) break
    }
    if (count < queue.length) return queue.splice(0, count)
    this.#queue = []
    return queue
  }

  /** They stand in the log from there on. */
  #place(proposals: readonly Proposal[], { index, term }: Placed): void {
    for (const [at, proposal] of proposals.entries()) {
      proposal.index = index + at
      proposal.term = term
      this.#stand(proposal)
    }
  }

  /** Nobody knows whether they found a place. */
  #lose(proposals: readonly Proposal[], cause: string): void {
    for (const proposal of proposals) {
      this.#release(proposal)
      proposal.reject(new NotCommitted(cause))
    }
  }

  /** Where one of an older term stood in this log, it may still stand in another's. */
  #stand(proposal: Proposal): void {
    const older = this.#placed.get(proposal.index)
    if (older) this.#lose([older], 'Another leader took over meanwhile: the change may or may not have been made')
    this.#placed.set(proposal.index, proposal)
  }

  #refuseOlder(index: number, term: number): void {
    for (const [at, proposal] of this.#placed) {
      if (at < index || proposal.term >= term) continue
      this.#placed.delete(at)
      this.#release(proposal)
      proposal.reject(tookOver())
    }
  }

  #release(proposal: Proposal): void {
    this.#count--
    this.#bytes -= proposal.payload.length
  }
}

function tookOver(): Problem {
  return new Problem('not-leader', 'Another leader took over before the change was made; try again')
}

export function changeUnderWay(): Problem {
  return new Problem('member-change-refused', 'Another change of membership is under way; try again shortly')
}

/** A log that begins without saying who its members are is of no use to one that joins. */
export function tooEarly(steps: readonly MemberStep[], firstIndex: number): Problem | undefined {
  if (firstIndex > 1 || steps.every(({ do: what }) => what === 'remove')) return undefined
  const detail = 'The state of this node has still to be written down before others can join; try again shortly'
  return new Problem('member-change-refused', detail)
}

export function changeOf(steps: readonly MemberStep[], command: Command | undefined): MembershipChange {
  return {
    transition: 'auto',
    steps: steps.map((step) => ({ do: step.do, member: raftId(step.member) })),
    context: command === undefined ? EMPTY : encodeCommand(command),
  }
}

/**
 * What an entry carries for the state: the proposer's own object where there is one, so that nothing is decoded twice.
 * Where decoding gives something else than was encoded, what all the others apply counts.
 */
export function commandOf(entry: Entry, proposal: Proposal | undefined): Command | undefined {
  if (entry.kind !== 'normal')
    return entry.change!.context.length === 0 ? undefined : decodeCommand(entry.change!.context)
  if (entry.data.length === 0) return undefined
  return proposal?.isChange === false && comesBack(entry.data) ? proposal.command : decodeCommand(entry.data)
}

/** More waits for the disk than the limit allows. What is refused with it has certainly not been committed. */
export class TooManyProposals extends Problem {
  override name = 'TooManyProposals'

  constructor(limit: string) {
    super('not-leader', `The limit of ${limit} that wait for the disk is reached; try again shortly`)
  }
}

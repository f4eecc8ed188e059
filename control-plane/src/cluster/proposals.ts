import { Problem } from '../problems.ts'
import type { Command } from '../state/commands.ts'
import { NotCommitted, type Outcome } from './consensus.ts'
import { encodeCommand } from './entry-codec.ts'

export interface ProposalLimits {
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
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/** The commands that wait: first for a place in the log, then for their entry to be applied here. */
export class Proposals {
  readonly #limits: ProposalLimits
  readonly #placed = new Map<number, Proposal>()
  #queue: Proposal[] = []
  #count = 0
  #bytes = 0

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
    return new Promise((resolve, reject) => {
      this.#queue.push({ isChange: false, command, payload, index: 0, term: 0, resolve, reject })
    })
  }

  /** Takes the next ones off the queue, at least one, as many as `bytesMax` allows. */
  take(bytesMax: number): Proposal[] {
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

  /** Puts back what found no place, before everything else. */
  putBack(proposals: Proposal[]): void {
    this.#queue = this.#queue.length === 0 ? proposals : [...proposals, ...this.#queue]
  }

  /** They stand in the log from `index` on. */
  place(proposals: readonly Proposal[], index: number, term: number): void {
    for (const proposal of proposals) {
      proposal.index = index++
      proposal.term = term
      this.#placed.set(proposal.index, proposal)
    }
  }

  /** A change of membership that has its place already; it counts against no limit. */
  placeChange(index: number, term: number): Promise<Outcome> {
    this.#count++
    return new Promise((resolve, reject) => {
      this.#placed.set(index, { isChange: true, command: NOTHING, payload: EMPTY, index, term, resolve, reject })
    })
  }

  /** The proposal that an entry to be applied came from; one whose place another entry took has certainly not been made. */
  settle(index: number, term: number): Proposal | undefined {
    const proposal = this.#placed.get(index)
    if (proposal === undefined) return undefined
    this.#placed.delete(index)
    this.#release(proposal)
    if (proposal.term === term) return proposal
    proposal.reject(new Problem('not-leader', 'Another leader took over before the change was made; try again'))
    return undefined
  }

  /** Refuses those that have no place in the log: they have certainly not been made. */
  refuseQueued(problem: Problem): void {
    for (const proposal of this.#queue.splice(0)) {
      this.#release(proposal)
      proposal.reject(problem)
    }
  }

  /** Tells those with a place in the log that nobody knows what becomes of them. */
  abandon(cause: string): void {
    for (const [index, proposal] of this.#placed) {
      this.#placed.delete(index)
      this.#release(proposal)
      proposal.reject(new NotCommitted(cause))
    }
  }

  #release(proposal: Proposal): void {
    this.#count--
    this.#bytes -= proposal.payload.length
  }
}

/** More waits for the disk than the limit allows. What is refused with it has certainly not been committed. */
export class TooManyProposals extends Problem {
  override name = 'TooManyProposals'

  constructor(limit: string) {
    super('not-leader', `The limit of ${limit} that wait for the disk is reached; try again shortly`)
  }
}

import { Problem } from '../problems.ts'
import { assert } from '../runtime/assert.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Applied } from '../state/applied.ts'
import type { Command } from '../state/commands.ts'
import type { HardState, Wal } from '../wal/wal.ts'
import { NotCommitted, type Consensus, type Entry, type Leadership, type Outcome } from './consensus.ts'
import { encodeCommand } from './entry-codec.ts'
import { Office } from './office.ts'

export interface OneVoterOptions {
  wal: Wal
  /** Id of this node, which is the leader. */
  node: string
  clock: Clock
  /** Applies a committed entry to memory; synchronous and total. Entries come in order, each once. */
  apply(entry: Entry): Applied
  /** Index that memory has already, after `replay`: the last one of the log. */
  applied: number
  /** Awaited before a group is applied: back-pressure of a store that lags behind. @default none */
  room?(): Promise<void>
  /** Called once, when the log can take nothing more; the process should end with exit code 74. */
  onFatal(error: Error): void
  /** Bytes of commands that one append gathers; a larger command goes alone. @default 1_048_576 */
  batchBytesMax?: number
  /** Proposals that may wait for their answer; beyond it `propose` rejects with `TooManyProposals`. @default 65_536 */
  proposalsMax?: number
  /** Bytes of commands that may wait for their answer, likewise. @default 67_108_864 */
  proposalBytesMax?: number
  /** How long the log stays idle before the commit is written by itself. @default 20 */
  commitDelayMs?: number
}

export interface OneVoterCounters {
  /** Commands made durable. */
  entries: number
  /** Synced writes, those that only record the commit included. */
  appends: number
  /** Bytes of commands made durable. */
  bytes: number
}

/** How long applying may hold the event loop, and after how many entries it looks at the clock. */
const SLICE_MS = 8
const SLICE_ENTRIES = 16

/** A proposal is at once the log's record and, when durable, the entry that is applied. */
interface Proposal extends Entry {
  payload: Uint8Array
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/**
 * The engine of a cluster of one: what is durable here is committed. Proposals gather while an append is in flight, so
 * the slower the disk, the more of them share a sync. The next append is under way while the last one is applied.
 * A start is a new term. The commit is recorded with the next append, or by itself once the log is idle: it is what
 * lets a later start tell a damaged end of the log from a torn one.
 */
export class OneVoter implements Consensus {
  readonly counters: OneVoterCounters = { entries: 0, appends: 0, bytes: 0 }
  readonly #options: Required<OneVoterOptions>
  readonly #office: Office
  #queue: Proposal[] = []
  #waiting = 0
  #waitingBytes = 0
  #lastIndex: number
  #committed: number
  #recorded = 0
  #applied: number
  #failure: Error | undefined
  #running: Promise<void> | undefined
  #cancelCommit: (() => void) | undefined
  #stopping: Promise<void> | undefined

  constructor(options: OneVoterOptions) {
    this.#options = {
      batchBytesMax: 1024 * 1024,
      proposalsMax: 65_536,
      proposalBytesMax: 64 * 1024 * 1024,
      commitDelayMs: 20,
      room: () => Promise.resolve(),
      ...options,
    }
    const { wal, applied, node } = this.#options
    assert(applied === wal.lastIndex, `memory has the whole log, ${applied} of ${wal.lastIndex}`)
    this.#lastIndex = applied
    this.#committed = applied
    this.#applied = applied
    this.#office = new Office(node, wal.hardState.term)
  }

  /** Takes office: makes a new term durable. Await it before anything is proposed. */
  async start(): Promise<void> {
    const term = this.#options.wal.hardState.term + 1
    await this.#append([], term)
    this.#office.take(term)
  }

  propose(command: Command): Promise<Outcome> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    const { proposalsMax, proposalBytesMax, wal } = this.#options
    if (this.#waiting >= proposalsMax) return Promise.reject(new TooManyProposals(`${proposalsMax} changes`))
    let payload: Uint8Array
    try {
      payload = encodeCommand(command)
    } catch (error) {
      return Promise.reject(new Problem('invalid-request', `It cannot be stored: ${String(error)}`))
    }
    if (payload.length > wal.payloadBytesMax) {
      return Promise.reject(new Problem('body-too-large', `The log takes ${wal.payloadBytesMax} bytes at once`))
    }
    if (this.#waitingBytes + payload.length > proposalBytesMax) {
      return Promise.reject(new TooManyProposals(`changes of ${proposalBytesMax} bytes`))
    }
    this.#waiting++
    this.#waitingBytes += payload.length
    return new Promise((resolve, reject) => {
      this.#queue.push({ index: 0, term: 0, command, payload, resolve, reject })
      this.#run()
    })
  }

  readIndex(): Promise<number> {
    const refusal = this.#refusal()
    return refusal === undefined ? Promise.resolve(this.#applied) : Promise.reject(refusal)
  }

  leadership(): Leadership {
    return this.#office.current
  }

  onLeadership(listener: (leadership: Leadership) => void): () => void {
    return this.#office.onChange(listener)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#drain()
    return this.#stopping
  }

  /** Why nothing can be proposed; what is refused here has certainly not been committed. */
  #refusal(): Problem | undefined {
    if (this.#failure !== undefined) return new Problem('storage-failed', this.#failure.message)
    if (this.#stopping !== undefined) return new Problem('not-leader', 'The node is stopping')
    return this.#office.current.isLeader ? undefined : new Problem('not-leader', 'The node is starting')
  }

  /** Works until nothing is left. Begins in a microtask, so that proposals of one turn share an append. */
  #run(): void {
    this.#running ??= Promise.resolve()
      .then(() => this.#work())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running = undefined
        if (this.#queue.length > 0 && this.#failure === undefined) this.#run()
        else this.#recordCommitLater()
      })
  }

  async #work(): Promise<void> {
    let durable: Proposal[] = []
    while (durable.length > 0 || this.#queue.length > 0) {
      const batch = this.#gather()
      const written = batch.length > 0 ? this.#append(batch, this.#office.current.term) : Promise.resolve()
      // What is durable is applied meanwhile, and whatever fails, both are waited for.
      const [applied, appended] = await Promise.allSettled([this.#apply(durable), written])
      if (applied.status === 'rejected') {
        const unanswered = durable.filter(({ index }) => index > this.#applied)
        this.#queue = [...unanswered, ...batch, ...this.#queue]
        throw applied.reason
      }
      if (appended.status === 'rejected') {
        this.#queue = [...batch, ...this.#queue]
        throw appended.reason
      }
      durable = batch
    }
  }

  /** Takes the next batch off the queue and gives its entries their places in the log. */
  #gather(): Proposal[] {
    const queue = this.#queue
    const { term } = this.#office.current
    let bytes = 0
    let count = 0
    for (; count < queue.length; count++) {
      const proposal = queue[count]!
      bytes += proposal.payload.length
      if (count > 0 && bytes > this.#options.batchBytesMax) break
      proposal.index = ++this.#lastIndex
      proposal.term = term
    }
    if (count === queue.length) {
      this.#queue = []
      return queue
    }
    return queue.splice(0, count)
  }

  async #append(batch: Proposal[], term: number): Promise<void> {
    this.#cancelCommit?.()
    this.#cancelCommit = undefined
    const commit = this.#committed
    const hardState: HardState = { term, vote: this.#options.node, commit }
    await this.#options.wal.append(batch, hardState)
    this.counters.appends++
    this.counters.entries += batch.length
    for (const { payload } of batch) this.counters.bytes += payload.length
    this.#recorded = commit
    this.#committed = batch.at(-1)?.index ?? commit
  }

  /** Applies what is durable and answers; lets others have the event loop every few milliseconds. */
  async #apply(batch: readonly Proposal[]): Promise<void> {
    const { clock } = this.#options
    await this.#options.room()
    let since = clock.monotonic()
    for (const [at, proposal] of batch.entries()) {
      if (at % SLICE_ENTRIES === SLICE_ENTRIES - 1 && clock.monotonic() - since > SLICE_MS) {
        await new Promise<void>((resolve) => void clock.after(0, resolve))
        since = clock.monotonic()
      }
      const { rejection, value } = this.#options.apply(proposal)
      const { index } = proposal
      this.#applied = index
      this.#waiting--
      this.#waitingBytes -= proposal.payload.length
      if (rejection === undefined) proposal.resolve({ kind: 'applied', index, value })
      else proposal.resolve({ kind: 'rejected', index, rejection })
    }
  }

  #recordCommitLater(): void {
    if (this.#recorded >= this.#committed || this.#stopping !== undefined || this.#failure !== undefined) return
    this.#cancelCommit ??= this.#options.clock.after(this.#options.commitDelayMs, () => {
      this.#cancelCommit = undefined
      this.#running ??= this.#append([], this.#office.current.term)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#running = undefined
          if (this.#queue.length > 0 && this.#failure === undefined) this.#run()
        })
    })
  }

  async #drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    this.#cancelCommit?.()
    const { wal } = this.#options
    const inOffice = this.#office.current.isLeader && this.#failure === undefined
    this.#office.leave()
    if (inOffice) await this.#append([], wal.hardState.term).catch((error: unknown) => this.#fail(error))
    await wal.close()
  }

  /** Nobody knows what the disk holds now: all who wait are told so, and the process is to end. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#office.leave()
    const unknown = new NotCommitted('The log failed: the change may or may not have been made', { cause: error })
    for (const proposal of this.#queue.splice(0)) proposal.reject(unknown)
    this.#waiting = 0
    this.#options.onFatal(this.#failure)
  }
}

/** More waits for the disk than the limit allows. What is refused with it has certainly not been committed. */
export class TooManyProposals extends Problem {
  override name = 'TooManyProposals'

  constructor(limit: string) {
    super('not-leader', `The limit of ${limit} that wait for the disk is reached; try again shortly`)
  }
}

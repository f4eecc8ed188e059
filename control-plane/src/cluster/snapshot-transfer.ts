import type { MemberId, Membership, MessageOf, Snapshot } from '../raft/types.ts'
import type { Logger } from '../runtime/logger.ts'
import type { ReceivedState } from '../store/state-import.ts'
import type { StatePosition, Store } from '../store/store.ts'
import type { Network } from './network.ts'

/** A state on its way out, as `exportState` gives it. */
export interface OutgoingState {
  position: StatePosition
  chunks: AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export interface SnapshotTransferDeps {
  logger: Logger
  store: Pick<Store, 'membership' | 'flush'>
  network: Pick<Network, 'send' | 'sendSnapshot'>
  exportState(): Promise<OutgoingState>
  /** Writes a state that comes in into a folder of its own. */
  importState(chunks: AsyncIterable<Uint8Array>): Promise<ReceivedState>
  /** Removes a state that was received and is not wanted. */
  discard(stateFolder: string): Promise<void>
  /** Whether sending the state came to an end, and how. */
  sent(to: MemberId, ok: boolean): void
  /** Whether a member that was sent a state does not get entries from the log yet. */
  needsState(member: MemberId): boolean
  /** Whether a state that was received is about to be installed. */
  installs(position: { index: number; term: number }): boolean
}

/** Sends states to those that are too far behind for the log, and takes them in, beside everything else. */
export class SnapshotTransfer {
  readonly #deps: SnapshotTransferDeps
  readonly #sending = new Map<MemberId, { controller: AbortController; index: number }>()
  /** First indexes that those need who were sent a state and have not taken it in yet. */
  readonly #sent = new Map<MemberId, number>()
  #received: ReceivedState | undefined
  #receiving = false

  constructor(deps: SnapshotTransferDeps) {
    this.#deps = deps
  }

  /** The index after which the log has to be kept for those who are sent a state, until they go on from there; undefined when there are none. */
  get pinned(): number | undefined {
    for (const to of this.#sent.keys()) if (!this.#deps.needsState(to)) this.#sent.delete(to)
    const indexes = [...this.#sent.values(), ...[...this.#sending.values()].map(({ index }) => index)]
    return indexes.length === 0 ? undefined : Math.min(...indexes)
  }

  /** Whether a state is being sent to a member. */
  isSending(to: MemberId): boolean {
    return this.#sending.has(to)
  }

  /** Sends the newest durable state, and the message that makes it count; one at a time to each. */
  send(message: MessageOf<'snapshot'>): void {
    const { to } = message
    if (this.#sending.has(to)) return
    const controller = new AbortController()
    this.#sending.set(to, { controller, index: message.snapshot.index })
    const { logger, sent } = this.#deps
    this.#stream(message, controller.signal).then(
      () => {
        this.#sending.delete(to)
        this.#sent.set(to, message.snapshot.index)
        sent(to, true)
      },
      (error: unknown) => {
        this.#sending.delete(to)
        if (!controller.signal.aborted)
          logger.warn({ to, error: String(error) }, 'a state could not be sent to a member')
        sent(to, false)
      },
    )
  }

  /** Takes a state in; what was received before and not installed is dropped. */
  async receive(snapshot: Snapshot, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#receiving) throw new Error('a state is being received already')
    const { installs } = this.#deps
    if (this.#received && installs(this.#received.position)) throw new Error('a state is being installed')
    this.#receiving = true
    try {
      await this.drop()
      this.#received = await this.#deps.importState(chunks)
      this.#deps.logger.info({ index: snapshot.index }, 'a state was received')
    } finally {
      this.#receiving = false
    }
  }

  /** Whether the state that a message speaks of is here. */
  has({ index, term }: Snapshot): boolean {
    const position = this.#received?.position
    return position !== undefined && position.index === index && position.term === term
  }

  /** Hands over what was received, to be installed. */
  take(): ReceivedState | undefined {
    const received = this.#received
    this.#received = undefined
    return received
  }

  /** Removes what was received: nobody wants it. */
  async drop(): Promise<void> {
    const received = this.take()
    if (received) await this.#deps.discard(received.stateFolder)
  }

  /** Sends nothing more: this node does not lead, or stops. */
  stop(): void {
    for (const { controller } of this.#sending.values()) controller.abort()
  }

  async #stream(message: MessageOf<'snapshot'>, signal: AbortSignal): Promise<void> {
    const { network, store } = this.#deps
    // A member takes no state that does not say that it takes part.
    if (!takesPart(store.membership, message.to)) await store.flush()
    const state = await this.#deps.exportState()
    try {
      const { index, term, membership } = state.position
      if (!membership || !takesPart(membership, message.to)) throw new Error('the state is from before it was a member')
      const snapshot: Snapshot = { index, term, membership }
      await network.sendSnapshot(message.to, snapshot, state.chunks, signal)
      if (!network.send({ ...message, snapshot })) throw new Error('the connection is gone')
    } finally {
      await state.close()
    }
  }
}

function takesPart(membership: Membership | undefined, id: MemberId): boolean {
  if (membership === undefined) return false
  const { voters, learners, votersOutgoing, learnersNext } = membership
  return [voters, learners, votersOutgoing, learnersNext].some((ids) => ids.includes(id))
}

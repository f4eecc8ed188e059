import type { PeerAddress } from '../cluster/network.ts'
import type { MemberId } from '../raft/types.ts'
import type { PeerLink } from './link.ts'

const GUESTS_MAX = 16

/**
 * Members of the cluster that this node, which is behind, has not heard of yet: without an answer to them it would
 * never catch up when it is one of them that leads. Each is there as long as its own connection.
 */
export class Guests {
  readonly #links = new Map<MemberId, PeerLink>()
  readonly #open: (peer: PeerAddress) => PeerLink

  constructor(open: (peer: PeerAddress) => PeerLink) {
    this.#open = open
  }

  get(member: MemberId): PeerLink | undefined {
    return this.#links.get(member)
  }

  add(peer: PeerAddress): void {
    this.gone(peer.id)
    if (this.#links.size < GUESTS_MAX) this.#links.set(peer.id, this.#open(peer))
  }

  gone(member: MemberId): void {
    this.#links.get(member)?.close()
    this.#links.delete(member)
  }

  close(): void {
    for (const member of [...this.#links.keys()]) this.gone(member)
  }
}

import type { MemberId, Message, Snapshot } from '../raft/types.ts'

/** Where a member can be reached. */
export interface PeerAddress {
  id: MemberId
  name: string
  /** `host:port` of its peer port. */
  address: string
}

/** What a request to another member is about; the receiver has one handler for each. */
export type RequestKind =
  | 'submit'
  | 'read-index'
  | 'status'
  | 'digest'
  | 'api'
  | 'join'
  | 'bootstrap'
  | 'heartbeat'
  | 'executors'
  | 'output'
  | 'work'

/** The network between members, as consensus sees it: messages may be lost, delayed, and arrive twice or out of order. */
export interface Network {
  /** Whom there is to talk to; connections to those who are not in it any more are closed. */
  setPeers(peers: readonly PeerAddress[]): void
  /** Hands a message over, or drops it: false when there is no connection or no room. */
  send(message: Message): boolean
  /** Asks another member; rejects with `PeerUnreachable` when the request has certainly not been handled, or `PeerLost` when nobody knows. */
  request(to: MemberId, kind: RequestKind, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>
  /** Streams a state to another member beside the messages; resolves when it is complete and verified over there. */
  sendSnapshot(to: MemberId, snapshot: Snapshot, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  /** Milliseconds since something arrived from a member, by the monotonic clock; undefined when nothing ever did. */
  silence(from: MemberId): number | undefined
  /** By how many milliseconds the wall clocks of others are ahead of this one's; those that are connected. */
  clockOffsets(): ReadonlyMap<MemberId, number>
  close(): Promise<void>
}

/** What the network calls. Set once, before anything arrives. */
export interface NetworkHandlers {
  onMessage(message: Message): void
  onUnreachable(peer: MemberId): void
  /** The reply; what it throws reaches the asker as text. */
  onRequest(from: MemberId, kind: RequestKind, body: Uint8Array): Promise<Uint8Array>
  /** Takes a state in; resolves once it is complete, verified and closed on disk, ready to be installed. */
  onSnapshot(from: MemberId, snapshot: Snapshot, chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/** The request has certainly not been handled. */
export class PeerUnreachable extends Error {
  override name = 'PeerUnreachable'
}

/** The request was sent and no answer came: it may have been handled. */
export class PeerLost extends Error {
  override name = 'PeerLost'
}

/** The other member has handled the request, and answered that it cannot be done; the message is its own. */
export class PeerFault extends Error {
  override name = 'PeerFault'
}

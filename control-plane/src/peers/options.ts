import type { Network, NetworkHandlers, RequestKind } from '../cluster/network.ts'
import type { MemberId } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'

/** What a connection is for: between members, for a node that joins with a token, or between nodes without a cluster. */
export type Purpose = 'member' | 'join' | 'bootstrap'

/** The one request that a connection may carry which is not one between members. */
export const STRANGERS_REQUEST = { join: 'join', bootstrap: 'bootstrap' } as const satisfies Record<string, RequestKind>

/** Who this node is to the others; asked anew for every connection, so that a node can be founded or renamed meanwhile. */
export interface Self {
  /** Undefined while the node belongs to no cluster. */
  cluster: string | undefined
  member: MemberId
  name: string
  /** Where others reach it; absent: its listening address. */
  address?: string
  /** Tells one process from the next of the same member. */
  boot: string
  /** Version of the product. */
  build: string
  /** Version of the time zone data. */
  tzdata: string
}

/** How the two ends prove themselves to each other. */
export type Credentials =
  | {
      kind: 'certificates'
      /** Paths of PEM files, read again when they change. */
      cert: string
      key: string
      ca: string
    }
  | {
      kind: 'cluster-key'
      key: Uint8Array
      /** The key of a join token, by its id; undefined when there is no such token. */
      joinKey?(id: string): Uint8Array | undefined
    }

/** Who is at the other end. */
export interface Remote {
  member: MemberId
  name: string
  /** What it says of itself; empty when it does not know it. */
  address: string
  cluster: string | undefined
  boot: string
  build: string
  tzdata: string
  /** Of the protocol, the highest that both speak. */
  version: number
}

/** Somebody who is not a member, or not yet. */
export interface Stranger extends Remote {
  purpose: 'join' | 'bootstrap'
  /** Id of the token whose key the connection proved; absent with certificates, where the request has to prove it. */
  token?: string
}

export type RefusalCode = 'other-cluster' | 'removed' | 'unknown-member' | 'version' | 'not-allowed' | 'malformed'

/** Why another node did not let this one in. */
export interface Refused {
  address: string
  member?: MemberId
  code: RefusalCode
  /** A sentence. */
  reason: string
}

/** What is done with one who proves that he is of this cluster. Of a guest messages and states are taken, no requests. */
export type Admission = 'welcome' | 'guest' | 'unknown-member' | 'removed'

export interface PeersHandlers extends NetworkHandlers {
  /** A node that is no member asks: `join` on a connection for that, `bootstrap` likewise. What it throws reaches it as text. */
  onStranger(from: Stranger, body: Uint8Array): Promise<Uint8Array>
  /** Another node refused this one; `removed` is final. */
  onRefused(refused: Refused): void
}

export interface PeersOptions {
  clock: Clock
  random: Random
  logger: Logger
  listen: { host: string; port: number }
  self(): Self
  credentials: Credentials
  handlers: PeersHandlers
  /** Whether a member of this cluster is let in. @default everybody is */
  admit?(member: MemberId): Admission
  /** Addresses to dial instead of the known one, by name. */
  dial?: ReadonlyMap<string, string>
  /** Pace of a snapshot that is being sent, asked for every chunk. @default 64 MiB */
  rateBytesPerSecond?(): number
  /** Bytes waiting for one member, beyond which messages are dropped. @default 16 MiB */
  queueBytesMax?: number
  /** Of the protocol. @default what this build speaks */
  versions?: { min: number; max: number }
}

/** As whom a connection for single requests is made. */
export type DialAs =
  | { purpose: 'member' }
  | { purpose: 'bootstrap' }
  | { purpose: 'join'; token: { id: string; key: Uint8Array } }

/** A connection for single requests to a node that need not be a peer. */
export interface Line {
  remote: Remote
  /** Rejects as `Network.request` does. */
  request(kind: RequestKind, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>
  close(): void
}

/** What is known of a member over the connection to it. */
export interface PeerInfo {
  connected: boolean
  remote: Remote | undefined
  /** Of the last ping. */
  roundTripMs: number | undefined
  /** Why there is no connection. */
  fault: string | undefined
}

export interface Peers extends Network {
  /** What it listens on. */
  address: { host: string; port: number }
  /**
   * Connects to a node for single requests. Rejects with `PeerUnreachable`, whose `refused` says why when it was refused.
   * `name` is what the node is called, if that is known.
   */
  dial(address: string, as: DialAs, timeoutMs?: number, name?: string): Promise<Line>
  infos(): Map<MemberId, PeerInfo>
  /** To be called when `admit` may answer otherwise: whoever is out loses the connections he has. */
  recheck(): void
}

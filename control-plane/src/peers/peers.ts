import type { PeerAddress, RequestKind } from '../cluster/network.ts'
import { PeerUnreachable } from '../cluster/network.ts'
import { formatPeerAddress, parsePeerAddress } from '../cluster/peer-address.ts'
import type { MemberId, Message, Snapshot } from '../raft/types.ts'
import { type Acceptor, openAcceptor } from './acceptor.ts'
import { dial, type DialTarget, type Dialled, NotConnected } from './dial.ts'
import { Guests } from './guests.ts'
import { PROTOCOL } from './hello.ts'
import { Inbound } from './inbound.ts'
import { bearerOf, PeerLink } from './link.ts'
import { bearerAt, lineOver } from './line.ts'
import { LogOnce } from './log-once.ts'
import type { DialAs, Line, PeerInfo, Peers, PeersOptions, Refused, Remote, Self } from './options.ts'
import { type PeerTls, peerTls } from './peer-tls.ts'
import { sendSnapshot } from './snapshot-sender.ts'

const QUEUE_BYTES_MAX = 16 * 1024 * 1024
const RATE_BYTES_PER_SECOND = 64 * 1024 * 1024

/** Opens the port for other members; connections to them are made once `setPeers` says who they are. */
export async function openPeers(options: PeersOptions): Promise<Peers> {
  const tls = await peerTls(options.credentials, options)
  const network = new TlsPeers(options, tls)
  try {
    await network.listen()
    return network
  } catch (error) {
    tls.close()
    throw error
  }
}

class TlsPeers implements Peers {
  address = { host: '', port: 0 }
  readonly #options: PeersOptions
  readonly #tls: PeerTls
  readonly #log: LogOnce
  readonly #versions: { min: number; max: number }
  readonly #queueBytesMax: number
  readonly #inbound: Inbound
  readonly #links = new Map<MemberId, PeerLink>()
  readonly #guests: Guests
  #acceptor: Acceptor | undefined
  #closed = false

  constructor(options: PeersOptions, tls: PeerTls) {
    this.#options = options
    this.#tls = tls
    this.#log = new LogOnce(options.logger)
    this.#versions = options.versions ?? PROTOCOL
    this.#queueBytesMax = options.queueBytesMax ?? QUEUE_BYTES_MAX
    this.#guests = new Guests((peer) => this.#link(peer))
    this.#inbound = new Inbound({
      ...options,
      admit: options.admit ?? (() => 'welcome'),
      log: this.#log,
      versions: this.#versions,
      queueBytesMax: this.#queueBytesMax,
      self: () => this.#self(),
      known: (member) => this.#links.get(member)?.peer,
      onMember: (remote) => this.#arrived(remote),
      onGone: (member) => this.#guests.gone(member),
    })
  }

  async listen(): Promise<void> {
    const { clock, logger, listen } = this.#options
    const onArrival = this.#inbound.receive.bind(this.#inbound)
    this.#acceptor = await openAcceptor({ clock, logger, listen, tls: this.#tls, onArrival })
    this.address = this.#acceptor.address
  }

  setPeers(peers: readonly PeerAddress[]): void {
    const own = this.#options.self().member
    const wanted = new Map(peers.filter(({ id }) => id !== own).map((peer) => [peer.id, peer]))
    for (const [id, link] of this.#links) {
      const peer = wanted.get(id)
      if (peer !== undefined && peer.address === link.peer.address && peer.name === link.peer.name) continue
      link.close()
      this.#links.delete(id)
      if (peer === undefined) this.#inbound.drop(id, 'it is no member any more')
    }
    if (this.#closed) return
    for (const [id, peer] of wanted) {
      this.#guests.gone(id)
      if (!this.#links.has(id)) this.#links.set(id, this.#link(peer))
    }
  }

  send(message: Message): boolean {
    return (this.#links.get(message.to) ?? this.#guests.get(message.to))?.send(message) ?? false
  }

  async request(to: MemberId, kind: RequestKind, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.#linkTo(to).request(kind, body, timeoutMs)
  }

  async sendSnapshot(
    to: MemberId,
    snapshot: Snapshot,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, rateBytesPerSecond = () => RATE_BYTES_PER_SECOND } = this.#options
    const { stream } = await this.#dialPeer(this.#linkTo(to).peer, 'snapshot', signal)
    await sendSnapshot(stream, { snapshot, chunks }, { clock, rateBytesPerSecond, signal })
  }

  silence(from: MemberId): number | undefined {
    return this.#inbound.silence(from)
  }

  async dial(address: string, as: DialAs, timeoutMs?: number, name?: string): Promise<Line> {
    const bearer = bearerAt(address, name)
    const timeout = timeoutMs === undefined ? {} : { timeoutMs }
    return lineOver(await this.#dial({ address, bearer, channel: 'line', as, ...timeout }), this.#options.clock)
  }

  clockOffsets(): Map<MemberId, number> {
    const known = [...this.#links].map(([id, link]) => [id, link.clockOffsetMs] as const)
    return new Map(known.filter((offset): offset is readonly [number, number] => offset[1] !== undefined))
  }

  infos(): Map<MemberId, PeerInfo> {
    return new Map([...this.#links].map(([id, link]) => [id, link.info]))
  }

  recheck(): void {
    this.#inbound.recheck()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.setPeers([])
    this.#guests.close()
    this.#tls.close()
    this.#inbound.close()
    await this.#acceptor?.close()
  }

  /** A member has dialled us: it is there, and one whom we do not know gets its answers where it says that it is. */
  #arrived({ member, name, address }: Remote): void {
    const link = this.#links.get(member)
    if (link !== undefined) link.wake()
    else if (!this.#closed && parsePeerAddress(address) !== undefined) this.#guests.add({ id: member, name, address })
  }

  #linkTo(member: MemberId): PeerLink {
    const link = this.#links.get(member) ?? this.#guests.get(member)
    if (link === undefined) throw new PeerUnreachable('there is no such member')
    return link
  }

  #link(peer: PeerAddress): PeerLink {
    const { clock, random, handlers, logger } = this.#options
    const key = `link ${peer.id}`
    let said = ''
    return new PeerLink(peer, {
      clock,
      random,
      queueBytesMax: this.#queueBytesMax,
      dial: (to, signal) => this.#dialPeer(to, 'messages', signal),
      onUnreachable: () => handlers.onUnreachable(peer.id),
      onRefused: (refused: Refused) => handlers.onRefused(refused),
      onState: (state) => {
        const { name, address } = peer
        if ('fault' in state) {
          if (said !== state.fault) this.#log.forget(key)
          said = state.fault
          this.#log.warn(key, { member: name, address, reason: said }, 'no connection to a member')
          return
        }
        this.#log.forget(key)
        logger.info({ member: name, address, build: state.build }, 'connected to a member')
      },
    })
  }

  async #dialPeer(peer: PeerAddress, channel: DialTarget['channel'], signal: AbortSignal): Promise<Dialled> {
    const address = this.#options.dial?.get(peer.name) ?? peer.address
    const as = { purpose: 'member' } as const
    return this.#dial({ address, bearer: bearerOf(peer), member: peer.id, channel, as, signal })
  }

  async #dial(target: DialTarget): Promise<Dialled> {
    const self = this.#self()
    if (this.#closed) throw new NotConnected('the node stops')
    if (target.as.purpose === 'member' && self.cluster === undefined)
      throw new NotConnected('this node belongs to no cluster yet')
    return dial(target, { clock: this.#options.clock, tls: this.#tls, self, versions: this.#versions })
  }

  #self(): Self {
    return { address: formatPeerAddress(this.address), ...this.#options.self() }
  }
}

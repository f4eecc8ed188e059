import { type PeerAddress, PeerUnreachable, type RequestKind } from '../cluster/network.ts'
import type { MemberId, MessageType } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import { type Arrival, refuse } from './acceptor.ts'
import { ByteReader } from './byte-reader.ts'
import { FRAME_BYTES_MAX, FrameFault } from './frame.ts'
import { encodeWelcome, type Hello } from './hello.ts'
import { judge } from './judge.ts'
import type { LogOnce } from './log-once.ts'
import { receivedMessage } from './message-codec.ts'
import {
  type Admission,
  type PeersHandlers,
  type PeersOptions,
  type Remote,
  type Self,
  STRANGERS_REQUEST,
} from './options.ts'
import { Replies } from './requests.ts'
import { receiveSnapshot } from './snapshot-receiver.ts'
import { FRAME, type PeerStream } from './stream.ts'

/** Connections for single requests at once, and states that are being taken in. */
const LINES_MAX = 128
const SNAPSHOTS_MAX = 4
/** Bytes of a frame of somebody who is no member: a request to join, and what goes around it. */
const STRANGERS_FRAME_BYTES_MAX = 128 * 1024
/** With these somebody wants something of a leader: only members may. */
const ASKS: ReadonlySet<MessageType> = new Set<MessageType>([
  'propose',
  'read-index',
  'transfer-leader',
  'forget-leader',
])
const GONE = 'it is no member any more'

export interface InboundDeps {
  clock: Clock
  log: LogOnce
  versions: { min: number; max: number }
  queueBytesMax: number
  self(): Self
  known(member: MemberId): PeerAddress | undefined
  admit: NonNullable<PeersOptions['admit']>
  handlers: PeersHandlers
  /** A member has connected for its messages. */
  onMember(remote: Remote): void
  /** It has no connection any more. */
  onGone(member: MemberId): void
}

/** What comes from others: for each member one connection with its messages, for each state and each errand another. */
export class Inbound {
  readonly #deps: InboundDeps
  readonly #members = new Map<MemberId, PeerStream>()
  readonly #snapshots = new Map<MemberId, PeerStream>()
  readonly #lines = new Map<PeerStream, MemberId | undefined>()
  readonly #heard = new Map<MemberId, number>()
  /** Whether the requests of a member are answered, as was found out when it last asked. */
  readonly #answered = new Map<MemberId, boolean>()

  constructor(deps: InboundDeps) {
    this.#deps = deps
  }

  /** Lets somebody in who said hello, or refuses him. */
  receive({ hello, proven, stream, from }: Arrival): void {
    const { self, versions, known, admit, log } = this.#deps
    const me = self()
    const verdict = judge(hello, proven, { self: me, versions, admit, known: known(hello.member) })
    const room = this.#room(hello)
    if (verdict.kind === 'refused' || !room) {
      const { code, reason } =
        verdict.kind === 'refused'
          ? verdict
          : { code: 'not-allowed' as const, reason: 'too many connections of this kind' }
      log.warn(`${hello.member} ${code}`, { from, member: hello.name, reason }, 'a node was refused')
      return refuse(stream, code, reason)
    }
    log.forget(`${hello.member} not-allowed`)
    stream.out.begin(FRAME.answer).raw(encodeWelcome(me, verdict.version)).end()
    stream.send()
    stream.trust(hello.purpose === 'member' ? FRAME_BYTES_MAX : STRANGERS_FRAME_BYTES_MAX)
    const { channel, purpose, versions: _, ...said } = hello
    const remote: Remote = { ...said, version: verdict.version }
    if (purpose !== 'member') return this.#serveStranger(stream, { ...remote, purpose, ...tokenOf(verdict) })
    if (channel === 'messages') this.#serveMember(stream, remote)
    else if (channel === 'snapshot') this.#serveSnapshot(stream, remote)
    else this.#serveLine(stream, this.#memberReplies(stream, remote), remote.member)
  }

  silence(member: MemberId): number | undefined {
    const heard = this.#heard.get(member)
    return heard === undefined ? undefined : Math.max(0, this.#deps.clock.monotonic() - heard)
  }

  /** Ends the connections of somebody who is no member any more. */
  drop(member: MemberId, reason: string): void {
    this.#members.get(member)?.close(reason)
    this.#snapshots.get(member)?.close(reason)
    for (const [stream, of] of [...this.#lines]) if (of === member) stream.close(reason)
    this.#heard.delete(member)
  }

  /** Asks anew who is let in, and ends the connections of those who are not any more. */
  recheck(): void {
    this.#answered.clear()
    const there = new Set([...this.#members.keys(), ...this.#snapshots.keys(), ...this.#lines.values()])
    for (const member of there) if (member !== undefined && isOut(this.#deps.admit(member))) this.drop(member, GONE)
  }

  close(): void {
    const reason = 'the node stops'
    for (const stream of [...this.#members.values(), ...this.#snapshots.values(), ...this.#lines.keys()])
      stream.close(reason)
  }

  #room({ channel, member }: Hello): boolean {
    if (channel === 'line') return this.#lines.size < LINES_MAX
    return channel !== 'snapshot' || this.#snapshots.has(member) || this.#snapshots.size < SNAPSHOTS_MAX
  }

  #serveMember(stream: PeerStream, remote: Remote): void {
    const { member } = remote
    const { clock, handlers } = this.#deps
    const replies = this.#memberReplies(stream, remote)
    const before = this.#members.get(member)
    this.#members.set(member, stream)
    before?.close('a newer connection took its place')
    const own = this.#deps.self().member
    stream.events = {
      onFrame: (type, body) => {
        this.#heard.set(member, clock.monotonic())
        if (type === FRAME.message) {
          const message = receivedMessage(body)
          if (message.from !== member) throw new FrameFault('a message in the name of another member')
          if (message.to === own && (!ASKS.has(message.type) || this.#answers(member))) handlers.onMessage(message)
        } else this.#errand(stream, replies, type, body)
      },
      onClose: () => {
        if (this.#members.get(member) !== stream) return
        this.#members.delete(member)
        this.#deps.onGone(member)
      },
    }
    this.#heard.set(member, clock.monotonic())
    this.#deps.onMember(remote)
  }

  #serveSnapshot(stream: PeerStream, { member }: Remote): void {
    const before = this.#snapshots.get(member)
    this.#snapshots.set(member, stream)
    before?.close('a newer snapshot took its place')
    receiveSnapshot(stream, async (snapshot, chunks) => this.#deps.handlers.onSnapshot(member, snapshot, chunks))
    const { onClose } = stream.events
    stream.events.onClose = (reason) => {
      if (this.#snapshots.get(member) === stream) this.#snapshots.delete(member)
      onClose(reason)
    }
  }

  #serveStranger(stream: PeerStream, from: Parameters<PeersHandlers['onStranger']>[0]): void {
    const replies = new Replies(stream, this.#deps.queueBytesMax, async (kind, body) => {
      if (kind !== STRANGERS_REQUEST[from.purpose]) throw new Error(`a connection for ${from.purpose} is for that only`)
      return this.#deps.handlers.onStranger(from, body)
    })
    this.#serveLine(stream, replies)
  }

  #serveLine(stream: PeerStream, replies: Replies, member?: MemberId): void {
    this.#lines.set(stream, member)
    stream.events = {
      onFrame: (type, body) => this.#errand(stream, replies, type, body),
      onClose: () => this.#lines.delete(stream),
    }
  }

  #memberReplies(stream: PeerStream, { member }: Remote): Replies {
    const handle = async (kind: RequestKind, body: Buffer) => {
      if (!this.#answers(member)) throw new PeerUnreachable('only members are answered')
      return this.#deps.handlers.onRequest(member, kind, body)
    }
    return new Replies(stream, this.#deps.queueBytesMax, handle)
  }

  #answers(member: MemberId): boolean {
    const known = this.#answered.get(member)
    if (known !== undefined) return known
    const answered = this.#deps.admit(member) === 'welcome'
    this.#answered.set(member, answered)
    return answered
  }

  #errand(stream: PeerStream, replies: Replies, type: number, body: Buffer): void {
    if (type === FRAME.request) return replies.onRequest(body)
    if (type !== FRAME.ping) throw new FrameFault(`a frame of type ${type} where none is due`)
    const at = new ByteReader(body).f64()
    stream.out.begin(FRAME.pong).f64(at).f64(this.#deps.clock.now()).end()
    stream.send()
  }
}

function isOut(admission: Admission): boolean {
  return admission === 'removed' || admission === 'unknown-member'
}

function tokenOf({ token }: { token?: string }): { token?: string } {
  return token === undefined ? {} : { token }
}

import { connect } from 'node:tls'
import { PeerUnreachable } from '../cluster/network.ts'
import { parsePeerAddress } from '../cluster/peer-address.ts'
import type { Clock } from '../runtime/clock.ts'
import { handshakeFault } from './handshake-faults.ts'
import { type Channel, decodeAnswer, encodeHello } from './hello.ts'
import type { DialAs, Remote, Refused, Self } from './options.ts'
import { BOOTSTRAP_IDENTITY, JOIN_IDENTITY, type PeerTls, type PskAs } from './peer-tls.ts'
import { FRAME, PeerStream } from './stream.ts'

/** How long a connection may take until both sides know each other, in milliseconds. */
export const DIAL_MS = 3000

export interface DialDeps {
  clock: Clock
  tls: PeerTls
  self: Self
  versions: { min: number; max: number }
}

export interface DialTarget {
  /** What is dialled. */
  address: string
  /** Whose certificate it has to be. */
  bearer: { name?: string; host?: string }
  /** Who has to answer; absent: anybody. */
  member?: number
  channel: Channel
  as: DialAs
  timeoutMs?: number
  signal?: AbortSignal
}

export interface Dialled {
  stream: PeerStream
  remote: Remote
}

/** No connection came about; nothing was asked. */
export class NotConnected extends PeerUnreachable {
  override name = 'PeerUnreachable'
  /** When the other node said that it does not want one. */
  readonly refused: Refused | undefined

  constructor(message: string, refused?: Refused) {
    super(message)
    this.refused = refused
  }
}

/** Connects, proves both sides by TLS, and says hello. Rejects with `NotConnected`. */
export async function dial(target: DialTarget, deps: DialDeps): Promise<Dialled> {
  const { clock, tls, self } = deps
  const place = parsePeerAddress(target.address)
  if (place === undefined) throw new NotConnected(`"${target.address}" is not an address`)
  const socket = connect({ ...place, ...tls.client(target.bearer, pskAs(target.as, self)) })
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    const stream = new PeerStream(socket, clock, {
      onFrame(type, body) {
        const answered = answerOf(type, body, target)
        if (answered instanceof NotConnected) return end(answered)
        release()
        stream.trust()
        resolve({ stream, remote: answered })
      },
      onClose: (reason) => end(new NotConnected(reason)),
    })
    const end = (fault: NotConnected) => {
      release()
      reject(fault)
      stream.close(fault.message)
    }
    // Ahead of the stream's own listener, which knows less about what it means.
    socket.prependListener('error', (error) => end(new NotConnected(handshakeFault(error, tls.kind))))
    socket.on('secureConnect', () => sayHello(stream, target, deps))
    const abort = () => end(new NotConnected('it is not wanted any more'))
    const cancel = clock.after(target.timeoutMs ?? DIAL_MS, () => end(new NotConnected('it does not answer')))
    const release = () => {
      cancel()
      target.signal?.removeEventListener('abort', abort)
    }
    target.signal?.addEventListener('abort', abort, { once: true })
    if (target.signal?.aborted) abort()
  })
}

function pskAs(as: DialAs, self: Self): PskAs {
  if (as.purpose === 'join') return { identity: JOIN_IDENTITY + as.token.id, key: as.token.key }
  return { identity: as.purpose === 'bootstrap' ? BOOTSTRAP_IDENTITY : (self.cluster ?? BOOTSTRAP_IDENTITY) }
}

function sayHello(stream: PeerStream, { channel, as }: DialTarget, { self, versions }: DialDeps): void {
  stream.out
    .begin(FRAME.hello)
    .raw(encodeHello(self, { channel, purpose: as.purpose, versions }))
    .end()
  stream.send()
}

function answerOf(type: number, body: Buffer, { address, member }: DialTarget): Remote | NotConnected {
  const answer = type === FRAME.answer ? decodeAnswer(body) : undefined
  if (answer === undefined) return new NotConnected('its answer to the hello is not one')
  if (answer.kind === 'refused') {
    const { code, reason } = answer
    return new NotConnected(`it refused: ${reason}`, {
      address,
      code,
      reason,
      ...(member === undefined ? {} : { member }),
    })
  }
  if (member === undefined || answer.remote.member === member) return answer.remote
  return new NotConnected(`another member, ${answer.remote.name}, answers there`)
}

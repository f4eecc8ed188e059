import {
  type Network,
  type NetworkHandlers,
  PeerFault,
  PeerLost,
  PeerUnreachable,
  type RequestKind,
} from '../../../control-plane/src/cluster/network.ts'
import { FRAME_HEAD_BYTES } from '../../../control-plane/src/peers/frame.ts'
import { FrameWriter } from '../../../control-plane/src/peers/frame-writer.ts'
import { readMessage, travels, writeMessage } from '../../../control-plane/src/peers/message-codec.ts'
import type { MemberId, Message, Snapshot } from '../../../control-plane/src/raft/types.ts'
import type { Clock } from '../../../control-plane/src/runtime/clock.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Profile, Strikes } from './faults.ts'
import { HandedOut } from './handed-out.ts'
import type { Owner, World } from './world.ts'

/** A process as the network knows it. */
export interface Station extends Owner {
  readonly id: MemberId
  readonly clock: Clock
  /** Set once it listens. */
  handlers: NetworkHandlers | undefined
  /** Members by when something of theirs arrived last, by its own clock. */
  readonly heard: Map<MemberId, number>
}

export interface SimulatedNetworkDeps {
  world: World
  random: SeededRandom
  profile: Profile
  strikes: Strikes
  /** The process that runs now as a member. */
  station(id: MemberId): Station | undefined
  /** Called with every message before it is sent. */
  onSend(from: Station, message: Message): void
}

/** How long a state may be on its way, in milliseconds. */
const SNAPSHOT_TIMEOUT_MS = 5000
const CHUNK_MS = 2
/** Who was silent for longer counts as not connected, in milliseconds. */
const CONNECTED_MS = 1000

/** A network that loses, delays, repeats and reorders what is sent, and lets nothing through where it is cut. */
export class SimulatedNetwork {
  readonly handedOut: HandedOut
  readonly #deps: SimulatedNetworkDeps
  readonly #writer = new FrameWriter()
  /** Directed links that are cut. */
  readonly #cut = new Set<string>()

  constructor(deps: SimulatedNetworkDeps) {
    this.#deps = deps
    this.handedOut = new HandedOut(() => deps.world.now)
  }

  cut(from: MemberId, to: MemberId): void {
    this.#cut.add(`${from}>${to}`)
  }

  mend(): void {
    this.#cut.clear()
  }

  connect(from: Station, handlers: NetworkHandlers): Network {
    from.handlers = handlers
    let peers: Set<MemberId> | undefined
    return {
      setPeers(addresses) {
        peers = new Set(addresses.map(({ id }) => id))
      },
      send: (message) => {
        // Somebody who is not known here gets answers all the same once he was heard of.
        const known = peers?.has(message.to) !== false || from.heard.has(message.to)
        if (!from.alive || !known || !this.#deps.station(message.to)) return false
        this.#deps.onSend(from, message)
        this.#send(from, message)
        return true
      },
      request: (to, kind, body, timeoutMs) => this.#request(from, to, kind, body, timeoutMs),
      sendSnapshot: (to, snapshot, chunks, signal) => this.#sendSnapshot(from, to, snapshot, chunks, signal),
      silence(member) {
        const at = from.heard.get(member)
        return at === undefined ? undefined : from.clock.monotonic() - at
      },
      clockOffsets: () => this.#clockOffsets(from),
      close: () => Promise.resolve(),
    }
  }

  /** As measured while both were connected: of those that were heard of lately. */
  #clockOffsets(from: Station): Map<MemberId, number> {
    const offsets = new Map<MemberId, number>()
    for (const [id, at] of from.heard) {
      const there = this.#deps.station(id)
      const isLate = from.clock.monotonic() - at > CONNECTED_MS
      if (there !== undefined && !isLate) offsets.set(id, there.clock.now() - from.clock.now())
    }
    return offsets
  }

  #send(from: Station, message: Message): void {
    const { strikes } = this.#deps
    if (strikes.strikes('message-dropped')) return
    const bytes = this.#encoded(message)
    const { to, type, term } = message
    const deliver = (station: Station) => station.handlers?.onMessage(readMessage(bytes))
    const label = `${type} ${from.id}>${to} ${term}`
    this.#deliver(from, to, label, deliver)
    if (strikes.strikes('message-duplicated')) this.#deliver(from, to, label, deliver)
  }

  /** Brings something to whatever process is a member by then. */
  #deliver(from: Station, to: MemberId, label: string, task: (station: Station) => void, extraMs = 0): void {
    const { world, random, profile, strikes, station } = this.#deps
    const isCut = () => this.#cut.has(`${from.id}>${to}`)
    if (isCut()) return
    let delay = profile.delayMs + extraMs
    // Without a spread everything arrives in the order in which it was sent.
    if (strikes.strikes('message-reordered')) delay += random.next() * profile.delaySpreadMs
    if (strikes.strikes('message-delayed')) delay += random.pick([50, 300, 2000])
    world.laterIn(
      () => (isCut() ? undefined : station(to)),
      delay,
      label,
      () => {
        const there = station(to)
        if (there === undefined) return
        there.heard.set(from.id, there.clock.monotonic())
        task(there)
      },
    )
  }

  #request(from: Station, to: MemberId, kind: RequestKind, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const { random, strikes, station } = this.#deps
    return new Promise((resolve, reject) => {
      if (station(to) === undefined) {
        from.clock.after(1, () => reject(new PeerUnreachable('nobody is there')))
        return
      }
      from.clock.after(timeoutMs, () => reject(new PeerLost('no answer in time')))
      // The connection breaks at some time while the request is under way.
      if (strikes.strikes('request-lost')) from.clock.after(random.next() * 300, () => reject(new PeerLost('cut')))
      const back = (station: Station, task: () => void) =>
        this.#deliver(station, from.id, `reply ${kind}`, (there) => there === from && task())
      this.#deliver(from, to, `request ${kind} ${from.id}>${to}`, (there) => {
        if (kind === 'work') this.handedOut.asked(body)
        there.handlers?.onRequest(from.id, kind, body).then(
          (reply) => {
            if (kind === 'work') this.handedOut.answered(body, reply)
            back(there, () => resolve(reply))
          },
          (error: unknown) => back(there, () => reject(new PeerFault(String(error)))),
        )
      })
    })
  }

  async #sendSnapshot(
    from: Station,
    to: MemberId,
    snapshot: Snapshot,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(Uint8Array.from(chunk))
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(new PeerLost('aborted'))
      signal.addEventListener('abort', () => reject(new PeerLost('aborted')))
      from.clock.after(SNAPSHOT_TIMEOUT_MS, () => reject(new PeerLost('the state did not arrive in time')))
      const copy = structuredClone(snapshot)
      const took = (there: Station, task: () => void) =>
        this.#deliver(there, from.id, 'state taken', (station) => station === from && task())
      const arrive = (there: Station) => {
        there.handlers?.onSnapshot(from.id, copy, streamOf(parts)).then(
          () => took(there, resolve),
          (error: unknown) => took(there, () => reject(new PeerFault(String(error)))),
        )
      }
      this.#deliver(from, to, `state ${snapshot.index}`, arrive, parts.length * CHUNK_MS)
    })
  }

  /** As it would cross the wire, so that no two nodes ever share an object. */
  #encoded(message: Message): Buffer {
    if (!travels(message)) throw new Error(`a message of kind ${message.type} is for nobody else`)
    writeMessage(this.#writer.begin(1), message)
    this.#writer.end()
    return Buffer.concat(this.#writer.take()).subarray(FRAME_HEAD_BYTES)
  }
}

async function* streamOf(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part
}

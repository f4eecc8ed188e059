import { crc32 } from 'node:zlib'
import type { Snapshot } from '../raft/types.ts'
import { ByteReader } from './byte-reader.ts'
import { FrameFault } from './frame.ts'
import { readSnapshot } from './message-codec.ts'
import { FRAME, type PeerStream } from './stream.ts'

/** Bytes that wait for whoever writes them to disk; beyond it nothing more is read from the connection. */
const WAITING_BYTES_MAX = 1024 * 1024

/**
 * Takes a state in over a connection of its own: `take` gets it as it comes, and is told at the end, by an error of the
 * chunks, when it is not all there and exactly what was sent. The other side hears how it went.
 */
export function receiveSnapshot(
  stream: PeerStream,
  take: (snapshot: Snapshot, chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): void {
  const incoming = new Incoming(stream)
  const answer = (fault: string | undefined) => {
    if (stream.closed) return
    stream.out.begin(FRAME.snapshotDone).boolean(fault === undefined)
    if (fault !== undefined) stream.out.text(fault.slice(0, 1000))
    stream.out.end()
    stream.resume()
    stream.finish('the snapshot was taken in')
  }
  stream.events = {
    onFrame(type, body) {
      if (type !== FRAME.snapshotHead) return incoming.onFrame(type, body)
      if (incoming.begun) throw new FrameFault('a second snapshot over one connection')
      incoming.begun = true
      const from = new ByteReader(body)
      const snapshot = readSnapshot(from)
      from.end()
      take(snapshot, incoming.chunks()).then(
        () => answer(incoming.complete ? undefined : 'it was not taken in whole'),
        (error: unknown) => answer(error instanceof Error ? error.message : String(error)),
      )
    },
    onTick() {
      stream.out.begin(FRAME.snapshotAlive).end()
      stream.send()
    },
    onClose: (reason) => incoming.fail(reason),
  }
}

class Incoming {
  begun = false
  /** Everything arrived, and is what was sent. */
  complete = false
  readonly #stream: PeerStream
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #bytes = 0
  #crc = 0
  #fault: string | undefined
  #wake: () => void = () => undefined

  constructor(stream: PeerStream) {
    this.#stream = stream
  }

  onFrame(type: number, body: Buffer): void {
    if (type === FRAME.snapshotAlive) return
    if (!this.begun || this.complete) throw new FrameFault('a part of a snapshot where none is due')
    if (type === FRAME.snapshotChunk) this.#add(body)
    else if (type === FRAME.snapshotEnd) this.#end(new ByteReader(body))
    else throw new FrameFault(`a frame of type ${type} in a snapshot`)
    this.#wake()
  }

  fail(reason: string): void {
    if (!this.complete) this.#fault ??= `the snapshot broke off: ${reason}`
    this.#wake()
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#waiting.shift()
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length
        if (this.#waitingBytes < WAITING_BYTES_MAX / 2) this.#stream.resume()
        yield chunk
      } else if (this.#fault !== undefined) {
        throw new Error(this.#fault)
      } else if (this.complete) {
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  #add(body: Buffer): void {
    this.#bytes += body.length
    this.#crc = crc32(body, this.#crc)
    this.#waiting.push(body)
    this.#waitingBytes += body.length
    if (this.#waitingBytes >= WAITING_BYTES_MAX) this.#stream.pause()
  }

  #end(from: ByteReader): void {
    const [bytes, crc] = [from.u64(), from.u32()]
    if (bytes === this.#bytes && crc === this.#crc) this.complete = true
    else this.#fault = 'what arrived is not what was sent'
  }
}

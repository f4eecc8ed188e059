import type { Duplex } from 'node:stream'
import type { Clock } from '../runtime/clock.ts'
import { FRAME_BYTES_MAX, FrameDecoder, FrameFault } from './frame.ts'
import { FrameWriter } from './frame-writer.ts'
import { HELLO_BYTES_MAX } from './hello.ts'

/** What a frame is. The numbers are the protocol. */
export const FRAME = {
  hello: 1,
  answer: 2,
  message: 3,
  request: 4,
  reply: 5,
  ping: 6,
  pong: 7,
  snapshotHead: 8,
  snapshotChunk: 9,
  snapshotEnd: 10,
  snapshotAlive: 11,
  snapshotDone: 12,
} as const

/** How often the ends of a connection look at each other, in milliseconds. */
const TICK_MS = 1000
/** How many times in a row nothing may have come. Counted in looks, so that a process that was paused does not blame others. */
const SILENT_TICKS_MAX = 3
/** How long a connection that ends may take to send what is left. */
const FAREWELL_MS = 1000

export interface StreamEvents {
  onFrame(type: number, body: Buffer): void
  /** Once. */
  onClose(reason: string): void
  /** Every second while the connection is watched. */
  onTick?(): void
}

/** A connection cut into frames: everything written in one turn of the event loop leaves together. */
export class PeerStream {
  /** Where frames are written; `send()` afterwards. */
  readonly out = new FrameWriter()
  events: StreamEvents
  readonly #socket: Duplex
  readonly #clock: Clock
  readonly #decoder: FrameDecoder
  #flushing = false
  #ending = false
  #closed: string | undefined
  #silentTicks = 0
  #paused = false
  #cancelTick: () => void = () => undefined

  constructor(socket: Duplex, clock: Clock, events: StreamEvents) {
    this.#socket = socket
    this.#clock = clock
    this.events = events
    this.#decoder = new FrameDecoder(HELLO_BYTES_MAX, (type, body) => this.events.onFrame(type, body))
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => this.close(error.code ?? error.message))
    socket.on('close', () => this.close('the connection was closed'))
    socket.on('end', () => this.close('the other side ended the connection'))
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** Bytes that were written and have not left this process. */
  get queued(): number {
    return this.out.pending + this.#socket.writableLength
  }

  /** Both sides know each other: longer frames are taken, and silence is noticed. */
  trust(bytesMax = FRAME_BYTES_MAX): void {
    this.#decoder.bytesMax = bytesMax
    this.#watch()
  }

  /** What was written leaves at the end of this turn. */
  send(): void {
    if (this.#flushing || this.closed) return
    this.#flushing = true
    this.#clock.after(0, () => this.#flush())
  }

  /** Resolves when there is room again, or the connection is closed. */
  async room(): Promise<void> {
    this.#flush()
    if (this.closed || !this.#socket.writableNeedDrain) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done)
        resolve()
      }
      this.#socket.on('drain', done).on('close', done)
    })
  }

  /** Nothing more is read until `resume`: the other side feels it as a full pipe. */
  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#silentTicks = 0
    this.#socket.resume()
  }

  /** Sends what was written, then closes. */
  finish(reason: string): void {
    if (this.closed || this.#ending) return
    this.#flush()
    this.#ending = true
    this.#socket.end()
    this.#clock.after(FAREWELL_MS, () => this.close(reason))
  }

  close(reason: string): void {
    if (this.closed) return
    this.#closed = reason
    this.#cancelTick()
    this.#decoder.stop()
    this.#socket.destroy()
    this.events.onClose(reason)
  }

  #flush(): void {
    this.#flushing = false
    if (this.closed || this.#ending) return
    const blocks = this.out.take()
    if (blocks.length === 0) return
    if (blocks.length > 1) this.#socket.cork()
    for (const block of blocks) this.#socket.write(block)
    if (blocks.length > 1) this.#socket.uncork()
  }

  #onData(chunk: Buffer): void {
    this.#silentTicks = 0
    if (this.closed) return
    try {
      this.#decoder.push(chunk)
    } catch (error) {
      this.close(`the other side sent ${(error as Error).message}`)
      // A bug on this side, which is not to be passed over.
      if (!(error instanceof FrameFault)) throw error
    }
  }

  #watch(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => {
      if (this.closed) return
      if (!this.#paused) this.#silentTicks += 1
      if (this.#silentTicks > SILENT_TICKS_MAX) {
        this.close(`nothing came for ${SILENT_TICKS_MAX} s`)
        return
      }
      this.events.onTick?.()
      this.#watch()
    })
  }
}

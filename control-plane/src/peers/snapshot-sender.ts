import { crc32 } from 'node:zlib'
import type { Snapshot } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import type { Clock } from '../runtime/clock.ts'
import { ByteReader } from './byte-reader.ts'
import { writeSnapshot } from './message-codec.ts'
import { Pace } from './pace.ts'
import { FRAME, type PeerStream } from './stream.ts'

/** Bytes of one frame of a snapshot. */
export const CHUNK_BYTES = 256 * 1024

/**
 * Streams a state over a connection of its own, and resolves once the other side has verified all of it and keeps it.
 * Takes the next chunk only when there is room for it: about one is in memory.
 */
export async function sendSnapshot(
  stream: PeerStream,
  { snapshot, chunks }: { snapshot: Snapshot; chunks: AsyncIterable<Uint8Array> },
  { clock, rateBytesPerSecond, signal }: { clock: Clock; rateBytesPerSecond(): number; signal: AbortSignal },
): Promise<void> {
  const stop = new AbortController()
  const abort = () => stream.close('the snapshot is not wanted any more')
  signal.addEventListener('abort', abort, { once: true })
  const verdict = verdictOf(stream, stop)
  verdict.catch(() => undefined)
  try {
    if (signal.aborted) abort()
    const pump = sendAll(stream, snapshot, chunks, new Pace(clock, rateBytesPerSecond, stop.signal))
    // Whoever ends first: the other side may refuse, or the connection break, long before everything was sent.
    await Promise.race([pump.then(async () => verdict), verdict])
  } finally {
    signal.removeEventListener('abort', abort)
    stop.abort()
    stream.finish('the snapshot was sent')
  }
}

/** Resolves when the other side has it all; rejects when it does not want it, or the connection breaks. */
async function verdictOf(stream: PeerStream, stop: AbortController): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.events = {
      onFrame(type, body) {
        if (type !== FRAME.snapshotDone) return
        const from = new ByteReader(body)
        if (from.boolean()) resolve()
        else reject(new Error(`the other side could not take the snapshot: ${from.text()}`))
      },
      onTick: () => alive(stream),
      onClose(reason) {
        stop.abort()
        reject(new Error(`the snapshot was not sent: ${reason}`))
      },
    }
  })
}

async function sendAll(
  stream: PeerStream,
  snapshot: Snapshot,
  chunks: AsyncIterable<Uint8Array>,
  pace: Pace,
): Promise<void> {
  writeSnapshot(stream.out.begin(FRAME.snapshotHead), snapshot)
  assert(stream.out.end(), 'what names a snapshot fits a frame')
  let crc = 0
  let bytes = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      const part = chunk.subarray(at, at + CHUNK_BYTES)
      crc = crc32(part, crc)
      bytes += part.length
      await pace.take(part.length)
      if (stream.closed) return
      stream.out.begin(FRAME.snapshotChunk).raw(part).end()
      await stream.room()
    }
    if (stream.closed) return
  }
  stream.out.begin(FRAME.snapshotEnd).u64(bytes).u32(crc).end()
  await stream.room()
}

/** While there is nothing to send, the other side hears that we are there. */
function alive(stream: PeerStream): void {
  if (stream.queued > 0) return
  stream.out.begin(FRAME.snapshotAlive).end()
  stream.send()
}

import type { Overlay } from './overlay.ts'

/** Batches, keys and bytes written since the start, and what the syncs took. */
export class StoreFigures {
  batches = 0
  writes = 0
  bytes = 0
  syncMs = 0
  syncMsMax = 0

  /** A batch is durable. */
  wrote(overlay: Pick<Overlay, 'size' | 'bytes'>, ms: number): void {
    this.batches += 1
    this.writes += overlay.size + 1
    this.bytes += overlay.bytes
    this.syncMs += ms
    this.syncMsMax = Math.max(this.syncMsMax, ms)
  }
}

import { systemRandom, type Random } from '../runtime/random.ts'
import type { FileSystem } from './file-system.ts'
import type { Wal } from './wal.ts'

export interface WalOptions {
  fileSystem: FileSystem
  /** Holds segments and spares, and nothing else. Made when it is missing. */
  folder: string
  /** Size of a segment, allocated whole before it is used. @default 67_108_864 @minimum 1024 */
  segmentBytes?: number
  /** Dropped segments that are kept for their disk space. @default 2 */
  sparesMax?: number
  /** What the store has applied: a log that ends before it, or begins after the next, has lost entries. @default 0 */
  appliedIndex?: number
  random?: Random
}

/** Opens the log in a folder, or begins one. Throws `CorruptLog` or `StorageFailed`. */
export function openWal(options: WalOptions): Promise<Wal> {
  const { random = systemRandom } = options
  return Promise.reject(new Error(`not yet ${String(random)}`))
}

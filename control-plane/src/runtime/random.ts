import { randomBytes } from 'node:crypto'

/** The only way to ask the machine for chance. A seeded twin replaces it in the simulator. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** `count` unpredictable bytes; secrets, tokens and ids come from here. */
  bytes(count: number): Uint8Array
}

/** The machine's source of chance. */
export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => randomBytes(count),
}

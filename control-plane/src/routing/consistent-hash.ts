import { createHash } from 'node:crypto'
import type { Executor } from '../discovery/executor.ts'

/**
 * The executor with the greatest score for a key, by weighted rendezvous hashing: of n executors one that comes or goes
 * takes or gives up its own share of the keys, 1/n, and no key moves between the others.
 */
export function consistentHash(executors: readonly Executor[], key: string): Executor | undefined {
  let best: Executor | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const executor of executors) {
    const score = scoreOf(executor, key)
    if (score <= most) continue
    most = score
    best = executor
  }
  return best
}

/** weight ÷ −ln(u), with u uniform in (0, 1) from the hash of executor and key. */
function scoreOf({ id, weight }: Executor, key: string): number {
  const digest = createHash('sha256').update(`${id}\n${key}`).digest()
  const uniform = (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48
  return weight / -Math.log(uniform)
}

import { randomInt } from 'node:crypto'
import { Etcd } from './etcd.ts'
import { progress } from './figure.ts'
import { OpenLoop } from './open-loop.ts'
import { puttersFor } from './putters.ts'

const PATIENCE_MS = 30_000
const VALUE = Buffer.alloc(256, 'v')

/** Milliseconds from each `kill -9` of etcd's leader to the first acknowledgement of a write sent after it, with writes to the survivors every so often. */
export async function etcdFailover(
  nodes: number,
  everyMs: number,
  kills: number,
  flags: readonly string[],
): Promise<number[]> {
  const etcd = await Etcd.start(nodes, flags)
  try {
    const lost: number[] = []
    for (let round = 0; round < kills; round++) {
      const leader = await etcd.leader()
      const survivors = etcd.members.filter((member) => member !== leader)
      const putters = survivors.flatMap(({ address }) => puttersFor({ system: 'etcd', addresses: [address] }, 1))
      const loop = new OpenLoop(everyMs, async (n) => putters[n % putters.length]?.put(`failover-${n % 100}`, VALUE))
      loop.start()
      await pass(1000 + randomInt(300))
      const killedAt = performance.now()
      await etcd.kill(leader)
      const write = await loop.firstAfter(killedAt, PATIENCE_MS)
      lost.push(write.ackedAt - killedAt)
      progress(`etcd ${flags.join(' ')} kill ${round + 1}: first write after ${Math.round(lost.at(-1) ?? 0)} ms`)
      await loop.stop()
      await Promise.all(putters.map((putter) => putter.close()))
      etcd.startMember(leader)
      await pass(2000)
    }
    return lost
  } finally {
    await etcd.stop()
  }
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

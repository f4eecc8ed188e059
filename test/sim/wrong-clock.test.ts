import { afterEach, expect, test } from 'vitest'
import { Cluster } from './cluster/cluster.ts'
import { watch } from './cluster/watch.ts'

const SEEDS = 16
/** By then clocks were compared, and the leader was one whose clock is right. */
const NOTICED_MS = 6000
const END_MS = 20_000
/** A world in which less is sent shows nothing: it has no jobs, or hardly any fires. */
const SENT_MIN = 10

afterEach(() => watch(undefined))

/** Three nodes without faults of which one has a clock that is a minute ahead: who sent calls once that was noticed. */
async function play(seed: number) {
  const { checks, machines, profile, strikes, world } = new Cluster({ seed, steps: 0, nodes: 3 })
  strikes.active = false
  profile.maxSkewMs = 500
  for (const [at, { oscillator }] of machines.entries())
    Object.assign(oscillator, { skewMs: at === 1 ? 60_000 : 0, rate: 1 })
  await world.run(() => world.now > NOTICED_MS)
  const before = new Set(checks.started.keys())
  await world.run(() => world.now > END_MS)
  const senders = [...checks.started].filter(([id]) => !before.has(id)).map(([, { node }]) => node)
  const leaders = machines.filter(({ core }) => core?.consensus.leadership().isLeader)
  return { wrong: machines[1], senders, leaders }
}

test('a node whose clock is wrong plans and sends nothing: its deadlines and signatures would be wrong as well', async () => {
  let shown = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { wrong, senders, leaders } = await play(seed)
    expect(leaders, `seed ${seed}`).toHaveLength(1)
    expect(leaders, `seed ${seed}`).not.toContain(wrong)
    expect(senders, `seed ${seed}`).not.toContain(wrong?.id)
    if (senders.length <= SENT_MIN) continue
    expect(new Set(senders).size, `seed ${seed}`).toBe(2)
    shown++
  }
  expect(shown, `worlds of ${SEEDS} that had something to send`).toBeGreaterThanOrEqual(4)
})

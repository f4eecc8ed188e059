import { afterEach, expect, test, vi } from 'vitest'
import { Link } from '../../../test/support/link.ts'
import type { Snapshot } from '../raft/types.ts'
import { systemClock } from '../runtime/clock.ts'
import { hastyClock } from '../runtime/hasty-clock.test-helper.ts'
import { beat, closeNodes, join, openNode, until, type TestNode } from './peers.test-helper.ts'

const MIB = 1024 * 1024
const SNAPSHOT: Snapshot = {
  index: 1000,
  term: 3,
  membership: { voters: [1, 2], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
  data: Buffer.from('what the host says'),
}
const never = new AbortController().signal
/** How many times as fast time goes by where silence is to be noticed. */
const HASTE = 10
const links: Link[] = []

afterEach(async () => {
  for (const link of links.splice(0)) link.close()
  await closeNodes()
})

/** Chunks of a MiB, each of its own byte. */
async function* mebibytes(count: number, onTaken: (taken: number) => void = () => undefined) {
  for (let i = 0; i < count; i++) {
    onTaken(i + 1)
    yield await Promise.resolve(Buffer.alloc(MIB, i + 1))
  }
}

async function pair(
  onSnapshot: (chunks: AsyncIterable<Uint8Array>, snapshot: Snapshot) => Promise<void>,
  { clock = systemClock(), ...options }: Parameters<typeof openNode>[1] = {},
): Promise<[TestNode, TestNode]> {
  const handle = {
    onSnapshot: async (_: number, snapshot: Snapshot, chunks: AsyncIterable<Uint8Array>) =>
      onSnapshot(chunks, snapshot),
  }
  const nodes: [TestNode, TestNode] = [
    await openNode(1, { clock, rateBytesPerSecond: () => 1e12, ...options }),
    await openNode(2, { clock, handle }),
  ]
  join(...nodes)
  await until(() => expect(nodes[0].peers.infos().get(2)?.connected).toBe(true))
  return nodes
}

test('a state arrives as it was sent, and is there when the sender hears so', async () => {
  const taken: Buffer[] = []
  let named: Snapshot | undefined
  const [n1] = await pair(async (chunks, snapshot) => {
    named = snapshot
    for await (const chunk of chunks) taken.push(Buffer.from(chunk))
  })
  await n1.peers.sendSnapshot(2, SNAPSHOT, mebibytes(5), never)
  const expected: Buffer[] = []
  for await (const chunk of mebibytes(5)) expected.push(chunk)
  expect(Buffer.concat(taken).equals(Buffer.concat(expected))).toBe(true)
  expect(named).toEqual(SNAPSHOT)
  await n1.peers.sendSnapshot(2, SNAPSHOT, mebibytes(0), never)
})

test('50 MB to a slow reader stay with the sender, and messages pass beside them', async () => {
  let [given, read, ahead, open] = [0, 0, 0, () => undefined as void]
  const gate = { wait: Promise.resolve() }
  const hold = () => {
    gate.wait = new Promise((resolve) => {
      open = resolve
    })
  }
  hold()
  const [n1, n2] = await pair(async (chunks) => {
    for await (const chunk of chunks) {
      await gate.wait
      read += chunk.length
      ahead = Math.max(ahead, given * MIB - read)
    }
  })
  const sent = n1.peers.sendSnapshot(
    2,
    SNAPSHOT,
    mebibytes(50, (taken) => (given = taken)),
    never,
  )
  // While nobody reads, what fits into pipes and buffers is taken, and then no more.
  let before = -1
  await until(
    () => {
      const now = given
      const still = now === before
      before = now
      expect(still && now > 0).toBe(true)
    },
    { interval: 300, timeout: 5000 },
  )
  expect(given).toBeLessThan(20)
  for (let i = 0; i < 1000; i++) expect(n1.peers.send(beat(n1, n2, i))).toBe(true)
  await until(() => expect(n2.messages).toHaveLength(1000), { timeout: 4000 })
  open()
  await sent
  expect(read).toBe(50 * MIB)
  expect(ahead).toBeLessThan(20 * MIB)
})

test('a reader that takes longer than the silence allowed is waited for', async () => {
  const clock = hastyClock(HASTE)
  const [n1] = await pair(
    async (chunks) => {
      for await (const _ of chunks);
      await new Promise<void>((resolve) => clock.after(10_000, resolve))
    },
    { clock },
  )
  await n1.peers.sendSnapshot(2, SNAPSHOT, mebibytes(1), never)
})

test('what the reader objects to reaches the sender', async () => {
  const [n1] = await pair(async (chunks) => {
    for await (const _ of chunks) throw new Error('the disk is full')
  })
  await expect(n1.peers.sendSnapshot(2, SNAPSHOT, mebibytes(50), never)).rejects.toThrow('the disk is full')
})

test('a sender that stops, breaks off or fails leaves the reader with an error, never with a shorter state', async () => {
  const ends: string[] = []
  const [n1] = await pair(async (chunks) => {
    try {
      for await (const _ of chunks);
      ends.push('complete')
    } catch (error) {
      ends.push((error as Error).message)
      throw error
    }
  })
  const stop = new AbortController()
  const sent = n1.peers.sendSnapshot(
    2,
    SNAPSHOT,
    mebibytes(50, (taken) => taken === 5 && stop.abort()),
    stop.signal,
  )
  await expect(sent).rejects.toThrow('not wanted any more')
  await until(() => expect(ends).toHaveLength(1))
  async function* failing() {
    yield* mebibytes(2)
    throw new Error('the source is gone')
  }
  await expect(n1.peers.sendSnapshot(2, SNAPSHOT, failing(), never)).rejects.toThrow('the source is gone')
  await until(() => expect(ends).toHaveLength(2))
  expect(ends.join()).toMatch(/broke off.*broke off/)
})

test('a link that breaks under a state ends both sides, one that stalls too', async () => {
  for (const kind of ['break', 'hold'] as const) {
    const [failed, clock] = [vi.fn(), hastyClock(HASTE)]
    const handle = {
      onSnapshot: async (_: number, __: Snapshot, chunks: AsyncIterable<Uint8Array>) => {
        try {
          for await (const _ of chunks);
        } catch (error) {
          failed(error)
          throw error
        }
      },
    }
    const n2 = await openNode(2, { clock, handle })
    const link = await Link.open(n2.peers.address.port)
    links.push(link)
    const n1 = await openNode(1, { clock, dial: new Map([['n2', `127.0.0.1:${link.port}`]]) })
    join(n1, n2)
    await until(() => expect(n1.peers.infos().get(2)?.connected).toBe(true))
    const sent = n1.peers.sendSnapshot(
      2,
      SNAPSHOT,
      mebibytes(200, (taken) => taken === 5 && link.set({ kind })),
      never,
    )
    await expect(sent).rejects.toThrow('the snapshot was not sent')
    await until(() => expect(failed).toHaveBeenCalled(), { timeout: 6000 })
  }
})

test('a state goes at the pace that is set, which may change on the way', async () => {
  let rate = 10 * MIB
  const [n1] = await pair(
    async (chunks) => {
      for await (const _ of chunks);
    },
    { rateBytesPerSecond: () => rate },
  )
  const begun = performance.now()
  await n1.peers.sendSnapshot(
    2,
    SNAPSHOT,
    mebibytes(30, (taken) => taken === 4 && (rate = 1e12)),
    never,
  )
  expect(performance.now() - begun).toBeGreaterThan(200)
  expect(performance.now() - begun).toBeLessThan(2500)
})

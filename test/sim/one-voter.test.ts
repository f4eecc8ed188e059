import { expect, test } from 'vitest'
import { NotCommitted, type Entry } from '../../control-plane/src/cluster/consensus.ts'
import { OneVoter } from '../../control-plane/src/cluster/one-voter.ts'
import { replay } from '../../control-plane/src/cluster/replay.ts'
import type { Wal } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk, type CrashKind } from './simulated-file-system.ts'
import { VirtualClock } from './virtual-clock.ts'
import { open } from './wal-sweeps.ts'

const PROPOSALS = 60

test('a crash in any operation: every answer that was given still holds, and terms only grow', async () => {
  for (const seed of [1, 2]) {
    const calm = await live(new SimulatedDisk({ seed }), seed, [])
    expect(calm.answered).toHaveLength(PROPOSALS)
    for (let at = 1; at <= calm.operations; at++) {
      for (const kind of ['process', 'power'] as const) await crashAt(at, kind, seed)
    }
  }
})

test('a disk that fails in any operation: an answer, or NotCommitted, and onFatal once', async () => {
  const { operations } = await live(new SimulatedDisk({ seed: 5 }), 5, [])
  for (let at = 1; at <= operations; at++) {
    const disk = new SimulatedDisk({ seed: 5 })
    disk.faults = { fail: { at, code: 'EIO' } }
    const first = await live(disk, 5, [])
    expect(first.fatal).toBeLessThanOrEqual(1)
    expect(first.answered.length + first.unknown + first.refused).toBe(PROPOSALS)
    disk.faults = {}
    disk.crash('process')
    expect((await contents(await open(disk))).map(name)).toEqual(expect.arrayContaining(first.answered))
  }
})

async function crashAt(at: number, kind: CrashKind, seed: number): Promise<void> {
  const disk = new SimulatedDisk({ seed: seed * 31 + at })
  disk.faults = { crash: { at, kind, tear: 'random' } }
  const first = await live(disk, seed, [])
  disk.faults = {}
  const found = await contents(await open(disk))
  expect(found.map(({ index }) => index)).toEqual(found.map((_, i) => i + 1))
  expect(found.slice(0, first.answered.length).map(name)).toEqual(first.answered)
  const second = await live(disk, seed + 1, found)
  expect(second.answered).toHaveLength(PROPOSALS)
  expect(second.term).toBeGreaterThan(first.term)
  disk.crash('power')
  expect((await contents(await open(disk))).map(name)).toEqual([...found.map(name), ...second.answered])
}

/** One life of a node: it starts on what is there, proposes in bursts, and stops unless something happens to it. */
async function live(disk: SimulatedDisk, seed: number, before: Entry[]) {
  const report = { answered: [] as string[], unknown: 0, refused: 0, fatal: 0, term: 0, operations: 0 }
  const wal = await open(disk).catch(() => undefined)
  const clock = new VirtualClock(0)
  const engine =
    wal && new OneVoter({ wal, node: 'n1', clock, apply, applied: before.length, onFatal: () => report.fatal++ })
  const started = await engine?.start().then(
    () => true,
    () => false,
  )
  if (engine === undefined || started !== true) return { ...report, refused: PROPOSALS }
  report.term = engine.leadership().term
  const random = new SeededRandom(seed)
  const waiting: Promise<void>[] = []
  for (let i = 0; i < PROPOSALS; i++) {
    const id = `${seed}-${i}`
    const proposed = engine.propose({ at: i, kind: 'token-revoke', id: id.padEnd(random.integer(8, 90), '.') })
    waiting.push(
      proposed.then(
        () => void report.answered.push(id),
        (error: unknown) => void (error instanceof NotCommitted ? report.unknown++ : report.refused++),
      ),
    )
    if (random.chance(0.3)) await clock.run(clock.monotonic() + random.integer(0, 30))
  }
  await Promise.all(waiting)
  await engine.stop().catch(() => undefined)
  return { ...report, operations: disk.operations }
}

function apply() {
  return { changes: [], events: [] }
}

async function contents(wal: Wal): Promise<Entry[]> {
  const entries: Entry[] = []
  await replay(wal, wal.firstIndex, (entry) => entries.push(entry))
  return entries
}

function name({ command }: Entry): string {
  return command.kind === 'token-revoke' ? command.id.replace(/\.+$/, '') : command.kind
}

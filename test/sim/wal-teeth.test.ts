import { crc32 } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { walMutants, withMutant } from './wal-mutants.ts'
import type * as Sweeps from './wal-sweeps.ts'
import { crashCases, crashOnce, type Planted } from './wal-sweeps.ts'

const SEEDS = [1, 2, 3, 4]

afterEach(() => {
  vi.doUnmock('node:zlib')
  vi.resetModules()
})

/** Share of crashes in which a planted bug shows. */
async function caught(planted: Planted): Promise<number> {
  let crashes = 0
  let found = 0
  for (const seed of SEEDS) {
    for (const crash of await crashCases(24, seed)) {
      crashes++
      if ((await crashOnce(crash, 24, seed, planted)).length > 0) found++
    }
  }
  return found / crashes
}

test('a log without a bug shows none', async () => {
  expect(await caught({})).toBe(0)
})

test.each([
  ['a write that is not synced', { lies: ['write'] }, 0.9],
  ['a start that does not sync what it found', { lies: ['sync'] }, 0.005],
  ['a folder that is not synced', { lies: ['folder'] }, 0.3],
  ['a mark that is always the same', { random: { next: () => 0, bytes: () => new Uint8Array(4) } }, 0.05],
] satisfies [string, Planted, number][])('%s is noticed', async (_bug, planted, share) => {
  expect(await caught(planted)).toBeGreaterThan(share)
})

test('a checksum that leaves out the body is noticed', async () => {
  // Of the header only, so that the chain stays what it is.
  vi.doMock('node:zlib', () => ({ crc32: (bytes: Buffer) => crc32(bytes.subarray(0, 24)) }))
  vi.resetModules()
  const { damage, open } = await import('./wal-sweeps.ts')
  const { Witness } = await import('./wal-witness.ts')
  const { work } = await import('./wal-history.ts')
  const { SimulatedDisk } = await import('./simulated-file-system.ts')
  const disk = new SimulatedDisk({ seed: 1 })
  const witness = new Witness()
  await work(await open(disk), witness, 10, 1)
  const verdicts = new Set<string>()
  for (const path of disk.paths()) {
    for (let bit = 0; bit < 8000; bit += 37)
      verdicts.add((await damage(disk, witness, (copy) => copy.flip(path, bit))).verdict)
  }
  expect(verdicts).toContain('wrong')
})

describe('a mistake in the source is noticed', () => {
  test('none in the source as it is', async () => {
    expect(await withMutant(undefined, (sweeps) => crashesUntilNoticed(sweeps))).toBeUndefined()
  })

  test.each(walMutants)('$mistake', async (mutant) => {
    expect(await withMutant(mutant, (sweeps) => crashesUntilNoticed(sweeps))).toBeLessThan(3000)
  })
})

/** How many crashes it takes until one shows a fault; undefined when none does. */
async function crashesUntilNoticed(sweeps: typeof Sweeps): Promise<number | undefined> {
  let crashes = 0
  for (const seed of SEEDS) {
    for (const crash of await sweeps.crashCases(24, seed)) {
      crashes++
      if ((await sweeps.crashOnce(crash, 24, seed)).length > 0) return crashes
    }
  }
  return undefined
}

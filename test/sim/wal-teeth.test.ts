import { crc32 } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { crashCases, crashOnce, type Planted } from './wal-sweeps.ts'

afterEach(() => {
  vi.doUnmock('node:zlib')
  vi.resetModules()
})

/** Share of crashes in which a planted bug shows. */
async function caught(planted: Planted): Promise<number> {
  const cases = await crashCases(24, 1)
  let found = 0
  for (const crash of cases) if ((await crashOnce(crash, 24, 1, planted)).length > 0) found++
  return found / cases.length
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

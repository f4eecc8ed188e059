import { expect, test } from 'vitest'
import { runNemesis } from '../nemesis/nemesis.ts'
import { startTogether } from '../nemesis/starts.ts'
import { SeededRandom } from '../sim/seeded-random.ts'

const ROUNDS = 5

test('S013 five faults on three nodes while jobs fire and clients read and write: everything that was promised holds', {
  timeout: 150_000,
}, async () => {
  const seed = Date.now() % 1_000_000
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const report = await runNemesis({ nodes: 3, rounds: ROUNDS, seed, ops: 0, jobs: 12, groups: 2, say })
  expect(report.faults, `seed ${seed}\n${lines.join('\n')}`).toEqual([])
  expect(report.rounds).toHaveLength(ROUNDS)
  expect(report.overlapping, 'clients were at work during the faults').toBeGreaterThan(200)
  expect(report.runs, 'jobs fired').toBeGreaterThan(12 * ROUNDS)
})

test('S002 nodes that start at the same moment become one cluster', { timeout: 60_000 }, async () => {
  const seed = Date.now() % 1_000_000
  const random = new SeededRandom(seed)
  for (const offsetMs of [0, 20, 300]) {
    const { faults } = await startTogether(3, random, offsetMs)
    expect(faults, `seed ${seed}, within ${offsetMs} ms`).toEqual([])
  }
})

import type { Job } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import { SeededRandom } from '../sim/seeded-random.ts'
import { createJob, everything, HOME, Refused, serve, sleepUntil, spawnServer, temporaryFolder } from './harness.ts'

const STARTS = 30
const FIRST_STARTS = 10
/** The window in which a start is killed, in milliseconds: about what a start takes. */
const WINDOW_MS = 500
const CLIENTS = 64
const ROUNDS = 3
/** Small segments, so that logs end and begin while the server dies. */
const SMALL = ['--wal-segment-size', '8MiB']

/** Kills a start after so many milliseconds. A start that ends by itself before is a failure. */
async function killStart(folder: string, afterMs: number): Promise<void> {
  const child = spawnServer({ folder, flags: SMALL })
  await sleepUntil(Date.now() + afterMs)
  const ended = await child.stop('SIGKILL')
  expect(ended.code, `killed after ${afterMs} ms: ${ended.said}`).toBe(null)
}

test('kill -9 in the middle of a start, again and again: the next one starts all the same', {
  timeout: 90_000,
}, async () => {
  const seed = Date.now() % 1_000_000
  const random = new SeededRandom(seed)
  const folder = temporaryFolder()
  const first = await serve(folder, { flags: SMALL })
  await createJob(first, 'kept', { target: { kind: 'http', url: 'http://127.0.0.1:9/' } })
  await first.stop('SIGKILL')
  for (let i = 0; i < STARTS; i++) await killStart(folder, random.integer(0, WINDOW_MS))
  const last = await serve(folder, { flags: SMALL })
  const jobs = await everything<Job>(last, `${HOME}/jobs?`)
  expect(
    jobs.map(({ name }) => name),
    `seed ${seed}`,
  ).toEqual(['kept'])
})

test('kill -9 in the middle of the very first start: the second one is a first one', { timeout: 60_000 }, async () => {
  const random = new SeededRandom(Date.now() % 1_000_000)
  for (let i = 0; i < FIRST_STARTS; i++) {
    const folder = temporaryFolder()
    await killStart(folder, random.integer(WINDOW_MS / 4, WINDOW_MS))
    const server = await serve(folder, { flags: SMALL })
    expect(await server.ask('GET', `${HOME}/jobs`)).toMatchObject({ status: 200, body: { items: [] } })
    await server.stop('SIGKILL')
  }
})

test('kill -9 while 64 clients save jobs: every job that was acknowledged is there', { timeout: 90_000 }, async () => {
  const folder = temporaryFolder()
  const acknowledged = new Set<string>()
  let next = 0
  for (let round = 0; round < ROUNDS; round++) {
    const server = await serve(folder, { flags: SMALL })
    let over = false
    const save = async (): Promise<void> => {
      while (!over) {
        const name = `job-${next++}`
        const params = { text: 'x'.repeat(next % 3000) }
        try {
          await createJob(server, name, { target: { kind: 'http', url: 'http://127.0.0.1:9/' }, params })
          acknowledged.add(name)
        } catch (error) {
          if (error instanceof Refused) throw error
        }
      }
    }
    const clients = Array.from({ length: CLIENTS }, save)
    await sleepUntil(Date.now() + 1500)
    const before = acknowledged.size
    const ended = server.stop('SIGKILL')
    over = true
    await Promise.all([ended, ...clients])
    expect(acknowledged.size, 'something was going on').toBeGreaterThanOrEqual(before)
    const again = await serve(folder, { flags: SMALL })
    const names = new Set((await everything<Job>(again, `${HOME}/jobs?`)).map(({ name }) => name))
    expect([...acknowledged].filter((name) => !names.has(name))).toEqual([])
    await again.stop('SIGKILL')
  }
  expect(acknowledged.size).toBeGreaterThan(CLIENTS)
})

import { cpSync, readdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '@cronclave/openapi'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Ended } from '../support/child.ts'
import { SeededRandom } from '../sim/seeded-random.ts'
import {
  createJob,
  everything,
  HOME,
  mount,
  newSecret,
  Refused,
  runIn,
  serve,
  Server,
  spawnServer,
  temporaryFolder,
  trigger,
} from './harness.ts'
import { mountDisk } from './small-disk.ts'

const SMALL = ['--wal-segment-size', '8MiB', '--disk-reserve', '0']

test('a folder that another process uses is refused: the message names it, that process, and what to do', async () => {
  const folder = temporaryFolder()
  const server = await serve(folder)
  const second = await spawnServer({ folder }).ended
  expectRefused(second, folder)
  expect(second.said).toContain(`is in use by process ${server.child.process.pid}`)
  expect(second.said).toMatch(/Next step: Stop that process first/)
  expect(await server.ask('GET', '/healthz')).toMatchObject({ status: 200 })
})

test('a folder that cannot be written is refused with its name', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const inFile = join(folder, 'file', 'data')
  expectRefused(await spawnServer({ folder: inFile }).ended, inFile)
})

describe('bytes that are not what was written', () => {
  test('in any kind of file: found at the start and never served, or harmless', { timeout: 120_000 }, async () => {
    const seed = Number(process.env['E2E_SEED'] ?? Date.now() % 1_000_000)
    const random = new SeededRandom(seed)
    const { original, expected } = await stoppedServer()
    const verdicts = new Map<string, Set<string>>()
    for (const path of filesOf(original)) {
      const bytes = readFileSync(join(original, path))
      const used = bytes.findLastIndex((byte) => byte !== 0) + 1
      if (used === 0) continue
      const faults: { what: string; at?: number; cut?: number }[] = [
        ...[used >> 1, random.integer(0, used - 1)].map((at) => ({ what: `byte ${at} flipped`, at })),
        { what: `cut to ${used >> 1} bytes`, cut: used >> 1 },
      ]
      // Nothing is kept in the lock: one of the three will do.
      if (path.startsWith('lock/')) faults.splice(0, 3, random.pick(faults))
      for (const { what, at, cut } of faults) {
        const folder = temporaryFolder()
        cpSync(original, folder, { recursive: true })
        if (cut !== undefined) truncateSync(join(folder, path), cut)
        if (at !== undefined) writeFileSync(join(folder, path), flipped(bytes, at, 1 << random.integer(0, 7)))
        const verdict = await judge(folder, expected)
        expect(verdict, `seed ${seed}: ${path}, ${what}`).toMatch(/^(refused|complete)$/)
        const kind = path.replace(/\d+/g, '#')
        verdicts.set(kind, (verdicts.get(kind) ?? new Set()).add(verdict))
        rmSync(folder, { recursive: true })
      }
    }
    for (const kind of [
      'wal/#.wal',
      'state/CURRENT',
      'state/MANIFEST-#',
      'state/#.log',
      'state/#.ldb',
      'cluster.key',
    ]) {
      expect(verdicts.get(kind), `${kind} among ${[...verdicts.keys()].join(', ')}`).toContain('refused')
    }
  })
})

describe('a disk that is full', () => {
  test('at the first start: it says what it needs', async (context) => {
    const disk = mountDisk(40)
    if (!disk) return context.skip('a small file system cannot be mounted here: it takes root on Linux')
    onTestFinished(() => disk.unmount())
    const folder = join(disk.folder, 'data')
    const ended = await spawnServer({ folder }).ended
    expectRefused(ended, folder)
    expect(ended.said).toMatch(/the disk is full \(a segment of it needs 64 MiB\)/)
    expect(ended.said).toMatch(/Next step: Free some space.*wal\.segmentSize/)
    const small = await serve(folder, { flags: SMALL })
    expect(await small.ask('GET', '/readyz')).toMatchObject({ status: 200 })
  })

  for (const [what, mebibytes, leaveMebibytes] of [
    ['by something else', 40, 2],
    ['by itself', 26, undefined],
  ] as const) {
    test(`${what}, while it serves: it stops with 74, and with space again everything acknowledged is there`, async (context) => {
      const disk = mountDisk(mebibytes)
      if (!disk) return context.skip('a small file system cannot be mounted here: it takes root on Linux')
      onTestFinished(() => disk.unmount())
      const folder = join(disk.folder, 'data')
      const first = await serve(folder, { flags: SMALL })
      const ballast = join(disk.folder, 'ballast')
      if (leaveMebibytes !== undefined) {
        const { bavail, bsize } = statfsSync(disk.folder)
        writeFileSync(ballast, Buffer.alloc(bavail * bsize - leaveMebibytes * 1024 * 1024, 1))
      }
      const acknowledged = await fill(first)
      const ended = await first.child.ended
      expect(ended.code, ended.said).toBe(74)
      expect(ended.said).toContain(folder)
      expect(ended.said).toMatch(/disk is full|No space left on device/i)
      expect(ended.said).toMatch(/Next step: Free some space/)
      expect(acknowledged.length).toBeGreaterThan(10)

      rmSync(ballast, { force: true })
      let data = folder
      if (leaveMebibytes === undefined) {
        data = join(temporaryFolder(), 'data')
        cpSync(folder, data, { recursive: true })
      }
      const again = await serve(data, { flags: SMALL })
      const names = new Set((await everything<Job>(again, `${HOME}/jobs?`)).map(({ name }) => name))
      expect(acknowledged.filter((name) => !names.has(name))).toEqual([])
      await save(again, 'one-more')
    })
  }

  test('with little space left it takes no definitions, runs what there is, and takes them again by itself', async (context) => {
    const disk = mountDisk(60)
    if (!disk) return context.skip('a small file system cannot be mounted here: it takes root on Linux')
    onTestFinished(() => disk.unmount())
    const server = await serve(join(disk.folder, 'data'), { flags: [...SMALL, '--disk-reserve', '10MiB'] })
    await mount(server, newSecret())
    await createJob(server, 'before', {})
    const ballast = join(disk.folder, 'ballast')
    const { bavail, bsize } = statfsSync(disk.folder)
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 9 * 1024 * 1024, 1))
    const put = (name: string) => server.ask<{ code?: string }>('PUT', `/v1/namespaces/${name}`, {})
    await expect.poll(async () => (await put('refused')).status, { timeout: 5000 }).toBe(507)
    expect((await put('refused')).body.code).toBe('disk-full')
    await runIn(server, (await trigger(server, 'before')).id, 'succeeded')
    rmSync(ballast)
    await expect.poll(async () => (await put('taken')).status, { timeout: 5000 }).toBeLessThan(300)
  })

  test('or that may only be read', async (context) => {
    const disk = mountDisk(40)
    if (!disk) return context.skip('a small file system cannot be mounted here: it takes root on Linux')
    onTestFinished(() => disk.unmount())
    const folder = join(disk.folder, 'data')
    const first = await serve(folder, { flags: SMALL })
    await first.stop()
    disk.readOnly()
    const ended = await spawnServer({ folder, flags: SMALL }).ended
    expectRefused(ended, folder)
    expect(ended.said).toMatch(/Next step: Make the folder writable/)
  })
})

/** The data folder of a server that worked and stopped, with every kind of file in it, and what it had acknowledged. */
async function stoppedServer() {
  const original = temporaryFolder()
  let server = await serve(original, { flags: SMALL })
  const executor = await mount(server, newSecret())
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 5; i++) await createJob(server, `job-${round}-${i}`, { description: 'x'.repeat(500) })
    for (let i = 0; i < 5; i++) await runIn(server, (await trigger(server, `job-${round}-${i}`)).id, 'succeeded')
    if (round === 1) break
    // What the store's log holds becomes a table when it is opened again.
    await server.stop()
    server = await serve(original, { flags: SMALL })
  }
  const expected = await whole(server)
  expect(executor.seen.handled).toHaveLength(10)
  await server.stop()
  return { original, expected }
}

async function whole(server: Server): Promise<string> {
  const lists = [`${HOME}/jobs?`, `${HOME}/runs?`, `${HOME}/services?`, `${HOME}/services/e2e/executors?`]
  return JSON.stringify(await Promise.all(lists.map((path) => everything(server, path))))
}

/** `refused`: it ended with 74, its folder and a next step, before it served. `complete`: it has everything and works. */
async function judge(folder: string, expected: string): Promise<string> {
  let server: Server
  try {
    server = await Server.start({ folder, flags: SMALL })
  } catch (error) {
    const said = (error as Error).message
    const clear = /ended with 74/.test(said) && said.includes(folder) && /Next step: /.test(said)
    return clear && !/listens on/.test(said) ? 'refused' : said
  }
  try {
    const found = await whole(server)
    if (found !== expected) return `it serves ${found} instead of ${expected}`
    return await works(server)
  } catch (error) {
    return String(error)
  } finally {
    await server.stop('SIGKILL')
  }
}

async function works(server: Server): Promise<string> {
  const { id } = await trigger(server, 'job-0-0')
  const run = await runIn(server, id, 'succeeded', 'failed')
  return run.state === 'succeeded' ? 'complete' : `a run ends ${JSON.stringify(run.error)}`
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['LOG', 'LOG.old', 'admin.token'].includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ bit
  return copy
}

/** Saves definitions until the server takes no more; answers the names that it acknowledged. */
async function fill(server: Server): Promise<string[]> {
  const acknowledged: string[] = []
  for (;;) {
    const name = `job-${acknowledged.length}`
    try {
      await save(server, name)
      acknowledged.push(name)
    } catch (error) {
      if (error instanceof Refused && error.status < 500) throw error
      return acknowledged
    }
  }
}

function save(server: Server, name: string): Promise<Job> {
  const target = { kind: 'http' as const, url: 'http://127.0.0.1:9/' }
  return createJob(server, name, { target, params: { text: name.repeat(60_000 / name.length) } })
}

function expectRefused(ended: Ended, folder: string): void {
  expect(ended.code, ended.said).toBe(74)
  expect(ended.said).toContain(folder)
  expect(ended.said).toMatch(/Next step: \S/)
  expect(ended.said).not.toMatch(/listens on/)
  expect(ended.said, 'no stack').not.toMatch(/\n\s+at /)
}

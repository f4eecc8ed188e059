import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutboxEntry } from '@cronclave/sdk'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type CrashKind, SimulatedDisk } from '../../../../test/sim/simulated-file-system.ts'
import { nodeFileSystem } from '../../wal/node-file-system.ts'
import { DiskOutbox, type DiskOutboxOptions } from './disk-outbox.ts'

const FOLDER = '/agent/results'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const entry = (attemptId: string, rows = 1): OutboxEntry => ({
  runId: 'run',
  attemptId,
  callback: { url: `http://n1:7420/v1/attempts/${attemptId}`, token: 'secret', expiresAt: '2026-11-22T00:00:00.000Z' },
  body: { outcome: 'succeeded', result: { rows, text: 'é'.repeat(400) } },
})

async function diskWithFolder(seed: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk({ seed })
  const files = disk.mount()
  await files.makeFolder('/agent')
  await files.makeFolder(FOLDER)
  await files.syncFolder('/')
  await files.syncFolder('/agent')
  return disk
}

const openOn = (disk: SimulatedDisk, more: Partial<DiskOutboxOptions> = {}) =>
  DiskOutbox.open({ folder: FOLDER, files: disk.mount(), log: silent, ...more })

async function entriesOf(outbox: DiskOutbox): Promise<OutboxEntry[]> {
  const entries: OutboxEntry[] = []
  for await (const one of outbox.entries()) entries.push(one)
  return entries
}

const found = async (disk: SimulatedDisk) =>
  (await entriesOf(await openOn(disk))).map(({ attemptId, body }) => [attemptId, body['result']])

describe('results on disk', () => {
  test('are there after a restart until they are acknowledged, each as it was last put', async () => {
    const disk = await diskWithFolder(1)
    const outbox = await openOn(disk)
    expect(await entriesOf(outbox)).toEqual([])
    await outbox.put(entry('a'))
    await outbox.put(entry('b', 1))
    await outbox.put(entry('b', 2))
    await outbox.put(entry('c'))
    await outbox.delete('c')
    await outbox.delete('never')
    disk.crash('process', 'none')
    const next = await openOn(disk)
    expect(await entriesOf(next)).toEqual([entry('a'), entry('b', 2)])
    expect(await entriesOf(next)).toEqual([])
    expect(next.count).toBe(2)
  })

  test.each<CrashKind>([
    'process',
    'power',
  ])('survive a crash of the %s between any two steps, whole or not at all', async (kind) => {
    let steps = 0
    for (let at = 1; ; at++) {
      for (const tear of ['none', 'all', 'random'] as const) {
        const disk = await diskWithFolder(at)
        const first = await openOn(disk)
        const before = disk.operations
        disk.faults = { crash: { at: before + at, kind, tear } }
        const promised = new Map<string, unknown>()
        const dropped = new Set<string>()
        const crashed = await (async () => {
          await first.put(entry('a', 1))
          promised.set('a', entry('a', 1).body['result'])
          await first.put(entry('b', 1))
          promised.set('b', entry('b', 1).body['result'])
          dropped.add('a')
          await first.delete('a')
          await first.put(entry('b', 2))
          promised.set('b', entry('b', 2).body['result'])
        })().then(
          () => false,
          () => true,
        )
        disk.faults = {}
        const here = new Map((await found(disk)) as [string, unknown][])
        for (const [id, result] of promised) {
          if (dropped.has(id)) continue
          // One that was being replaced is there as it was, or as it was to be.
          expect([result, entry(id, 2).body['result']]).toContainEqual(here.get(id))
        }
        for (const result of here.values()) expect(result).toHaveProperty('rows')
        expect(disk.paths().filter((path) => path.endsWith('.unfinished'))).toEqual([])
        if (!crashed) {
          expect(steps).toBeGreaterThan(8)
          return
        }
      }
      steps++
    }
  })

  test('are refused beyond their bounds, and when the disk fails, and others go on', async () => {
    const disk = await diskWithFolder(1)
    const outbox = await openOn(disk, { countMax: 2 })
    await outbox.put(entry('a'))
    disk.faults = { fail: { at: disk.operations + 2, code: 'EIO' } }
    await expect(outbox.put(entry('b'))).rejects.toThrow('EIO')
    await outbox.put(entry('b'))
    await expect(outbox.put(entry('c'))).rejects.toThrow('2 results are kept already')
    await outbox.delete('a')
    await outbox.put(entry('c'))
    expect((await found(disk)).map(([id]) => id)).toEqual(['b', 'c'])

    const small = await openOn(disk, { bytesMax: 2 * outbox.bytes })
    expect(small.bytes).toBe(outbox.bytes)
    await small.put(entry('d'))
    await small.put(entry('e'))
    await expect(small.put(entry('f'))).rejects.toThrow('bytes')
  })

  test('that cannot be read are given up, and said', async () => {
    const disk = await diskWithFolder(1)
    const outbox = await openOn(disk)
    await outbox.put(entry('a'))
    await outbox.put(entry('b'))
    disk.cut(`${FOLDER}/a.json`, 100)
    const said: object[] = []
    const next = await openOn(disk, { log: { ...silent, error: (fields) => void said.push(fields) } })
    expect((await entriesOf(next)).map(({ attemptId }) => attemptId)).toEqual(['b'])
    expect(said).toEqual([{ attemptId: 'a' }])
    expect(disk.paths()).toEqual([`${FOLDER}/b.json`])
  })

  test('of several attempts are written at once, within their bounds, and of one attempt in the order of its calls', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-outbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const outbox = await DiskOutbox.open({ folder, files: nodeFileSystem, log: silent, countMax: 20 })
    const ids = Array.from({ length: 30 }, (_, i) => `a${i}`)
    const put = await Promise.allSettled(ids.map((id) => outbox.put(entry(id))))
    expect(put.filter(({ status }) => status === 'rejected')).toHaveLength(10)
    expect([outbox.count, readdirSync(folder).length]).toEqual([20, 20])
    await Promise.all(
      ids.flatMap((id) => [outbox.delete(id), outbox.put(entry(id, 2)), outbox.delete(id)]).slice(0, 60),
    )
    expect([outbox.count, outbox.bytes, readdirSync(folder)]).toEqual([0, 0, []])
  })

  test('are read one at a time, and put again without being written again', async () => {
    const disk = await diskWithFolder(1)
    const outbox = await openOn(disk)
    for (const id of ['a', 'b', 'c']) await outbox.put(entry(id))
    const next = await openOn(disk)
    const before = disk.operations
    const entries = next.entries()
    const { value } = (await entries.next()) as { value: OutboxEntry }
    const forOne = disk.operations - before
    await next.put(value)
    expect(disk.operations - before).toBe(forOne)
    await entries.next()
    expect(disk.operations - before).toBe(2 * forOne)
  })

  test('whose folder cannot be synced are kept none the less, and go when they are acknowledged', async () => {
    const disk = await diskWithFolder(1)
    const files = Object.assign(disk.mount(), { syncFolder: () => Promise.reject(new Error('EINVAL')) })
    const outbox = await DiskOutbox.open({ folder: FOLDER, files, log: silent })
    await expect(outbox.put(entry('a'))).rejects.toThrow('EINVAL')
    expect(outbox.count).toBe(1)
    await outbox.delete('a')
    expect(disk.paths()).toEqual([])
  })

  test('that cannot be opened stay where they are, and keep nobody from the others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-outbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const before = await DiskOutbox.open({ folder, files: nodeFileSystem, log: silent })
    await before.put(entry('b'))
    mkdirSync(join(folder, 'a.json'))
    const said: object[] = []
    const log = { ...silent, error: (fields: object) => void said.push(fields) }
    const outbox = await DiskOutbox.open({ folder, files: nodeFileSystem, log })
    expect((await entriesOf(outbox)).map(({ attemptId }) => attemptId)).toEqual(['b'])
    expect(said[0]).toMatchObject({ attemptId: 'a', error: expect.any(String) as string })
    expect(readdirSync(folder)).toEqual(['a.json', 'b.json'])
  })

  test('are in files that only their owner reads, and no id leads out of the folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-outbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const outbox = await DiskOutbox.open({ folder, files: nodeFileSystem, log: silent })
    await outbox.put(entry('a'))
    expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600)
    await expect(outbox.put(entry('../a'))).rejects.toThrow('no id')
    await outbox.delete('a')
    expect(await entriesOf(await DiskOutbox.open({ folder, files: nodeFileSystem, log: silent }))).toEqual([])
  })
})

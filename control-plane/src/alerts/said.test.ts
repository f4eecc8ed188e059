import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Said } from '../cluster/node-report.ts'
import { AlertWorld, T0 } from '../state/alert-world.test-helper.ts'
import { SAID_MAX, SaidAlone, type SaidKeeper, saidObservations } from './said.ts'
import { saidFile } from '../store/said-file.ts'

const subject = { kind: 'node', id: 'n2', name: 'two' } as const

let world: AlertWorld
let rule: number
let kept: readonly Said[]
const keeper: SaidKeeper = {
  load: () => Promise.resolve([...kept]),
  save: (said) => {
    kept = said
    return Promise.resolve()
  },
}

beforeEach(() => {
  kept = []
  world = new AlertWorld()
  rule = world.rule({ kind: 'no-leader', forMs: 1000 }, { namespace: 0, channels: [world.channel('ops', 10, 0)] })
})

function record(said: readonly Said[], nodes: readonly { said?: readonly Said[] }[] = [{ said }]): void {
  world.run({ kind: 'alerts-observed', observations: saidObservations(world.state, nodes) })
}

describe('what a node said by itself', () => {
  test('is over once there is a leader, and forgotten once that is recorded under its key', async () => {
    const said = await SaidAlone.open(keeper)
    said.say({ key: 'k', rule, subject, since: T0 - 59_000 })
    expect(said.over(world.state)).toEqual([])
    said.end(T0 - 29_000)
    const over = said.over(world.state)
    expect(over).toEqual([{ key: 'k', rule, subject, since: T0 - 59_000, until: T0 - 29_000 }])
    record(over)
    expect(world.episodes).toMatchObject([{ key: 'k', state: 'resolved', since: T0 - 59_000, resolvedAt: T0 - 29_000 }])
    expect(world.told).toEqual(['resolved'])
    expect(said.over(world.state)).toEqual([])
    await said.stop()
    expect(kept).toEqual([])
  })

  test('is recorded once, however often and by however many it is said', () => {
    const over = { key: 'k', rule, subject, since: T0 - 59_000, until: T0 - 29_000 }
    const twice = [{ said: [over] }, {}, { said: [{ ...over, until: T0 - 28_000 }] }]
    record([], twice)
    record([], twice)
    const [again] = saidObservations(new AlertWorld().state, twice)
    expect(again).toBeUndefined()
    world.run({ kind: 'alerts-observed', observations: [{ ...over, firing: true, summary: 's' }] })
    expect(world.told).toEqual(['resolved'])
  })

  test('is recorded once under a long key too', () => {
    const over = { key: 'k'.repeat(300), rule, subject, since: T0 - 59_000, until: T0 - 29_000 }
    record([over])
    record([over])
    expect(world.told).toEqual(['resolved'])
  })

  test('is still told to be over by a node that was started again, and goes on where it had no leader then', async () => {
    const first = await SaidAlone.open(keeper)
    first.say({ key: 'a', rule, subject, since: T0 - 59_000 })
    first.end(T0 - 58_000)
    first.say({ key: 'b', rule, subject, since: T0 - 55_000 })
    await first.stop()
    const second = await SaidAlone.open(keeper)
    second.say({ key: 'b', rule, subject, since: T0 - 51_000 })
    second.end(T0 - 50_000)
    expect(second.over(world.state).map(({ key, since, until }) => [key, since, until])).toEqual([
      ['a', T0 - 59_000, T0 - 58_000],
      ['b', T0 - 55_000, T0 - 50_000],
    ])
  })

  test('is recorded once also by the clock of a node that is decades behind, or ahead', () => {
    for (const until of [1, T0 + 1e12]) {
      const over = { key: `k${until}`, rule, subject, since: 0, until }
      record([over])
      record([over])
    }
    expect(world.told).toEqual(['resolved', 'resolved'])
    for (const { resolvedAt } of world.episodes) expect(resolvedAt).toBeLessThanOrEqual(world.now)
  })

  test('is told to be over also under a silence that began since', () => {
    world.run({ kind: 'silence-put', namespace: 0, match: {}, from: 0, until: world.now + 1000, reason: 'r', by: 't' })
    record([{ key: 'k', rule, subject, since: T0 - 59_000, until: T0 - 29_000 }])
    expect(world.told).toEqual(['resolved'])
  })

  test('is nothing any more once its rule is gone', async () => {
    const said = await SaidAlone.open(keeper)
    said.say({ key: 'k', rule, subject, since: T0 - 59_000 })
    said.end(T0 - 29_000)
    world.run({ kind: 'alert-rule-delete', rule })
    expect(said.over(world.state)).toEqual([])
    await said.stop()
    expect(kept).toEqual([])
  })

  test('is bounded: the oldest gives way', async () => {
    const said = await SaidAlone.open(keeper)
    for (let at = 0; at <= SAID_MAX; at++) said.say({ key: `k${at}`, rule, subject, since: at })
    said.end(60_000)
    expect(said.over(world.state)).toHaveLength(SAID_MAX)
    expect(said.over(world.state)[0]?.key).toBe('k1')
  })
})

test('the file of what was said is read as it was written, and one that is broken is as good as none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'said-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const warned: string[] = []
  const file = saidFile(folder, { warn: (_fields: object, text?: string) => void warned.push(text ?? '') })
  expect(await file.load()).toEqual([])
  const said: Said[] = [
    { key: 'k', rule: 1, subject, since: 1, until: 2 },
    { key: 'l', rule: 1, subject, since: 1 },
  ]
  await file.save(said)
  expect(await file.load()).toEqual(said)
  const path = join(folder, 'said.json')
  await writeFile(path, JSON.stringify([{ key: 7 }, null, said[0]]))
  expect(await file.load()).toEqual([said[0]])
  expect(warned).toEqual([])
  await writeFile(path, (await readFile(path, 'utf8')).slice(0, 9))
  expect(await file.load()).toEqual([])
  expect(warned).toHaveLength(1)
})

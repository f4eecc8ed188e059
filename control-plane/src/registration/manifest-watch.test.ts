import { beforeEach, describe, expect, test } from 'vitest'
import { CodeWorld, manifest } from '../manifests/code-world.test-helper.ts'
import { manifestHash } from '../manifests/manifest-hash.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { SaidManifest } from './ask-manifest.ts'
import { ManifestWatch } from './manifest-watch.ts'

const ONE = manifest('v1', { report: { retry: { max: 3 } } }) as { handlers: unknown }
const BAD = manifest('v2', { report: { retris: 3 } }) as { handlers: unknown }

/** A leader that looks for manifests that it does not know. */
class WatchWorld extends CodeWorld {
  readonly clock = new StillClock()
  readonly asked: string[] = []
  readonly logged: string[] = []
  said: SaidManifest = { manifest: ONE }
  readonly watch: ManifestWatch

  constructor() {
    super()
    const log = (_: object, message: string) => void this.logged.push(message)
    this.watch = new ManifestWatch({
      clock: this.clock,
      random: { next: () => 0.5, bytes: (size) => new Uint8Array(size).fill(1) },
      logger: { info: log, warn: log },
      state: () => this.state,
      submit: (command) => this.submit(command),
      askOne: (_, { id }) => {
        this.asked.push(id)
        return Promise.resolve(this.said)
      },
    })
    this.watch.start()
  }

  /** Lets time pass, step by step. */
  async elapse(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250) await this.clock.pass(250)
  }

  register(id: string, hash: string, url = `http://${id}/`): void {
    const about = { url, weight: 1, slots: 0, labels: {}, manifest: { hash }, boot: 'b1' }
    const service = this.service().uid
    this.run({ kind: 'executor-register', at: this.now, service, id, ...about })
    this.run({ kind: 'executors-found', at: this.now, executors: [{ service, id, boot: 'b1', status: 'online' }] })
    this.watch.poke()
  }
}

let world: WatchWorld
beforeEach(() => {
  world = new WatchWorld()
})

describe('an executor whose manifest is not known', () => {
  test('is asked for it when it does not send it by itself, and its jobs are made', async () => {
    world.register('e1', manifestHash(ONE))
    await world.elapse(2000)
    expect(world.asked).toEqual([])
    await world.elapse(2000)
    expect(world.asked).toEqual(['e1'])
    expect(world.jobs).toEqual(['report'])
    expect(world.job('report')?.createdBy).toBe('executor:billing/e1')
  })

  test('is not asked when it sent it meanwhile', async () => {
    world.register('e1', manifestHash(ONE))
    await world.says(ONE)
    await world.elapse(60_000)
    expect(world.asked).toEqual([])
  })

  test('is asked once, however many of the same program there are, and whatever hash it gives itself', async () => {
    for (const id of ['e1', 'e2', 'e3']) world.register(id, 'a-hash-of-its-own')
    await world.elapse(10 * 60_000)
    world.watch.poke()
    await world.elapse(10 * 60_000)
    expect(world.asked).toEqual(['e1'])
  })

  test('that does not answer is asked three times', async () => {
    world.said = { fault: 'it answered 500' }
    world.register('e1', 'unknown')
    await world.elapse(60 * 60_000)
    expect(world.asked).toHaveLength(3)
    expect(world.jobs).toEqual([])
  })

  test('that has jobs which are refused is told of in the log', async () => {
    world.said = { manifest: BAD }
    world.register('e1', manifestHash(BAD))
    await world.elapse(5000)
    expect(world.logged).toEqual([expect.stringContaining('refused')])
    expect(world.state.manifests.get(world.service().uid)?.seen).toMatchObject([{ revision: 'v2', outcome: 'refused' }])
  })

  test('that can only poll is not asked', async () => {
    world.register('e1', 'unknown', 'pull')
    await world.elapse(60_000)
    expect(world.asked).toEqual([])
  })

  test('is not asked by whoever leads no more', async () => {
    world.register('e1', 'unknown')
    world.watch.stop()
    await world.elapse(60_000)
    expect(world.asked).toEqual([])
  })
})

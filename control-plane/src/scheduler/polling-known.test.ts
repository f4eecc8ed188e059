import { beforeEach, expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { scheduledRunId } from '../runs/ids.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import { Desk } from './desk.ts'
import type { Delivery } from './evaluation.ts'
import { PATIENCE_MS } from './pollers.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

let clock: StillClock
let world: ShardWorld
let desk: Desk
let isKnown: boolean

beforeEach(() => {
  clock = new StillClock()
  world = new ShardWorld()
  isKnown = false
  desk = new Desk({
    clock,
    node: 'leader',
    logger: quiet,
    options: { catchUpPerSecond: 100 },
    state: () => world.state,
    isKnown: () => isKnown,
    propose: (command) => {
      const { value } = world.run(command)
      return Promise.resolve({ kind: 'applied', index: world.state.index, value })
    },
    onDecided: () => undefined,
    wake: () => undefined,
  })
  desk.open()
})

function polls(): void {
  const { service } = world
  const said = { url: 'pull', weight: 1, slots: 10, labels: {}, boot: 'b1', manifest: {} }
  for (const event of world.run({ kind: 'executor-register', service, id: 'p1', ...said }).events) desk.onEvent(event)
  world.run({ kind: 'executors-found', executors: [{ service, id: 'p1', boot: 'b1', status: 'online' }] })
}

function offer(): void {
  const at = T0 + 1
  const job = world.job({})
  const run = scheduledRunId(job.uid, at)
  const fires = [{ run, fireTime: at, dueTime: at, schedules: [], cause: 'schedule' as const }]
  desk.offer(job, { job: job.uid, version: job.version, fires })
}

/** What a worker got so far. */
function asked(): { got?: Delivery } {
  const seen: { got?: Delivery } = {}
  void desk.ask({ node: 'n', incarnation: 1, worker: 1, room: 100, holds: [] }).then((got) => (seen.got = got))
  return seen
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('where executors poll, nothing is handed to workers before the cluster knows the leader, who hands it out', async () => {
  polls()
  offer()
  const seen = asked()
  desk.advance()
  await turn()
  expect(seen.got).toBeUndefined()
  isKnown = true
  desk.advance()
  await turn()
  expect(seen.got?.evaluations).toHaveLength(1)
})

test('where nobody polls nobody waits for that', async () => {
  world.executor('e1')
  offer()
  const seen = asked()
  await turn()
  expect(seen.got?.evaluations).toHaveLength(1)
})

test('a plan that comes while the leader is not known starts nothing, and is asked for again', async () => {
  offer()
  const seen = asked()
  await turn()
  polls()
  const { token = '' } = seen.got ?? {}
  const plan = { node: 'n', incarnation: 1, worker: 1, token, planned: [{ places: ['p1'] }] }
  await desk.hand(plan)
  expect(world.state.attempts.size).toBe(0)
  isKnown = true
  const next = asked()
  await clock.pass(PATIENCE_MS)
  desk.advance()
  await turn()
  await desk.hand({ ...plan, token: next.got?.token ?? '' })
  const [run] = world.state.runs.values()
  expect(run?.shards[0]?.attempt).toMatchObject({ executor: 'p1', node: 'leader' })
})

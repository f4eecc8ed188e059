import { expect, test } from 'vitest'
import { scheduledRunId } from '../runs/ids.ts'
import type { Command } from '../state/commands.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import type { Pending } from './pending.ts'
import { applyPlan } from './plan-applier.ts'
import { PollingSeen } from './polling-seen.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** A leader over a state with one service, and what it proposes. */
class Leader {
  readonly world = new ShardWorld()
  readonly proposed: Command[] = []
  readonly seen = new PollingSeen(() => this.world.state)
  readonly job = this.world.job({})
  #fires = 0

  constructor() {
    this.run({ kind: 'node-up', node: 'leader', incarnation: 1 })
  }

  run(command: Command | ({ kind: Command['kind'] } & Record<string, unknown>)) {
    const applied = this.world.run(command)
    for (const event of applied.events) this.seen.onEvent(event)
    return applied
  }

  polls(id: string): void {
    const { service } = this.world
    const said = { url: 'pull', weight: 1, slots: 10, labels: {}, boot: 'b1', manifest: {} }
    this.run({ kind: 'executor-register', service, id, ...said })
    this.run({ kind: 'executors-found', executors: [{ service, id, boot: 'b1', status: 'online' }] })
  }

  /** A fire that a worker of another node has planned; gives the node that sends it. */
  async fire(place: string): Promise<string | undefined> {
    const { job } = this
    const fireTime = T0 + ++this.#fires
    const run = scheduledRunId(job.uid, fireTime)
    const fires = [{ run, fireTime, dueTime: fireTime, schedules: [], cause: 'schedule' as const }]
    const decision = { job: job.uid, version: this.world.state.jobs.get(job.uid)?.version ?? 0, fires }
    const wanted = { kind: 'fires', version: decision.version, fires: 1 }
    const pending = { evaluation: { job: job.uid, wanted }, decision } as unknown as Pending
    const deps = {
      logger: quiet,
      state: () => this.world.state,
      now: () => this.world.now,
      desk: () => (this.seen.some ? 'leader' : undefined),
      propose: (command: Command) => {
        this.proposed.push(command)
        const { value } = this.run(command)
        return Promise.resolve({ kind: 'applied' as const, index: this.world.state.index, value })
      },
    }
    await applyPlan(deps, { node: 'n', incarnation: 1, worker: 1 }, [pending], [{ places: [place] }])
    return this.world.state.runs.get(run)?.shards[0]?.attempt?.node
  }
}

test('what an executor polls for is handed out by the leader, whichever node planned it', async () => {
  const leader = new Leader()
  leader.run({
    kind: 'executor-put',
    service: leader.world.service,
    id: 'e1',
    change: { kind: 'static', url: 'http://e1', weight: 1, slots: 0, labels: {}, status: 'online' },
  })
  expect(await leader.fire('e1')).toBe('n')
  leader.polls('p1')
  expect(await leader.fire('p1')).toBe('leader')
  expect(await leader.fire('e1')).toBe('n')
})

test('where nobody polls nothing is said of it', async () => {
  const leader = new Leader()
  leader.world.executor('e1')
  await leader.fire('e1')
  expect(leader.proposed[0]).not.toHaveProperty('desk')
  leader.polls('p1')
  await leader.fire('e1')
  expect(leader.proposed[1]).toMatchObject({ node: 'n', desk: 'leader' })
})

test('whoever polled is looked for anew by a leader that takes office', () => {
  const leader = new Leader()
  expect(leader.seen.some).toBe(false)
  leader.polls('p1')
  expect(leader.seen.some).toBe(true)
  leader.run({ kind: 'executor-delete', service: leader.world.service, id: 'p1' })
  leader.seen.forget()
  expect(leader.seen.some).toBe(false)
})

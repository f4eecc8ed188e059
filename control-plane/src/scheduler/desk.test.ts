import { expect, test } from 'vitest'
import { kinds, Office } from './office.test-helper.ts'
import { T0 } from '../state/shard-world.test-helper.ts'
import { Board } from './board.ts'
import { DELIVERY_MS, FOLLOW_UP_MS, FOLLOW_UPS_MAX, NACK_MS } from './broker.ts'
import type { Planned } from './evaluation.ts'
import { planAll } from './planner.ts'

const fault: Planned = { fault: 'it could not be planned' }

test('S075 what is handed out has a token; once it is handed back the token is good for nothing', async () => {
  const office = new Office()
  office.offer(office.world.job({}))
  const delivery = await office.ask()
  expect(kinds(delivery)).toEqual(['fires'])
  expect(delivery.index).toBe(office.world.state.index)
  expect(await office.hand({ ...delivery, token: '9.9' })).toEqual({ known: false, index: 0 })
  expect(await office.hand(delivery)).toEqual({ known: true, index: office.world.state.index })
  expect(office.attempts).toHaveLength(1)
  expect(await office.hand(delivery)).toEqual({ known: false, index: 0 })
  expect(office.proposed.map(({ kind }) => kind)).toEqual(['decide-fires'])
  expect(office.proposed[0]).toMatchObject({ node: 'n', incarnation: 1 })
})

test('S075 the node that planned an attempt is the one that sends it', async () => {
  const office = new Office()
  office.offer(office.world.job({}))
  const delivery = await office.ask({ node: 'm' })
  await office.hand(delivery)
  const run = office.world.state.runs.get(office.world.state.attempts.get(office.attempts[0] ?? '') ?? '')
  expect(run?.shards[0]?.attempt).toMatchObject({ node: 'm', incarnation: 1 })
})

test('S076 what nobody hands back is delivered again a second later, then after 20, and its old token is void', async () => {
  const office = new Office()
  office.offer(office.world.job({}))
  const first = await office.ask()
  await office.pass(DELIVERY_MS)
  expect(await office.hand(first)).toEqual({ known: false, index: 0 })
  await office.pass(NACK_MS[0])
  const second = await office.ask()
  expect(kinds(second)).toEqual(['fires'])
  expect(second.token).not.toBe(first.token)
  await office.hand(second, [fault])
  await office.pass(NACK_MS[1] - 2000)
  expect(kinds(await office.ask())).toEqual([])
  await office.pass(2000)
  await office.hand(await office.ask())
  expect(office.attempts).toHaveLength(1)
  expect(office.desk.figures().nodes).toMatchObject([{ node: 'n', taken: 3, lapsed: 1, nacked: 1, placed: 1, out: 0 }])
})

test('S076 S077 after three deliveries it waits for a follow-up that keeps its delay; after ten it is decided without a place', async () => {
  const office = new Office()
  const job = office.world.job({})
  const decision = office.offer(job)
  for (let followUp = 0; followUp <= FOLLOW_UPS_MAX; followUp++) {
    await office.hand(await office.ask(), [fault])
    await office.pass(NACK_MS[0])
    await office.hand(await office.ask(), [fault])
    await office.pass(NACK_MS[1])
    await office.hand(await office.ask(), [fault])
    expect(office.desk.takeExhausted()).toEqual(followUp === FOLLOW_UPS_MAX ? [decision] : [])
    await office.pass(FOLLOW_UP_MS - 5000)
    expect(kinds(await office.ask())).toEqual([])
    await office.pass(5000)
  }
  expect(kinds(await office.ask())).toEqual([])
  expect(office.proposed).toEqual([])
})

test('S077 runs and parts that nobody can plan are begun anew each minute, however often, and it is said', async () => {
  const office = new Office()
  const [waiting, begun] = [office.job({}, 'waiting'), office.job({ retry: { max: 1 } }, 'begun')]
  office.trigger(begun)
  await office.work()
  const failed = {
    attempt: office.attempts[0],
    job: begun.uid,
    outcome: 'failed',
    endedAt: T0,
    retryable: true,
    chance: 0,
  }
  office.run({ kind: 'attempts-finished', finishes: [failed] })
  office.trigger(waiting)
  await office.pass(T0 + 2000 - office.clock.now())
  for (let followUp = 0; followUp < FOLLOW_UPS_MAX + 3; followUp++) {
    for (const ms of [NACK_MS[0], NACK_MS[1], FOLLOW_UP_MS]) {
      const delivery = await office.ask()
      expect(kinds(delivery).sort()).toEqual(['run', 'shard'])
      await office.hand(delivery, [fault, fault])
      expect(office.desk.figures().evaluations).toMatchObject([
        { kind: 'shard', state: 'delayed', count: 1 },
        { kind: 'run', state: 'delayed', count: 1 },
      ])
      await office.pass(ms)
    }
  }
  expect(office.warned).toHaveLength(FOLLOW_UPS_MAX + 3)
  expect(office.warned.at(-1)).toMatchObject({ count: 2, kinds: 'run shard', followUps: FOLLOW_UPS_MAX + 3 })
  await office.work()
  expect([office.states(waiting), office.attempts.length]).toEqual([['running'], 2])
})

test('a reply that was lost is not waited for: whoever asks without its token gets the same again', async () => {
  const office = new Office()
  office.offer(office.world.job({}))
  const lost = await office.ask()
  const again = await office.ask({ holds: [] })
  expect(kinds(again)).toEqual(['fires'])
  expect(await office.hand(lost)).toEqual({ known: false, index: 0 })
  const held = await office.ask({ holds: [again.token] })
  expect(kinds(held)).toEqual([])
  expect((await office.hand(again)).known).toBe(true)
})

test('what a node had that is given up goes to another at once, and what it still hands back starts nothing', async () => {
  const office = new Office()
  office.offer(office.world.job({}))
  const first = await office.ask()
  office.run({ kind: 'node-down', node: 'n', incarnation: 1 })
  await expect(office.ask()).rejects.toThrow('not known as up')
  expect((await office.hand(first)).known).toBe(false)
  expect(kinds(await office.ask({ node: 'm' }))).toEqual(['fires'])
})

test('a plan that is committed after its node was given up starts nothing', () => {
  const office = new Office()
  const decision = office.offer(office.world.job({}))
  office.world.run({ kind: 'node-down', node: 'n', incarnation: 1 })
  office.world.run({ kind: 'decide-fires', node: 'n', incarnation: 1, decisions: [decision] })
  expect(office.world.applied.at(-1)?.value?.fires).toEqual(['stale'])
  office.world.run({ kind: 'node-up', node: 'n', incarnation: 2 })
  office.world.run({ kind: 'decide-fires', node: 'n', incarnation: 1, decisions: [decision] })
  expect(office.world.applied.at(-1)?.value?.fires).toEqual(['stale'])
  office.world.run({ kind: 'decide-fires', node: 'n', incarnation: 2, decisions: [decision] })
  expect(office.world.applied.at(-1)?.value?.fires).toEqual(['queued'])
})

test('evaluations of one job are with one worker at a time, those of others with whoever asks', async () => {
  const office = new Office()
  const [a, b] = [office.world.job({}, 'a'), office.world.job({}, 'b')]
  office.trigger(a)
  const first = await office.ask()
  expect(kinds(first)).toEqual(['run'])
  office.offer(a)
  office.offer(b)
  const second = await office.ask({ node: 'm' })
  expect(second.evaluations.map(({ job }) => job)).toEqual([b.uid])
  await office.hand(first)
  expect((await office.ask()).evaluations.map(({ job }) => job)).toEqual([a.uid])
})

test('S029 what has the higher priority is handed out first, and no more than there is room for', async () => {
  const office = new Office()
  const jobs = [10, 90, 50].map((priority) => office.world.job({ priority }, `p${priority}`))
  for (const job of jobs) office.offer(job)
  const first = await office.ask({ room: 2 })
  expect(first.evaluations.map(({ job }) => job)).toEqual([jobs[1]?.uid, jobs[2]?.uid])
  expect((await office.ask({ node: 'm' })).evaluations.map(({ job }) => job)).toEqual([jobs[0]?.uid])
})

test('S029 a part of an older run comes before fires that were offered before it had to be placed again', async () => {
  const office = new Office()
  office.world.executor('e2')
  const older = office.world.job({}, 'older')
  office.trigger(older)
  await office.hand(await office.ask())
  office.offer(office.world.job({}, 'newer'))
  const [attempt] = office.attempts
  const refused = { attempt, job: older.uid, outcome: 'refused', endedAt: T0, retryable: true, chance: 0 }
  office.run({ kind: 'attempts-finished', finishes: [refused] })
  await office.pass(T0 - office.clock.now())
  expect(kinds(await office.ask({ room: 1 }))).toEqual(['shard'])
})

test('S078 a run for which nothing is free sleeps, and is handed out again when a slot frees', async () => {
  const office = new Office({ slots: 1 })
  const job = office.world.job({})
  const runs = [office.trigger(job), office.trigger(job), office.trigger(job)]
  const first = await office.ask()
  expect(first.evaluations).toHaveLength(1)
  await office.hand(first)
  expect(office.attempts).toHaveLength(1)
  expect(kinds(await office.ask())).toEqual([])
  expect(office.desk.figures().evaluations).toEqual([{ kind: 'run', state: 'blocked', count: 2, oldestAt: T0 }])
  office.finish(office.attempts[0] ?? '', job)
  const next = await office.ask()
  expect(next.evaluations.map(({ wanted }) => ('run' in wanted ? wanted.run : ''))).toEqual([runs[1]])
  await office.hand(next)
  expect(office.attempts).toHaveLength(1)
})

test('S078 a job whose labels nobody has does not hold up the others of its service', async () => {
  const office = new Office()
  const [picky, easy] = [
    office.world.job({ routing: { labels: { zone: 'x' } } }, 'picky'),
    office.world.job({}, 'easy'),
  ]
  office.trigger(picky)
  await office.hand(await office.ask())
  office.trigger(easy)
  await office.hand(await office.ask())
  expect(office.attempts).toHaveLength(1)
  office.run({
    kind: 'executor-put',
    service: office.world.service,
    id: 'e2',
    change: { kind: 'static', url: 'http://e2', weight: 1, slots: 0, labels: { zone: 'x' }, status: 'online' },
  })
  await office.hand(await office.ask())
  expect(office.attempts).toHaveLength(2)
})

test('S079 the log is spared what has become hopeless: another version of the job, a run that has ended', async () => {
  const office = new Office()
  const [a, b] = [office.world.job({}, 'a'), office.world.job({}, 'b')]
  const run = office.trigger(b)
  office.offer(a)
  const delivery = await office.ask()
  const { state } = office.world
  const planned = planAll(new Board(state), state, delivery.evaluations, { now: T0, chance: () => 0 })
  office.world.job({ priority: 60 }, 'a')
  office.run({ kind: 'run-cancel', run, by: 't' })
  await office.hand(delivery, planned)
  expect(office.proposed).toEqual([])
  expect(office.decided).toEqual([a.uid])
})

test('S079 what apply has no slot for is counted as refused, and waits in the queue', async () => {
  const office = new Office()
  office.world.executor('e1', { slots: 1 })
  const [a, b] = [office.world.job({}, 'a'), office.world.job({}, 'b')]
  office.offer(a)
  office.offer(b)
  const one = await office.ask({ room: 1 })
  const other = await office.ask({ node: 'm', room: 1 })
  const { state } = office.world
  const planned = planAll(new Board(state), state, other.evaluations, { now: T0, chance: () => 0 })
  await office.hand(one)
  await office.hand(other, planned)
  const figures = office.desk.figures().nodes.map(({ node, placed, refused }) => [node, placed, refused])
  expect(figures).toEqual([
    ['n', 1, 0],
    ['m', 0, 1],
  ])
  expect([...state.runs.values()].map((open) => open.state)).toEqual(['running', 'queued'])
})

test('fires that are withdrawn are decided by whoever withdrew them, whatever their worker hands back', async () => {
  const office = new Office()
  const job = office.world.job({})
  const decision = office.offer(job)
  const delivery = await office.ask()
  expect(office.desk.withdraw(job.uid)).toEqual(decision)
  await office.hand(delivery)
  expect(office.proposed).toEqual([])
  expect(office.desk.withdraw(job.uid)).toBeUndefined()
})

test('what could not be committed is looked at again a little later', async () => {
  const office = new Office()
  const job = office.world.job({})
  office.trigger(job)
  const delivery = await office.ask()
  office.refuse = true
  await office.hand(delivery)
  office.refuse = false
  await office.hand(await office.ask())
  expect(office.attempts).toHaveLength(1)
})

test('the next leader hands out again what waits in the state', async () => {
  const office = new Office()
  const job = office.world.job({})
  office.trigger(job)
  office.desk.close()
  await expect(office.ask()).rejects.toThrow('does not lead')
  office.desk.open()
  await office.hand(await office.ask())
  expect(office.attempts).toHaveLength(1)
})

test('a plan that makes no sense counts as one that failed: what it was for is delivered again', async () => {
  const office = new Office()
  office.offer(office.world.job({}))
  const nonsense = [null] as unknown as Planned[]
  expect(await office.hand(await office.ask(), nonsense)).toEqual({ known: true, index: 0 })
  await office.pass(NACK_MS[0])
  const again = await office.ask()
  expect(kinds(again)).toEqual(['fires'])
  await office.hand(again)
  expect(office.attempts).toHaveLength(1)
})

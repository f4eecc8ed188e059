import { expect, test } from 'vitest'
import type { Job } from '../jobs/job.ts'
import { scheduledRunId } from '../runs/ids.ts'
import { T0 } from '../state/shard-world.test-helper.ts'
import { kinds, Office } from './office.test-helper.ts'

const calls = (service: string) => ({ target: { kind: 'handler', service, handler: 'h' } })
const running = (office: Office, job: Job) => office.states(job).filter((state) => state === 'running').length

/** An office whose slots are all held, and what ends those that hold them. */
async function fullOffice(slots: number) {
  const office = new Office({ slots })
  office.service('other', 'o1')
  const holder = office.job({ priority: 100 }, 'holder')
  for (let i = 0; i < slots; i++) office.trigger(holder)
  await office.work()
  const free = (count: number) => {
    for (const attempt of office.attempts.slice(0, count)) office.finish(attempt, holder)
  }
  return { office, free }
}

test('S029 of runs of different services the higher priority gets the slots of their namespace', async () => {
  const office = new Office({ slots: 10 })
  office.service('other', 'o1')
  const [top, low] = [office.job({ priority: 90 }, 'top'), office.job({ priority: 0 }, 'low')]
  const high = office.job({ priority: 80, ...calls('other') }, 'high')
  office.trigger(top)
  for (let i = 0; i < 20; i++) office.trigger(low)
  for (let i = 0; i < 20; i++) office.trigger(high)
  await office.work()
  expect([top, high, low].map((job) => running(office, job))).toEqual([1, 9, 0])
})

test.each([1, 10])('S029 also once they slept for want of a slot: %d of them free', async (count) => {
  const { office, free } = await fullOffice(10)
  const low = office.job({ priority: 0 }, 'low')
  const high = office.job({ priority: 80, ...calls('other') }, 'high')
  for (let i = 0; i < 20; i++) office.trigger(low)
  await office.work()
  for (let i = 0; i < 20; i++) office.trigger(high)
  await office.work()
  free(count)
  await office.work()
  expect([high, low].map((job) => running(office, job))).toEqual([count, 0])
})

test('S029 of equal priority the oldest leaves first, whatever it calls', async () => {
  const { office, free } = await fullOffice(6)
  const jobs = [office.job({}, 'a'), office.job(calls('other'), 'b'), office.job({ routing: { labels: {} } }, 'c')]
  const order: string[] = []
  for (let i = 0; i < 9; i++) order.push(office.trigger(jobs[i % 3] as Job))
  await office.work()
  for (let left = 6; left > 0; left -= 2) {
    free(2)
    await office.work()
    const started = order.filter((run) => office.world.state.runs.get(run)?.state === 'running')
    expect(started).toEqual(order.slice(0, 8 - left))
  }
})

test('S029 missed runs leave by priority, whatever they call, when the governor lets some go', async () => {
  const office = new Office()
  office.service('other', 'o1')
  const misfire = { misfire: { policy: 'run-all', max: 1000 } }
  const [top, low] = [office.job({ priority: 90, ...misfire }, 'top'), office.job({ priority: 0, ...misfire }, 'low')]
  const high = office.job({ priority: 80, ...misfire, ...calls('other') }, 'high')
  miss(office, top, 1)
  miss(office, low, 150)
  miss(office, high, 60)
  await office.clock.pass(1)
  await office.hand(await office.ask({ room: 1000 }))
  expect([top, high, low].map((job) => running(office, job))).toEqual([1, 60, 39])
})

test('what was let go and found no room leaves room for others to go', async () => {
  const office = new Office({ slots: 500 })
  const misfire = { misfire: { policy: 'run-all', max: 1000 }, priority: 90 }
  office.service('nobody')
  const stuck = office.job({ ...misfire, ...calls('nobody') }, 'stuck')
  const job = office.job({ ...misfire, priority: 0 }, 'job')
  miss(office, stuck, 100)
  miss(office, job, 100)
  await office.clock.pass(1)
  await office.hand(await office.ask({ room: 100 }))
  await office.hand(await office.ask({ room: 100 }))
  expect(running(office, job)).toBe(100)
})

test('S029 a fire of a higher priority gets the slot before a run that waits, one of a lower after it', async () => {
  const { office, free } = await fullOffice(1)
  const waiting = office.job({ priority: 50 }, 'waiting')
  office.trigger(waiting)
  await office.work()
  const [urgent, idle] = [
    office.job({ priority: 100, ...calls('other') }, 'urgent'),
    office.job({ priority: 0, ...calls('other') }, 'idle'),
  ]
  free(1)
  office.offer(idle)
  office.offer(urgent)
  const delivery = await office.ask()
  expect(delivery.evaluations[0]?.job).toBe(urgent.uid)
  await office.hand(delivery)
  await office.work()
  expect([urgent, waiting].map((job) => running(office, job))).toEqual([1, 0])
  expect(office.desk.takeExhausted().map(({ job }) => job)).toEqual([idle.uid])
})

test('S029 nor does such a fire lose its slot to a run that another worker is given', async () => {
  const { office, free } = await fullOffice(1)
  office.trigger(office.job({ priority: 50 }, 'waiting'))
  await office.work()
  free(1)
  office.offer(office.job({ priority: 100, ...calls('other') }, 'urgent'))
  const delivery = await office.ask()
  expect(kinds(delivery)).toEqual(['fires'])
  expect(kinds(await office.ask({ node: 'm' }))).toEqual([])
  await office.hand(delivery)
  expect(office.attempts).toHaveLength(1)
})

test('runs whose own executors are full hold up nobody else, however urgent they are', async () => {
  const { office, free } = await fullOffice(4)
  office.service('nobody')
  const stuck = Array.from({ length: 8 }, (_, i) =>
    office.job({ priority: 90, ...calls('nobody'), routing: { labels: { rack: `r${i}` } } }, `stuck-${i}`),
  )
  const low = office.job({ priority: 0 }, 'low')
  for (const job of [...stuck, low, low, low]) office.trigger(job)
  await office.work()
  // What they lack is known once they were tried.
  free(1)
  await office.work()
  expect(running(office, low)).toBe(1)
  for (let i = 2; i <= 3; i++) {
    free(1)
    await office.hand(await office.ask())
    expect(running(office, low)).toBe(i)
  }
})

test('runs that are only tried, since their executors were full, keep new fires from no more than half of a delivery', async () => {
  const office = new Office()
  office.service('nobody')
  for (let i = 0; i < 20; i++)
    office.trigger(office.job({ ...calls('nobody'), routing: { labels: { rack: `r${i}` } } }, `stuck-${i}`))
  await office.work()
  office.desk.retryBlocked()
  for (let i = 0; i < 20; i++) office.offer(office.job({}, `fires-${i}`))
  expect(kinds(await office.ask({ room: 10 })).filter((kind) => kind === 'fires')).toHaveLength(5)
})

test.each([
  1, 10, 1000,
])('nor from all of it when the runs are more urgent, and more become free all the time: %d places', async (room) => {
  const office = new Office()
  office.service('nobody')
  const flow = office.job({ priority: 100 }, 'flow')
  for (let i = 0; i < 600; i++) {
    const stuck = { ...calls('nobody'), priority: 60, routing: { labels: { rack: `r${i}` } } }
    office.trigger(office.job(stuck, `stuck-${i}`))
  }
  for (let i = 0; i < 8; i++) office.trigger(flow)
  await office.work()
  office.offer(office.job({ priority: 40 }, 'fires'))
  const tried = new Set<number>()
  let served = false
  for (let i = 0; i < 8; i++) {
    office.finish(office.attempts[0] ?? '', flow)
    const delivery = await office.ask({ room })
    served ||= kinds(delivery).includes('fires')
    for (const { job, wanted } of delivery.evaluations) if (wanted.kind === 'run') tried.add(job)
    if (delivery.evaluations.length > 0) await office.hand(delivery)
  }
  expect(served).toBe(true)
  // Nor always the same ones.
  expect(tried.size).toBeGreaterThanOrEqual(Math.min(600, room * 4))
})

test('new fires leave half of a delivery to runs that may go, and get the other half of it', async () => {
  const office = new Office()
  const job = office.job(calls('work'), 'job')
  for (let i = 0; i < 20; i++) office.trigger(job)
  for (let i = 0; i < 20; i++) office.offer(office.job({}, `fires-${i}`))
  const counts = kinds(await office.ask({ room: 10 }))
  expect(counts.filter((kind) => kind === 'fires')).toHaveLength(5)
  expect(counts.filter((kind) => kind === 'run')).toHaveLength(5)
})

function miss(office: Office, job: Job, count: number): void {
  const fires = Array.from({ length: count }, (_, i) => {
    const fireTime = T0 + i + 1
    return { run: scheduledRunId(job.uid, fireTime), fireTime, dueTime: fireTime, schedules: [], cause: 'misfire' }
  })
  office.run({ kind: 'decide-fires', node: 'n', decisions: [{ job: job.uid, version: job.version, fires }] })
}

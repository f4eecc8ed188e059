import { expect, test } from 'vitest'
import { Office } from './office.test-helper.ts'

const calls = (service: string) => ({ target: { kind: 'handler', service, handler: 'h' } })

test('a queued run waits for what its job asks for by now: another service, and its place by the new priority', async () => {
  const office = new Office({ slots: 1 })
  office.service('nobody')
  const [first, moved] = [office.job(calls('nobody'), 'first'), office.job(calls('nobody'), 'moved')]
  office.trigger(first)
  office.trigger(moved)
  await office.work()
  expect([office.states(first), office.states(moved)]).toEqual([['queued'], ['queued']])
  office.job(calls('work'), 'moved')
  await office.work()
  expect([office.states(first), office.states(moved)]).toEqual([['queued'], ['running']])
})

test('of the runs of one service those leave first whose job has the higher priority by now', async () => {
  const office = new Office({ slots: 1 })
  const holder = office.job({}, 'holder')
  office.trigger(holder)
  await office.work()
  const jobs = ['a', 'b', 'c'].map((name) => office.job({}, name))
  for (const job of jobs) for (let i = 0; i < 3; i++) office.trigger(job)
  await office.work()
  office.job({ priority: 70 }, 'b')
  office.job({ priority: 90 }, 'c')
  office.job({ priority: 60 }, 'c')
  const running = () => [holder, ...jobs].find((job) => office.states(job)[0] === 'running')
  const order: number[] = []
  for (let i = 0; i < 9; i++) {
    office.finish(office.attempts[0] ?? '', running() ?? holder)
    await office.work()
    order.push(running()?.uid ?? 0)
  }
  const [a, b, c] = jobs.map(({ uid }) => uid)
  expect(order).toEqual([b, b, b, c, c, c, a, a, a])
  expect(office.desk.waiting).toBe(0)
})

test('a run that a worker had while its job was changed comes back to where it belongs', async () => {
  const office = new Office()
  office.service('nobody')
  const first = office.job(calls('nobody'), 'first')
  const moved = office.job(calls('nobody'), 'moved')
  office.trigger(moved)
  const delivery = await office.ask()
  office.trigger(first)
  office.job(calls('work'), 'moved')
  await office.hand(delivery, [{ none: 'no-executor' }])
  await office.work()
  expect([office.states(first), office.states(moved)]).toEqual([['queued'], ['running']])
  expect(office.desk.waiting).toBe(1)
})

test('a run that waits for executors to be split over begins once its job calls a URL of its own', async () => {
  const office = new Office()
  office.service('nobody')
  const split = { routing: { strategy: 'sharded' }, sharding: { count: 2 } }
  const job = office.job({ ...calls('nobody'), ...split }, 'split')
  office.trigger(job)
  await office.work()
  expect(office.states(job)).toEqual(['queued'])
  office.job({ target: { kind: 'http', method: 'POST', url: 'https://example.com/', service: 'nobody' } }, 'split')
  await office.work()
  expect(office.states(job)).toEqual(['running'])
})

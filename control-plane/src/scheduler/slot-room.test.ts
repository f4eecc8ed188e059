import { expect, test } from 'vitest'
import { kinds, Office } from './office.test-helper.ts'

test('S079 nobody is given fires for slots that others have fires for: they come when those are back, or queue', async () => {
  const office = new Office({ slots: 2 })
  const jobs = ['a', 'b', 'c', 'd'].map((name) => office.world.job({}, name))
  for (const job of jobs) office.offer(job)
  const one = await office.ask({ room: 1 })
  const other = await office.ask({ node: 'm', room: 100 })
  expect([kinds(one), kinds(other)]).toEqual([['fires'], ['fires']])
  expect(kinds(await office.ask({ worker: 2 }))).toEqual([])
  expect(office.desk.figures().evaluations).toMatchObject([
    { kind: 'fires', state: 'ready', count: 2 },
    { kind: 'fires', state: 'out', count: 2 },
  ])

  // One of the two leaves its slot free.
  office.run({ kind: 'job-delete', job: one.evaluations[0]?.job, force: true, by: 't' })
  await office.hand(one)
  const third = await office.ask({ worker: 2 })
  expect(kinds(third)).toEqual(['fires'])
  await office.hand(other)
  await office.hand(third)
  expect(office.attempts.length).toBe(2)
  expect(kinds(await office.ask({ worker: 2 }))).toEqual([])
  const given = [one, other, third].map(({ evaluations }) => evaluations[0]?.job)
  const left = jobs.filter(({ uid }) => !given.includes(uid)).map(({ uid }) => uid)
  expect(office.desk.takeExhausted().map(({ job }) => job)).toEqual(left)
  expect(left.length).toBe(1)
  expect(office.desk.figures().nodes.map(({ refused }) => refused)).toEqual([0, 0])
})

test('fires that are to fail when nothing is free go to a worker all the same', async () => {
  const office = new Office({ slots: 1 })
  office.trigger(office.world.job({}, 'a'))
  await office.hand(await office.ask())
  expect(office.attempts.length).toBe(1)
  office.offer(office.world.job({ whenFull: 'fail' }, 'b'))
  expect(kinds(await office.ask())).toEqual(['fires'])
})

test('however few slots there are, no fire is late for it: beyond a number of those that wait they are queued at once', async () => {
  const office = new Office({ slots: 2 })
  for (let i = 0; i < 300; i++) office.offer(office.world.job({}, `job-${i}`))
  await office.ask({ room: 2 })
  expect(kinds(await office.ask({ node: 'm' }))).toEqual([])
  expect(office.desk.takeExhausted().length).toBe(300 - 2 - 256)
})

test('a run that gives way leaves its slot to the one that it gives way to, in one entry, however full the namespace is', async () => {
  const office = new Office({ slots: 1 })
  const job = office.job({ overlap: 'cancel-running' }, 'job')
  const other = office.job({ priority: 90 }, 'other')
  const first = office.trigger(job)
  await office.work()
  office.trigger(other)
  await office.work()
  office.offer(job)
  await office.work()
  expect(office.desk.takeExhausted()).toEqual([])
  expect(office.proposed.at(-1)?.kind).toBe('decide-fires')
  expect(office.world.ended(first)?.state).toBe('cancelled')
  expect([office.states(job), office.states(other)]).toEqual([['running'], ['queued']])
})

test('a job that may cancel its runs and has none that runs waits for a slot as any other', async () => {
  const office = new Office({ slots: 1 })
  office.trigger(office.job({}, 'holder'))
  await office.work()
  const job = office.job({ overlap: 'cancel-running' }, 'job')
  const decision = office.offer(job)
  await office.work()
  expect(office.desk.takeExhausted()).toEqual([decision])
})

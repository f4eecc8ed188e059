import { expect, test } from 'vitest'
import { DeliveryWorld, type Ending } from './delivery-world.test-helper.ts'

test('a sink gets what is there and what comes, in order, and its cursor follows', async () => {
  const world = new DeliveryWorld()
  world.end(3)
  world.put('a')
  world.newLeader()
  await world.pass(1500)
  expect(world.database('a').arrivals).toEqual(world.written)
  expect(world.sink('a')).toMatchObject({ cursor: world.written[2], position: 3, rows: 3 })
  world.end(2)
  world.end(1)
  await world.pass(300)
  expect(world.database('a').arrivals).toEqual(world.written)
  await world.pass(1200)
  expect(world.sink('a')).toMatchObject({ cursor: world.written[5], position: 6, rows: 6 })
  const { uid, since } = world.sink('a')
  const place = { since, cursor: world.written[5], position: 6, rows: 6 }
  expect(world.deliverer.figures()).toEqual([[uid, { lagRows: 0, lagMs: 0, rowsPerSecond: 1, place }]])
})

test('how far a sink is, and what it is being given, is known before the log says so', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.end(1)
  world.newLeader()
  await world.pass(300)
  expect(world.sink('a').cursor).toEqual([0, 0])
  expect(world.deliverer.standings()).toMatchObject([{ cursor: world.written[0], position: 1, rows: 1 }])
  expect(world.deliverer.standings()[0]).not.toHaveProperty('underWayTo')
  await world.pass(1500)
  world.database('a').next = () => 'hangs'
  world.end(2)
  await world.pass(1500)
  expect(world.deliverer.standings()).toMatchObject([{ cursor: world.written[0], underWayTo: world.written[2] }])
  world.database('a').next = () => 'fails'
  await world.pass(180_000, 1000)
  expect(world.deliverer.standings()[0]).not.toHaveProperty('underWayTo')
})

test('however calls and proposals end, and whoever leads, each row is there once, in order, and no cursor is ahead', async () => {
  const endings: Ending[] = ['done', 'done', 'done', 'done', 'fails', 'lost', 'late', 'hangs']
  for (let seed = 1; seed <= 4; seed++) {
    const world = new DeliveryWorld()
    let chance = seed * 7919
    const draw = (below: number) => {
      chance = (Math.imul(chance, 1_103_515_245) + 12_345) & 0x7fff_ffff
      return (chance >>> 8) % below
    }
    const names = ['a', 'b']
    for (const name of names) {
      world.put(name)
      world.database(name).next = () => endings[draw(endings.length)] as Ending
    }
    world.proposing = () => (['made', 'made', 'refused', 'unknown'] as const)[draw(4)] as 'made'
    world.newLeader()
    for (let step = 0; step < 60; step++) {
      if (draw(2) === 0) world.end(1 + draw(900))
      if (draw(25) === 0) world.newLeader()
      await world.pass(draw(8000), 500)
    }
    for (const name of names) world.database(name).next = () => 'done'
    world.proposing = () => 'made'
    await world.pass(1_500_000, 2000)
    for (const name of names) {
      expect(world.missing(name), `seed ${seed}`).toEqual([])
      expect(world.isInOrder(name), `seed ${seed}`).toBe(true)
      expect(world.sink(name)).toMatchObject({ position: world.written.length, rows: world.written.length })
      expect(world.sink(name)).not.toHaveProperty('trouble')
    }
  }
}, 60_000)

test('a database that says it wrote what it did not is found by the check of cursors that these tests make', async () => {
  const world = new DeliveryWorld()
  const faults: string[] = []
  world.put('a')
  world.end(2)
  world.database('a').next = () => 'pretends'
  world.proposing = () => 'made'
  world.newLeader()
  await world.pass(2000).catch(() => undefined)
  faults.push(...world.missing('a').map((row) => row.join('/')))
  expect(faults).toEqual(world.written.map((row) => row.join('/')))
  // The check stopped the cursor: nothing of it went into the log.
  expect(world.sink('a').cursor).toEqual([0, 0])
})

test('one that hangs and one that refuses are not felt by a third', async () => {
  const world = new DeliveryWorld()
  for (const name of ['hangs', 'fails', 'well']) world.put(name)
  world.database('hangs').next = () => 'hangs'
  world.database('fails').next = () => 'fails'
  world.newLeader()
  for (let second = 0; second < 60; second++) {
    world.end(5)
    await world.pass(1000)
  }
  expect(world.missing('well').length).toBeLessThanOrEqual(5)
  expect(world.sink('fails').trouble?.error).toBe('connection refused')
  expect(world.missing('fails')).toHaveLength(300)
  const figures = new Map(world.deliverer.figures())
  expect(figures.get(world.sink('fails').uid)).toMatchObject({ lagRows: 300 })
  expect(figures.get(world.sink('fails').uid)?.lagMs).toBeGreaterThan(59_000)
})

test('a sink that is down is tried after a second, then more and more rarely, and says so in the log once', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.end(1)
  world.database('a').next = () => 'fails'
  world.newLeader()
  await world.pass(10_000)
  const early = world.database('a').calls
  expect(early).toBeGreaterThan(3)
  await world.pass(3_600_000, 1000)
  const hour = world.database('a').calls - early
  expect(hour).toBeGreaterThanOrEqual(120)
  expect(hour).toBeLessThan(260)
  expect(world.proposed).toHaveLength(1)
  expect(world.sink('a').trouble).toMatchObject({ error: 'connection refused' })
  world.database('a').next = () => 'done'
  await world.pass(40_000)
  expect(world.missing('a')).toEqual([])
  expect(world.sink('a')).not.toHaveProperty('trouble')
})

test('a paused sink gets nothing and keeps its rows waiting; resumed, changed or moved it goes on at once', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.newLeader()
  await world.pass(200)
  world.run({ kind: 'sink-pause', sink: world.sink('a').uid, paused: true })
  world.end(4)
  await world.pass(60_000, 1000)
  expect(world.database('a').arrivals).toEqual([])
  expect(world.database('a').connections).toBe(0)
  expect(world.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 4 })
  world.run({ kind: 'sink-pause', sink: world.sink('a').uid, paused: false })
  await world.pass(300)
  expect(world.missing('a')).toEqual([])
  world.database('a').next = () => 'fails'
  world.end(1)
  await world.pass(120_000, 1000)
  world.put('a', 'elsewhere')
  await world.pass(300)
  expect(world.database('elsewhere').arrivals).toEqual(world.written)
})

test('a removed sink is left alone', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.newLeader()
  await world.pass(200)
  world.run({ kind: 'sink-delete', sink: world.sink('a').uid })
  world.end(3)
  await world.pass(5000)
  expect(world.database('a').arrivals).toEqual([])
  expect(world.database('a').connections).toBe(0)
  expect(world.deliverer.figures()).toEqual([])
})

test('progress goes into the log once a second at most while rows are few, all sinks in one entry', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.put('b')
  world.newLeader()
  for (let at = 0; at < 50; at++) {
    world.end(2)
    await world.pass(200)
  }
  expect(world.proposed.length).toBeLessThanOrEqual(11)
  expect(world.proposed.at(-1)).toMatchObject({ sinks: [{ rows: expect.any(Number) }, { rows: expect.any(Number) }] })
})

test('what a new sink has to be given is counted down, also where rows have left the ledger before', async () => {
  const world = new DeliveryWorld()
  const ended = world.end(10)
  const runs = ended.slice(0, 4).map(({ id, state, fireTime, sequence }) => ({ id, state, fireTime, sequence }))
  const jobs = [{ job: 7, namespace: 1, runs: runs.map((run) => ({ ...run, attempts: [] })), stretches: [] }]
  world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs })
  world.put('a')
  world.database('a').next = () => 'hangs'
  world.newLeader()
  await world.pass(500)
  world.end(2)
  expect(world.deliverer.figures()?.[0]?.[1]).toMatchObject({ lagRows: 8, backfill: { done: 0, total: 6 } })
  world.database('a').next = () => 'done'
  await world.pass(700_000, 10_000)
  await world.pass(2000)
  expect(world.database('a').arrivals).toEqual(world.written.slice(4))
  const figures = world.deliverer.figures()?.[0]?.[1]
  expect(figures).toMatchObject({ lagRows: 0 })
  expect(figures).not.toHaveProperty('backfill')
})

test('a sink that begins after all rows have left waits for new ones', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.state.index += 1
  world.state.ledgerRows = 500
  world.newLeader()
  await world.pass(3000)
  expect(world.sink('a')).toMatchObject({ position: 500, rows: 0 })
  world.end(1)
  await world.pass(2000)
  expect(world.missing('a')).toEqual([])
  expect(world.sink('a')).toMatchObject({ position: 501, rows: 1 })
})

test('a backlog goes in large batches, read ahead, and its progress by the thousand', async () => {
  const world = new DeliveryWorld()
  for (let entry = 0; entry < 50; entry++) world.end(100)
  world.put('a')
  world.newLeader()
  await world.pass(3000)
  expect(world.missing('a')).toEqual([])
  expect(world.database('a').writes.slice(0, 4)).toEqual([1024, 1024, 1024, 1024])
})

test('what leaves the ledger before it was delivered is a gap there too; trimming wakes nobody who is down', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.put('down')
  world.database('a').next = () => 'hangs'
  world.database('down').next = () => 'fails'
  const ended = world.end(6)
  world.newLeader()
  await world.pass(100_000, 1000)
  const calls = world.database('down').calls
  for (const { id, state, fireTime, sequence } of ended.slice(0, 4)) {
    const runs = [{ id, state, fireTime, sequence, attempts: [] }]
    world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs: [{ job: 7, namespace: 1, runs, stretches: [] }] })
    await world.pass(10, 10)
  }
  expect(world.database('down').calls - calls).toBeLessThanOrEqual(1)
  world.database('a').next = () => 'done'
  await world.pass(700_000, 5000)
  expect(world.database('a').arrivals).toEqual(world.written.slice(4))
  const [first, last] = [world.written[0], world.written[3]]
  expect(world.database('a').gaps).toEqual([{ from: first, to: last, count: 4, at: expect.any(Number) }])
  expect(world.missing('a')).toEqual([])
  expect(new Map(world.deliverer.figures()).get(world.sink('a').uid)).toMatchObject({ lagRows: 0 })
})

test('rows that are taken out while they wait to be written are not written', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.newLeader()
  await world.pass(200)
  // The gap before it takes its time: meanwhile more goes.
  world.end(3)
  const [one, two] = world.end(2)
  const trim = (row: typeof one) => {
    const { id = '', state = 'succeeded', fireTime = 0, sequence = [0, 0] } = row ?? {}
    const runs = [{ id, state, fireTime, sequence, attempts: [] }]
    world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs: [{ job: 7, namespace: 1, runs, stretches: [] }] })
  }
  trim(one)
  world.database('a').next = () => 'late'
  await world.pass(300)
  trim(two)
  world.database('a').next = () => 'done'
  await world.pass(20_000)
  expect(world.database('a').arrivals).toEqual(world.written.slice(0, 3))
  expect(world.sink('a').gaps).toMatchObject([{ count: 2 }])
})

test.each(['moved', 'paused', 'removed'])('a sink that hangs and is then %s is let go of at once', async (how) => {
  const world = new DeliveryWorld()
  world.put('a')
  world.database('a').next = () => 'hangs'
  world.end(3)
  world.newLeader()
  await world.pass(500)
  const { uid } = world.sink('a')
  if (how === 'moved') world.put('a', 'elsewhere')
  else if (how === 'paused') world.run({ kind: 'sink-pause', sink: uid, paused: true })
  else world.run({ kind: 'sink-delete', sink: uid })
  await world.pass(300)
  expect(world.database('a').connections).toBe(0)
  expect(world.database('elsewhere').arrivals).toEqual(how === 'moved' ? world.written : [])
  if (how !== 'removed') expect(world.sink('a')).not.toHaveProperty('trouble')
})

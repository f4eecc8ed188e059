import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideBootstrap, type Found, type Hello, promisersOf } from './bootstrap-decision.ts'
import type { InitialCluster } from './initial-cluster.ts'

/*
 * Nodes that start, crash, lose their disks and hear each other's words late, in every order that chance finds. Whatever
 * was once said may be heard at any later time, as long as the process that asked lives.
 */
interface Place {
  name: string
  address: string
  /** On its disk. */
  member: string
  record: InitialCluster | undefined
  begun: boolean
  /** In its memory, while it is up. */
  up: boolean
  heard: Map<string, Hello>
  promised: Set<string>
  sees: string[]
}

type Step =
  | { do: 'start' | 'crash' | 'wipe' | 'look'; at: number; crashes?: boolean }
  | { do: 'hear'; at: number; from: number }

class World {
  readonly places: Place[]
  readonly #size: number
  readonly #wants: string
  #drawn: number

  constructor(count: number, size: number, named: boolean, seed: number) {
    this.#drawn = seed
    this.#size = size
    this.#wants = named ? 'all' : ''
    this.places = Array.from({ length: count }, (_, at) => {
      const place = { name: `n${at}`, address: `h${at}:1`, member: this.#id(), record: undefined, begun: false }
      return { ...place, up: false, heard: new Map(), promised: new Set(), sees: [] }
    })
  }

  step(step: Step): void {
    const place = this.places[step.at % this.places.length]
    if (!place) return
    if (step.do === 'start') place.up = true
    else if (step.do === 'hear') {
      for (const [at, other] of this.places.entries()) if (step.from & (1 << at)) this.#hear(place, other)
    } else if (step.do === 'look') this.#decide(place, step.crashes === true)
    else this.#fall(place, step.do === 'wipe')
  }

  #fall(place: Place, wiped: boolean): void {
    Object.assign(place, { up: false, heard: new Map(), promised: new Set(), sees: [] })
    if (wiped) Object.assign(place, { member: this.#id(), record: undefined, begun: false })
  }

  #hear(place: Place, other: Place | undefined): void {
    if (!other || other === place || !place.up || !other.up) return
    place.heard.set(other.address, this.#hello(other))
  }

  #decide(place: Place, crashes: boolean): void {
    if (!place.up) return
    const found: Found[] = this.places
      .filter((other) => other !== place)
      .map(({ name, address }) => {
        const hello = place.heard.get(address)
        const listed = this.#wants === '' ? {} : { listed: name }
        if (hello) return { ...listed, address, hello }
        return this.#wants === '' ? undefined : { ...listed, address, fault: 'silent' }
      })
      .filter((one) => one !== undefined)
    const hellos = [...place.heard.values()]
    place.sees = [...new Set([place.member, ...hellos.map(({ member }) => member)])].sort()
    for (const member of promisersOf(place.record, found)) place.promised.add(member)
    const decision = decideBootstrap({ self: this.#hello(place), size: this.#size, found, promised: place.promised })
    if (decision.do === 'promise') {
      expect(place.record).toBeUndefined()
      place.record = { cluster: decision.cluster ?? this.#id(), members: decision.members }
    }
    if (decision.do === 'begin') place.begun = true
    if (crashes) this.#fall(place, false)
  }

  #hello({ member, name, address, record, begun, sees }: Place): Hello {
    const known = record ? { cluster: record.cluster, record } : {}
    return { member, name, address, wants: this.#wants, sees, ...known, ...(begun ? { begun } : {}) }
  }

  /** Ids are drawn in no order, each once. */
  #id(): string {
    this.#drawn = (this.#drawn + 1) % 0xffff
    return ((this.#drawn * 40_503) % 0xffff).toString(16).padStart(16, '0')
  }

  /** Records of which a majority of members is alive and has promised them, with one at least that has begun. */
  able(): string[] {
    const records = new Map(this.places.flatMap(({ record }) => (record ? [[record.cluster, record]] : [])))
    return [...records.values()]
      .filter(({ cluster, members }) => {
        const holders = this.places.filter(
          ({ member, record }) => record?.cluster === cluster && members.some(({ id }) => id === member),
        )
        return holders.length > members.length / 2 && holders.some(({ begun }) => begun)
      })
      .map(({ cluster }) => cluster)
  }
}

const ALL = 0x1ff
const place = fc.nat(8)
/** Who is to be heard: everybody, a window of neighbours as a list of addresses that changes would have it, or anybody. */
const from = fc.oneof(
  { weight: 4, arbitrary: fc.constant(ALL) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(2)).map(([size, at]) => ((1 << size) - 1) << at),
  },
  { weight: 1, arbitrary: fc.nat(ALL) },
)
/** One after the other hears and looks, so that walks get somewhere. */
const round = from.map((heard) =>
  Array.from({ length: 9 }, (_, at): Step[] => [
    { do: 'start', at },
    { do: 'hear', at, from: heard },
    { do: 'look', at },
  ]).flat(),
)
const rates = fc.record({ crash: fc.integer({ min: 0, max: 8 }), wipe: fc.integer({ min: 0, max: 8 }) })
const walks = rates.chain(({ crash, wipe }) => {
  const one: fc.Arbitrary<Step> = fc.oneof(
    { weight: 30, arbitrary: fc.record({ do: fc.constant('hear' as const), at: place, from }) },
    { weight: 30, arbitrary: fc.record({ do: fc.constant('look' as const), at: place }) },
    { weight: 15, arbitrary: fc.record({ do: fc.constant('start' as const), at: place }) },
    {
      weight: crash,
      arbitrary: fc.record({ do: fc.constant('look' as const), at: place, crashes: fc.constant(true) }),
    },
    { weight: crash, arbitrary: fc.record({ do: fc.constant('crash' as const), at: place }) },
    { weight: wipe, arbitrary: fc.record({ do: fc.constant('wipe' as const), at: place }) },
  )
  const some = fc.oneof({ weight: 30, arbitrary: one.map((step) => [step]) }, { weight: 2, arbitrary: round })
  return fc.array(some, { minLength: 100, maxLength: 300, size: 'max' }).map((parts) => parts.flat())
})

const COUNTS = { named: [1, 2, 3, 4, 5], counted: [2, 3, 4, 5] }

test.each(COUNTS.named)('%i named nodes never make two clusters that can both elect', (count) => {
  let begun = 0
  fc.assert(
    fc.property(walks, fc.nat(60_000), (walk, seed) => {
      const world = new World(count, count, true, seed)
      for (const one of walk) {
        world.step(one)
        expect(world.able().length).toBeLessThan(2)
      }
      if (world.able().length > 0) begun++
    }),
    { numRuns: 200, seed: count },
  )
  expect(begun).toBeGreaterThan(5)
})

test.each(
  COUNTS.counted,
)('nodes of which %i are expected never make two clusters, with fewer than twice as many there', (size) => {
  let begun = 0
  fc.assert(
    fc.property(walks, fc.integer({ min: size, max: 2 * size - 1 }), fc.nat(60_000), (walk, count, seed) => {
      const world = new World(count, size, false, seed)
      for (const one of walk) {
        world.step(one)
        expect(world.able().length).toBeLessThan(2)
      }
      if (world.able().length > 0) begun++
    }),
    { numRuns: 200, seed: size },
  )
  expect(begun).toBeGreaterThan(5)
})

test('however often nodes crash, once they stay up and hear each other they are one cluster', () => {
  fc.assert(
    fc.property(walks, fc.integer({ min: 1, max: 5 }), fc.nat(60_000), (walk, count, seed) => {
      const world = new World(count, count, true, seed)
      for (const one of walk) if (one.do !== 'wipe') world.step(one)
      for (let round = 0; round < 4; round++) {
        for (let at = 0; at < count; at++) world.step({ do: 'start', at })
        for (let at = 0; at < count; at++) world.step({ do: 'hear', at, from: ALL })
        for (let at = 0; at < count; at++) world.step({ do: 'look', at })
      }
      expect(world.places.every(({ begun }) => begun)).toBe(true)
      expect(world.able().length).toBe(1)
    }),
    { numRuns: 200, seed: 7 },
  )
})

test('two records that share members are promised by half each, and neither begins', () => {
  const world = new World(4, 3, false, 1)
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].sort((x, y) =>
    (world.places[x]?.member ?? '') < (world.places[y]?.member ?? '') ? -1 : 1,
  )
  const bits = (...places: number[]) => places.reduce((sum, at) => sum | (1 << at), 0)
  const meet = (...places: number[]) => {
    for (const at of places) world.step({ do: 'hear', at, from: bits(...places) })
    for (const at of places) world.step({ do: 'look', at })
  }
  const hears = (at: number, of: number) => {
    world.step({ do: 'crash', at })
    world.step({ do: 'start', at })
    world.step({ do: 'hear', at, from: bits(of) })
    world.step({ do: 'look', at })
  }
  for (const at of [a, b, c, d]) world.step({ do: 'start', at })
  // Discovery names a, b and c; a makes its record, and is gone before anybody hears of it.
  meet(a, b, c)
  meet(a, b, c)
  expect(world.places[a]?.record?.members).toHaveLength(3)
  // Then it names b, c and d, who know nothing of a any more.
  for (const at of [b, c]) world.step({ do: 'crash', at })
  for (const at of [b, c]) world.step({ do: 'start', at })
  meet(b, c, d)
  world.step({ do: 'hear', at: b, from: bits(c, d) })
  world.step({ do: 'look', at: b })
  expect(world.places[b]?.record?.cluster).not.toBe(world.places[a]?.record?.cluster)
  hears(c, a)
  hears(d, b)
  expect(world.places[c]?.record).toEqual(world.places[a]?.record)
  expect(world.places[d]?.record).toEqual(world.places[b]?.record)
  for (let round = 0; round < 3; round++) meet(a, b, c, d)
  expect(world.places.filter(({ begun }) => begun)).toEqual([])
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type WaitingRun, WaitingRuns } from './waiting-runs.ts'

const PRIORITY = [90, 10, 50, 50]

function run(sequence: number, job = sequence % 4): WaitingRun {
  const priority = PRIORITY[job] ?? 50
  return { id: `r${sequence}`, job, namespace: 1, service: 's', priority, sequence, catchUp: false }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'remove', 'take', 'hold', 'release', 'back', 'change'),
    at: fc.nat({ max: 60 }),
  }),
  { maxLength: 200 },
)

test('runs leave as from a sorted list, those of jobs that are held back aside, also when the priority of a job changes', () => {
  fc.assert(
    fc.property(steps, (operations) => {
      const priorities = [...PRIORITY]
      const waiting = new WaitingRuns()
      let twin: WaitingRun[] = []
      const taken: WaitingRun[] = []
      const held = new Set<number>()
      let sequence = 0
      for (const { kind, at } of operations) {
        const line = waiting.line(1, 's')
        const sorted = twin
          .filter(({ job }) => !held.has(job))
          .sort((a, b) => b.priority - a.priority || a.sequence - b.sequence)
        const first = line && waiting.first(line)
        expect(first?.id).toBe(sorted[0]?.id)
        if (kind === 'add') {
          const one = { ...run(sequence++, at % 4), priority: priorities[at % 4] ?? 0 }
          waiting.add(one)
          twin.push(one)
        } else if (kind === 'remove') {
          waiting.remove(`r${at}`)
          twin = twin.filter(({ id }) => id !== `r${at}`)
        } else if (kind === 'take' && line && first) {
          waiting.take(line)
          twin = twin.filter(({ id }) => id !== first.id)
          taken.push(first)
        } else if (kind === 'hold' && line && first) {
          waiting.hold(line)
          held.add(first.job)
        } else if (kind === 'release') {
          waiting.release(at % 4)
          held.delete(at % 4)
        } else if (kind === 'back') {
          const old = taken.pop()
          if (!old) continue
          const one = { ...old, priority: priorities[old.job] ?? 0 }
          waiting.add(one)
          twin.push(one)
          waiting.release(one.job)
          held.delete(one.job)
        } else if (kind === 'change') {
          const job = at % 4
          priorities[job] = at
          const moved = waiting.removeJob(job, ({ priority }) => priority !== at)
          for (const one of moved) waiting.add({ ...one, priority: at })
          twin = twin.map((one) => (one.job === job ? { ...one, priority: at } : one))
          waiting.release(job)
          held.delete(job)
        }
        expect(waiting.size).toBe(twin.length)
      }
    }),
    { numRuns: 500 },
  )
})

test('a job that is changed right after its oldest runs have left keeps the others in order', () => {
  const waiting = new WaitingRuns()
  const ids = () => waiting.lines().map((line) => waiting.first(line)?.id)
  for (const sequence of [0, 4, 1]) waiting.add(run(sequence))
  for (const id of ['r0', 'r4']) waiting.remove(id)
  expect(waiting.removeJob(0, () => true)).toEqual([])
  expect(ids()).toEqual(['r1'])
  for (const sequence of [2, 3, 6]) waiting.add({ ...run(sequence), priority: 50 })
  waiting.remove('r2')
  expect(waiting.removeJob(2, () => false)).toEqual([])
  waiting.remove('r1')
  expect(ids()).toEqual(['r3'])
})

test('a job that is changed while none of its runs waits stands by what it says then', () => {
  const waiting = new WaitingRuns()
  for (const one of [run(0, 0), run(1, 1), run(2, 2)]) waiting.add(one)
  waiting.remove('r1')
  waiting.add({ ...run(3, 1), priority: 71 })
  waiting.add({ ...run(4, 1), priority: 71 })
  const line = waiting.line(1, 's')
  if (!line) throw new Error('it is gone')
  const left: string[] = []
  for (let first = waiting.first(line); first; first = waiting.first(line)) {
    left.push(first.id)
    waiting.take(line)
  }
  expect(left).toEqual(['r0', 'r3', 'r4', 'r2'])
})

test('of the runs of a job that one entry made the one that comes back is the first again', () => {
  const waiting = new WaitingRuns()
  const made = [0, 1, 2].map((ordinal) => ({ ...run(4), id: `r${ordinal}`, ordinal }))
  for (const one of made) waiting.add(one)
  const line = waiting.line(1, 's')
  if (!line) throw new Error('there is no line')
  for (const one of made.slice(0, 2)) {
    expect(waiting.first(line)?.id).toBe(one.id)
    waiting.take(line)
  }
  for (const one of made.slice(0, 2)) waiting.add(one)
  expect(waiting.first(line)?.id).toBe('r0')
  waiting.remove('r0')
  expect(waiting.first(line)?.id).toBe('r1')
})

test('the line whose first run comes first is the first, and empty lines are gone', () => {
  const waiting = new WaitingRuns()
  waiting.add({ ...run(1), service: 'late', priority: 10 })
  waiting.add({ ...run(2), service: 'soon', priority: 90 })
  expect(waiting.lines().map((line) => waiting.first(line)?.id)).toEqual(['r2', 'r1'])
  waiting.remove('r2')
  expect(waiting.lines().map((line) => waiting.first(line)?.id)).toEqual(['r1'])
  waiting.remove('r1')
  expect(waiting.lines()).toEqual([])
})

test('what waits costs no more for being many: any end, any priority', () => {
  const waiting = new WaitingRuns()
  const count = 100_000
  const line = () => waiting.line(1, 's') as NonNullable<ReturnType<WaitingRuns['line']>>
  let compared = 0
  const counted = (one: WaitingRun): WaitingRun =>
    Object.defineProperty({ ...one }, 'sequence', {
      get: () => {
        compared += 1
        return one.sequence
      },
    })
  for (let i = 0; i < count; i++) waiting.add(counted(run(i, i)))
  compared = 0
  for (let i = 0; i < 1000; i++) waiting.remove(`r${count - 1 - i}`)
  for (let i = 0; i < 1000; i++) waiting.add(counted({ ...run(count + i, count + i), priority: 90 }))
  for (let i = 0; i < 1000; i++) {
    waiting.first(line())
    waiting.take(line())
  }
  expect(compared).toBeLessThan(3000 * 100)
})

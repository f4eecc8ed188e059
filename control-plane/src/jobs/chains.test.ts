import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHAIN_DEPTH_MAX, CHAIN_RUNS_MAX, chainFaults, type JobGraph } from './chains.ts'
import type { ChildSpec } from './job.ts'

/** A graph of what was saved, in which a save that has faults changes nothing. */
class Saved {
  readonly jobs = new Map<string, ChildSpec[]>()
  readonly graph: JobGraph = {
    childrenOf: (job) => this.jobs.get(job),
    parentsOf: (job) =>
      [...this.jobs].filter(([, list]) => list.some((child) => child.job === job)).map(([name]) => name),
  }

  constructor(jobs: Record<string, string[]> = {}) {
    for (const [name, list] of Object.entries(jobs)) this.jobs.set(name, children(list))
  }

  save(name: string, list: string[]) {
    const faults = chainFaults(this.graph, name, children(list))
    if (faults.length === 0) this.jobs.set(name, children(list))
    return faults
  }
}

function children(list: string[]): ChildSpec[] {
  return list.map((job) => ({ job, on: 'success' as const }))
}

describe('children are refused', () => {
  test('that do not exist, each at its place', () => {
    const saved = new Saved({ a: [] })
    expect(saved.save('b', ['a', 'x', 'y'])).toEqual([
      { child: 1, detail: 'there is no job x' },
      { child: 2, detail: 'there is no job y' },
    ])
  })

  test('that lead back to the job, with the way round', () => {
    const saved = new Saved({ a: ['b', 'x'], b: ['c'], c: [], x: [] })
    expect(saved.save('c', ['a'])).toEqual([{ child: 0, detail: 'makes a circle: c → a → b → c' }])
    expect(saved.save('c', ['c'])).toEqual([{ child: 0, detail: 'makes a circle: c → c' }])
    expect(saved.save('new', ['new'])).toEqual([{ child: 0, detail: 'makes a circle: new → new' }])
  })

  test('that make a circle with a job which names this one and has waited for it', () => {
    const saved = new Saved({ a: ['gone'] })
    expect(saved.save('gone', ['a'])).toEqual([{ child: 0, detail: 'makes a circle: gone → a → gone' }])
  })

  test('that make a chain too long, wherever it begins', () => {
    const names = Array.from({ length: CHAIN_DEPTH_MAX }, (_, i) => `j${i}`)
    const saved = new Saved({ tail: [] })
    for (const [i, name] of names.entries()) expect(saved.save(name, i === 0 ? [] : [`j${i - 1}`])).toEqual([])
    expect(saved.save('j0', ['tail'])[0]?.detail).toContain(
      `begins with j${CHAIN_DEPTH_MAX - 1} and is ${CHAIN_DEPTH_MAX + 1} jobs long`,
    )
  })

  test('whose branches multiply', () => {
    const layer = (n: number) => Array.from({ length: 10 }, (_, i) => `l${n}-${i}`)
    const saved = new Saved()
    for (const name of layer(0)) expect(saved.save(name, [])).toEqual([])
    for (const name of layer(1)) expect(saved.save(name, layer(0))).toEqual([])
    for (const name of layer(2)) expect(saved.save(name, layer(1))).toEqual([])
    expect(saved.save('root', layer(2))[0]?.detail).toContain(`more than ${CHAIN_RUNS_MAX}`)
  })
})

test('S044 whatever is saved in whatever order, no job can ever lead to itself', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const save = fc.tuple(name, fc.uniqueArray(name, { maxLength: 4 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(save, { maxLength: 40 }), (saves) => {
      const saved = new Saved()
      for (const [job, list, remove] of saves) {
        // By force, as it may be: those who name it go on naming it.
        if (remove) saved.jobs.delete(job)
        else saved.save(job, list)
        for (const start of saved.jobs.keys()) expect(reaches(saved, start)).toBe(false)
      }
    }),
    { numRuns: 500 },
  )
})

test('what is refused as a circle would have been one', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.uniqueArray(name, { maxLength: 3 })), { maxLength: 20 }), (saves) => {
      const saved = new Saved({ a: [], b: [], c: [], d: [] })
      for (const [job, list] of saves) {
        const faults = saved.save(job, list)
        if (faults.length === 0) continue
        const naive = new Saved()
        for (const [other, present] of saved.jobs) naive.jobs.set(other, present)
        naive.jobs.set(job, children(list))
        expect(reaches(naive, job)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

/** Whether a job can be reached from itself, by walking. */
function reaches(saved: Saved, start: string): boolean {
  const seen = new Set<string>()
  const left = [start]
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    for (const { job } of saved.jobs.get(name) ?? []) {
      if (job === start) return true
      if (seen.has(job)) continue
      seen.add(job)
      left.push(job)
    }
  }
  return false
}

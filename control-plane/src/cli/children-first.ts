import type { JobDefinition } from '@cronclave/openapi'

/**
 * Definitions in an order in which each can be saved: a job after its children. Otherwise they stay as they were; those
 * that lead round in a circle do too, and the server says so.
 */
export function childrenFirst<T extends { name: string; definition: JobDefinition }>(given: readonly T[]): T[] {
  const byName = new Map(given.map((named) => [named.name, named]))
  const ordered = new Set<T>()
  const entered = new Set<T>()
  const enter = (named: T): void => {
    if (entered.has(named)) return
    entered.add(named)
    for (const { job } of named.definition.children ?? []) {
      const child = byName.get(job)
      if (child) enter(child)
    }
    ordered.add(named)
  }
  for (const named of given) enter(named)
  return [...ordered]
}

import type { ChildSpec } from './job.ts'

/** Jobs that start one after the other because the one before ended, at most. */
export const CHAIN_DEPTH_MAX = 16
/** Runs that one run may lead to, through its children and theirs, itself included, at most. */
export const CHAIN_RUNS_MAX = 1000

/** Who starts whom within a namespace, by name. */
export interface JobGraph {
  /** What a job starts; undefined when there is no such job. */
  childrenOf(job: string): readonly ChildSpec[] | undefined
  /** Jobs that name this one, whether it is there or not. */
  parentsOf(job: string): Iterable<string>
}

/** What is wrong with the children of a definition. Without `child` it is all of them together. */
export interface ChainFault {
  child?: number
  detail: string
}

/**
 * Everything that speaks against a job having these children: one that is not there, a circle with the way round it, a
 * chain too long, or one whose branches multiply. The graph is as it is before the change, and holds no circle.
 */
export function chainFaults(graph: JobGraph, job: string, children: readonly ChildSpec[]): ChainFault[] {
  if (children.length === 0) return []
  const faults = linkFaults(graph, job, children)
  return faults.length > 0 ? faults : sizeFaults({ ...graph, childrenOf: withChildren(graph, job, children) }, job)
}

/** Children that are not there, or lead back to the job. The graph may hold circles. */
export function linkFaults(graph: JobGraph, job: string, children: readonly ChildSpec[]): ChainFault[] {
  return children.flatMap(({ job: child }, place): ChainFault[] => {
    if (child !== job && !graph.childrenOf(child)) return [{ child: place, detail: `there is no job ${child}` }]
    const way = wayTo(graph, child, job)
    return way ? [{ child: place, detail: `makes a circle: ${[job, ...way].join(' → ')}` }] : []
  })
}

function withChildren(graph: JobGraph, job: string, children: readonly ChildSpec[]): JobGraph['childrenOf'] {
  return (name) => (name === job ? children : graph.childrenOf(name))
}

/** The names on a way from one job to another, both included; undefined when there is none. */
function wayTo(graph: JobGraph, from: string, to: string): string[] | undefined {
  const seen = new Set<string>()
  const way = [from]
  const left = [...nextOf(graph, from)]
  const depths = left.map(() => 1)
  if (from === to) return way
  for (
    let name = left.pop(), depth = depths.pop() ?? 0;
    name !== undefined;
    name = left.pop(), depth = depths.pop() ?? 0
  ) {
    way.length = depth
    way.push(name)
    if (name === to) return way
    if (seen.has(name)) continue
    seen.add(name)
    for (const next of nextOf(graph, name)) {
      left.push(next)
      depths.push(depth + 1)
    }
  }
  return undefined
}

function nextOf(graph: JobGraph, job: string): string[] {
  return (graph.childrenOf(job) ?? []).map(({ job: child }) => child)
}

/** A chain too long, or one whose branches multiply. Every chain that the job is part of begins at one of its ancestors, or at itself. */
export function sizeFaults(graph: JobGraph, job: string): ChainFault[] {
  const sizes = new Map<string, Size>()
  for (const first of ancestors(graph, job)) {
    const { depth, runs } = sizeOf(graph, first, sizes)
    const chain = first === job ? 'makes a chain' : `makes a chain that begins with ${first} and`
    if (depth > CHAIN_DEPTH_MAX) return [{ detail: `${chain} is ${depth} jobs long, more than ${CHAIN_DEPTH_MAX}` }]
    if (runs > CHAIN_RUNS_MAX)
      return [{ detail: `${chain} has branches for ${runs} runs, more than ${CHAIN_RUNS_MAX}` }]
  }
  return []
}

function ancestors(graph: JobGraph, job: string): Set<string> {
  const found = new Set([job])
  for (const name of found) for (const parent of graph.parentsOf(name)) found.add(parent)
  return found
}

interface Size {
  depth: number
  runs: number
}

/** How long and how wide what begins with a job may get. Depends on the graph having no circle. */
function sizeOf(graph: JobGraph, job: string, known: Map<string, Size>): Size {
  const before = known.get(job)
  if (before) return before
  const size = { depth: 1, runs: 1 }
  for (const child of nextOf(graph, job)) {
    const { depth, runs } = sizeOf(graph, child, known)
    size.depth = Math.max(size.depth, depth + 1)
    size.runs += runs
  }
  known.set(job, size)
  return size
}

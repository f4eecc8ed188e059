/** A profile of V8 as the inspector gives it: a tree of frames, and which was on top at each sample. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[]
  samples: number[]
  /** Microseconds since the sample before. */
  timeDeltas: number[]
}

/** What the main thread of a node spends its time on. */
export type Area = 'calling' | 'scheduling' | 'replicating' | 'applying' | 'serving'

const FOLDERS: Record<string, Area> = {
  dispatch: 'calling',
  signing: 'calling',
  scheduler: 'scheduling',
  routing: 'scheduling',
  sharding: 'scheduling',
  raft: 'replicating',
  wal: 'replicating',
  peers: 'replicating',
  cluster: 'replicating',
  state: 'applying',
  store: 'applying',
  api: 'serving',
}
const LIBRARIES: [part: string, area: Area][] = [
  ['/undici/', 'calling'],
  ['node:_http_client', 'calling'],
  ['/classic-level/', 'applying'],
  ['/hono/', 'serving'],
  ['node:_http_server', 'serving'],
  ['node:tls', 'replicating'],
  ['node:internal/tls', 'replicating'],
]

/**
 * Microseconds per area. Time belongs to the nearest frame of ours, or of a library that serves one area, above what ran;
 * what has none, garbage collection above all, is shared out like the rest. Idle time is left out.
 */
export function costsOf({ nodes, samples, timeDeltas }: CpuProfile): Record<Area, number> {
  const parents = new Map<number, number>()
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const areas = new Map<number, Area | undefined>()
  const areaOf = (id: number | undefined): Area | undefined => {
    if (id === undefined) return undefined
    if (!areas.has(id)) areas.set(id, areaOfFrame(byId.get(id)?.callFrame.url ?? '') ?? areaOf(parents.get(id)))
    return areas.get(id)
  }
  const costs: Record<Area, number> = { calling: 0, scheduling: 0, replicating: 0, applying: 0, serving: 0 }
  let shared = 0
  for (const [at, id] of samples.entries()) {
    const micros = timeDeltas[at] ?? 0
    if (byId.get(id)?.callFrame.functionName === '(idle)') continue
    const area = areaOf(id)
    if (area === undefined) shared += micros
    else costs[area] += micros
  }
  const known = Object.values(costs).reduce((sum, cost) => sum + cost, 0)
  for (const area of Object.keys(costs) as Area[]) costs[area] *= 1 + (known === 0 ? 0 : shared / known)
  return costs
}

function areaOfFrame(url: string): Area | undefined {
  const folder = /\/control-plane\/dist\/(\w+)\//.exec(url)?.[1]
  if (folder !== undefined) return FOLDERS[folder]
  return LIBRARIES.find(([part]) => url.includes(part))?.[1]
}

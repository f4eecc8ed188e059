import type { Executor } from '../discovery/executor.ts'

export function executor(id: string, change: Partial<Executor> = {}): Executor {
  return {
    id,
    service: 2,
    namespace: 1,
    kind: 'static',
    url: 'http://10.0.0.1/',
    weight: 1,
    slots: 0,
    labels: {},
    status: 'online',
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    failures: 0,
    held: 0,
    ...change,
  }
}

/** Executors of these weights, in the order of their ids. */
export function weighted(...weights: number[]): Executor[] {
  return weights.map((weight, at) => executor(`e${String(at).padStart(3, '0')}`, { weight }))
}

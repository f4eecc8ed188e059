import type { Command } from './commands.ts'
import type { State } from './state.ts'

type Loose = { kind: Command['kind'] } & Record<string, unknown>

/** Commands about the executors of a service, and about one of them, most of which fit the state that they meet. */
export function drawExecutors(state: State, service: number, id: string, int: (max: number) => number): Loose[] {
  const one = <T>(...list: readonly T[]): T => list[int(list.length)] as T
  const executors = [...(state.executors.get(service)?.values() ?? [])]
  const known = state.executors.get(service)?.get(id)
  const [weight, slots, url, labels] = [int(3), int(3), `http://${id}`, {}]
  const kind = one('static', 'static', 'registered')
  const status = one('online', 'online', 'online', 'offline', 'draining')
  const change = { kind, url, weight, slots, labels, status, ...(int(3) === 0 ? { bootId: `b${int(3)}` } : {}) }
  const manifest = { revision: `r${int(3)}`, handlers: ['h', `h${int(3)}`], hash: `x${int(3)}` }
  const boot = `b${int(3)}`
  const found = executors.map(({ id: its, bootId = 'b0' }) => {
    return {
      service,
      id: its,
      boot: bootId,
      status: one('online', 'online', 'online', 'suspect', 'offline', 'draining'),
    }
  })
  return [
    ...Array.from({ length: 4 }, () => ({ kind: 'executor-put' as const, service, id, change })),
    ...Array.from({ length: 3 }, () => {
      const about = { url: one(url, 'pull'), weight, slots, labels, manifest, boot }
      return { kind: 'executor-register' as const, service, id, ...about }
    }),
    { kind: 'executors-found', executors: found },
    { kind: 'executors-found', executors: found.map((each) => ({ ...each, status: 'online' })) },
    { kind: 'executor-order', service, id, order: one('online', 'offline', 'draining') },
    { kind: 'executor-delete', service, id, ...(int(2) === 0 ? { boot } : {}) },
    { kind: 'executors-gone', executors: [{ service, id, version: known?.version ?? 0 }] },
    { kind: 'breakers-half-open', executors: executors.map(({ id: its }) => ({ service, id: its })) },
    {
      kind: 'executor-health',
      executors: executors.map((each) => ({ service, id: each.id, url: each.url, healthy: int(2) > 0 })),
    },
  ]
}

import type { Queues } from '@cronclave/openapi'
import type { Millis } from '../runtime/clock.ts'
import { callsOwnUrl } from '../state/executors.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { each } from './pages.ts'
import { timeText } from './times.ts'

/** Lines of waiting runs that are told at most; what leaves last is left out. */
const LINES_MAX = 1000

type Waiting = Queues['waiting'][number]

export function queueHandlers(context: ApiContext): Pick<Handlers, 'getQueues'> {
  const { state, clock } = context
  const nameOf = (id: string) => state().members.get(id)?.name ?? id
  return {
    async getQueues() {
      const { leader, figures } = await context.queues()
      const body: Queues = {
        leader: nameOf(leader),
        now: timeText(clock.now()),
        evaluations: figures.evaluations.map(({ oldestAt, ...count }) => ({
          ...count,
          ...(oldestAt === undefined ? {} : { oldestAt: timeText(oldestAt) }),
        })),
        catchUpPerSecond: figures.catchUpPerSecond,
        nodes: figures.nodes.map((node) => ({ ...node, node: nameOf(node.node) })),
        waiting: await waitingRuns(state()),
      }
      return { status: 200, body }
    },
  }
}

/** Queued runs by namespace, service and priority, the higher priority first. */
async function waitingRuns(state: State): Promise<Waiting[]> {
  const lines = new Map<string, Omit<Waiting, 'oldestAt'> & { oldest: Millis }>()
  await each(state.runs.values(), (run) => {
    const job = state.jobs.get(run.job)
    const namespace = state.namespaces.get(run.namespace)
    if (run.state !== 'queued' || !job || !namespace) return
    const { priority, target } = job.spec
    const service = callsOwnUrl(job) ? undefined : target.service
    const key = `${run.namespace}/${service ?? '-'}/${priority}`
    const line = lines.get(key) ?? {
      namespace: namespace.name,
      ...(service === undefined ? {} : { service }),
      priority,
      runs: 0,
      catchUp: 0,
      oldest: run.createdAt,
    }
    line.runs += 1
    if (run.cause === 'misfire') line.catchUp += 1
    line.oldest = Math.min(line.oldest, run.createdAt)
    lines.set(key, line)
  })
  return [...lines.values()]
    .sort((a, b) => b.priority - a.priority || a.oldest - b.oldest)
    .slice(0, LINES_MAX)
    .map(({ oldest, ...line }) => ({ ...line, oldestAt: timeText(oldest) }))
}

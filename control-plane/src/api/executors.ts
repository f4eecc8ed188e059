import type { Executor as ExecutorView, ExecutorDefinition } from '@cronclave/openapi'
import type { Executor, ExecutorStatus, Service } from '../discovery/executor.ts'
import { Problem } from '../problems.ts'
import type { ExecutorChange } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { executorAt, serviceAt } from './lookup.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { timeText } from './times.ts'

type Operations =
  | 'listExecutors'
  | 'getExecutor'
  | 'putExecutor'
  | 'deleteExecutor'
  | 'drainExecutor'
  | 'onlineExecutor'
  | 'offlineExecutor'

/** Executors of a service, at most: their weights are summed, their list is planned over. */
export const EXECUTORS_MAX = 10_000

const BY_ID: Order<Executor> = { name: 'executors:ss', key: ({ id }) => [id, ''] }

export function executorHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  function view(path: { namespace: string; service: string; executor: string }) {
    const { executor, service } = executorAt(state(), path)
    return { body: executorView(state(), service, executor), headers: etag(executor.version) }
  }

  async function put(service: Service, id: string, change: ExecutorChange, condition: { ifVersion?: number }) {
    await submit(context, { kind: 'executor-put', at: clock.now(), service: service.uid, id, change, ...condition })
  }

  async function setStatus(
    path: { namespace: string; service: string; executor: string },
    status: ExecutorStatus,
    condition: { ifVersion?: number },
  ) {
    const { service, executor } = executorAt(state(), path)
    if (executor.status !== status) {
      const { kind, url, weight, slots, labels, bootId, version } = executor
      const change = { kind, url, weight, slots, labels, status, ...(bootId === undefined ? {} : { bootId }) }
      await put(service, executor.id, change, { ifVersion: condition.ifVersion ?? version })
    } else if (condition.ifVersion !== undefined && condition.ifVersion !== executor.version) {
      throw new Problem('version-mismatch', `executor ${executor.id} is at version ${executor.version}`)
    }
    return { status: 200 as const, ...view(path) }
  }

  function checkUrl(service: Service, url: string): void {
    const refused = context.egress.checkUrl(url)
    const detail = refused?.detail ?? hostFault(service.allowedHosts, url)
    if (detail !== undefined) {
      throw new Problem(refused ? 'egress-refused' : 'invalid-executor', undefined, [{ pointer: '/url', detail }])
    }
  }

  return {
    async listExecutors({ path, query }) {
      const service = serviceAt(state(), path)
      const executors = state().executors.get(service.uid)?.values() ?? []
      const page = await pageOf(executors, () => true, BY_ID, query)
      return {
        status: 200,
        body: { ...page, items: page.items.map((executor) => executorView(state(), service, executor)) },
      }
    },

    getExecutor({ path }) {
      return { status: 200, ...view(path) }
    },

    async putExecutor({ path, header, body }) {
      const service = serviceAt(state(), path)
      const executors = state().executors.get(service.uid)
      const present = executors?.get(path.executor)
      refuseAbsent(header, present !== undefined, `executor ${path.executor}`)
      checkUrl(service, body.url)
      if (!present && (executors?.size ?? 0) >= EXECUTORS_MAX) {
        throw new Problem('invalid-executor', `service ${service.name} has ${EXECUTORS_MAX} executors already`)
      }
      await put(service, path.executor, changeOf(body, present), ifVersion(header))
      const made = view(path)
      if (present) return { status: 200, ...made }
      const location = `/v1/namespaces/${path.namespace}/services/${path.service}/executors/${path.executor}`
      return { status: 201, ...made, headers: { ...made.headers, location } }
    },

    async deleteExecutor({ path, header }) {
      const { service, executor } = executorAt(state(), path)
      const at = clock.now()
      await submit(context, {
        kind: 'executor-delete',
        at,
        service: service.uid,
        id: executor.id,
        ...ifVersion(header),
      })
      return { status: 204 }
    },

    drainExecutor: ({ path, header }) => setStatus(path, 'draining', ifVersion(header)),

    offlineExecutor: ({ path, header }) => setStatus(path, 'offline', ifVersion(header)),

    onlineExecutor: ({ path, header }) => setStatus(path, 'online', ifVersion(header)),
  }
}

function changeOf(definition: ExecutorDefinition, present: Executor | undefined): ExecutorChange {
  return {
    kind: 'static',
    url: new URL(definition.url).href,
    weight: definition.weight ?? 1,
    slots: definition.slots ?? 0,
    labels: definition.labels ?? {},
    status: present?.status ?? 'online',
  }
}

/** What is wrong with a URL that the service's own list of hosts does not name. */
function hostFault(allowed: readonly string[], url: string): string | undefined {
  const host = new URL(url).hostname
  if (allowed.length === 0) return undefined
  const named = allowed.some((entry) => {
    const wanted = entry.toLowerCase()
    return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted
  })
  return named ? undefined : `the service allows ${allowed.slice(0, 10).join(', ')} only`
}

function executorView(state: State, service: Service, executor: Executor): ExecutorView {
  return {
    id: executor.id,
    namespace: state.namespaces.get(service.namespace)?.name ?? '',
    service: service.name,
    kind: executor.kind,
    url: executor.url,
    weight: executor.weight,
    slots: executor.slots,
    labels: executor.labels,
    status: executor.status,
    version: executor.version,
    createdAt: timeText(executor.createdAt),
    updatedAt: timeText(executor.updatedAt),
    held: executor.held,
    failures: executor.failures,
    ...(executor.bootId === undefined ? {} : { bootId: executor.bootId }),
    breaker: executor.breaker?.state ?? 'closed',
    ...(executor.breaker?.state === 'open' ? { openUntil: timeText(executor.breaker.until) } : {}),
    ...(executor.health === undefined ? {} : { health: executor.health }),
  }
}

import type { Executor as ExecutorView, ExecutorDefinition } from '@cronclave/openapi'
import type { Heard } from '../registration/beats.ts'
import type { Executor, ExecutorManifest, Service } from '../discovery/executor.ts'
import { PULL_SLOTS, PULL_URL, pulls } from '../discovery/pull.ts'
import type { Principal } from '../auth/authenticator.ts'
import { manifestHash } from '../manifests/manifest-hash.ts'
import { verdictOn } from '../manifests/manifest-views.ts'
import { reconcile } from '../manifests/reconcile.ts'
import { Problem } from '../problems.ts'
import { present } from '../runtime/present.ts'
import type { ExecutorChange } from '../state/commands.ts'
import type { ExecutorOrder } from '../state/executor-commands.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import { checkExecutorUrl } from './executor-url.ts'
import type { Handlers } from './handlers.ts'
import { executorAt, serviceAt } from './lookup.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { optionalInstant, timeText } from './times.ts'

type Operations =
  | 'listExecutors'
  | 'getExecutor'
  | 'putExecutor'
  | 'deleteExecutor'
  | 'drainExecutor'
  | 'heartbeatExecutor'
  | 'onlineExecutor'
  | 'offlineExecutor'
  | 'pollExecutor'

/** Executors of a service, at most: their weights are summed, their list is planned over. */
export const EXECUTORS_MAX = 10_000
/** How long a poll hangs that says nothing of it, in milliseconds. */
const POLL_WAIT_MS = 25_000

const BY_ID: Order<Executor> = { name: 'executors:ss', key: ({ id }) => [id, ''] }

export function executorHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  function view(path: Path) {
    const { executor, service } = executorAt(state(), path)
    return { body: executorView(state(), service, executor), headers: etag(executor.version) }
  }

  function save(service: Service, id: string, body: ExecutorDefinition, condition: { ifVersion?: number }) {
    const target = { at: clock.now(), service: service.uid, id, ...condition }
    const change = changeOf(body, state().executors.get(service.uid)?.get(id))
    if (body.bootId === undefined) return submit(context, { kind: 'executor-put', ...target, change })
    const { url, weight, slots, labels } = change
    const said = { url, weight, slots, labels, boot: body.bootId, manifest: manifestOf(body) }
    return submit(context, { kind: 'executor-register', ...target, ...said })
  }

  async function order({ path, header, query }: Ordered, wanted: ExecutorOrder) {
    const { service, executor } = executorAt(state(), path)
    const condition = { ...ifVersion(header), ...ifBoot(query) }
    const target = { service: service.uid, id: executor.id, ...condition }
    await submit(context, { kind: 'executor-order', at: clock.now(), ...target, order: wanted })
    return { status: 200 as const, ...view(path) }
  }

  /** What only the answer to a registration says. One that was refused is looked at again when an executor starts with it. */
  function registered(seen: ExecutorView, { manifest: sent }: ExecutorDefinition) {
    const { leaseTtlMs, heartbeatMs } = context.executors
    return { leaseTtlMs, heartbeatMs, ...(isWanted(seen) && !sent ? { needManifest: true } : {}) }
  }

  return {
    async listExecutors({ path, query }) {
      const service = serviceAt(state(), path)
      const executors = state().executors.get(service.uid)?.values() ?? []
      const page = await pageOf(executors, () => true, BY_ID, query)
      const heard = await context.executors.heard(page.items)
      return {
        status: 200,
        body: { ...page, items: page.items.map((one) => executorView(state(), service, one, heard.get(one.id))) },
      }
    },

    async getExecutor({ path }) {
      const { executor, service } = executorAt(state(), path)
      const heard = await context.executors.heard([executor])
      const body = executorView(state(), service, executor, heard.get(executor.id))
      return { status: 200, body, headers: etag(executor.version) }
    },

    async putExecutor({ path, header, body, principal }) {
      const service = serviceAt(state(), path)
      const executors = state().executors.get(service.uid)
      const old = executors?.get(path.executor)
      refuseAbsent(header, old !== undefined, `executor ${path.executor}`)
      if (body.url === PULL_URL) refusePulling(body)
      else checkExecutorUrl(context, service, body.url)
      refuseListing(principal, body)
      if (!old && (executors?.size ?? 0) >= EXECUTORS_MAX) {
        throw new Problem('invalid-executor', `service ${service.name} has ${EXECUTORS_MAX} executors already`)
      }
      // Another process wants its id: it may have gone without a word.
      if (old?.status === 'online' && body.bootId !== undefined && old.bootId !== body.bootId) doubtOf(context, old)
      if (body.manifest && body.manifestHash !== undefined) checkHash(body.manifest, body.manifestHash)
      await save(service, path.executor, body, ifVersion(header))
      // Thousands of one program may send the same: one of them is read.
      if (body.manifest && isWanted(view(path).body)) {
        const by = `executor:${service.name}/${path.executor}`
        await reconcile(context, service, body.manifest, { by, isService: true })
      }
      const seen = view(path)
      const made =
        body.bootId === undefined ? seen : { ...seen, body: { ...seen.body, ...registered(seen.body, body) } }
      if (old) return { status: 200, ...made }
      const location = `/v1/namespaces/${path.namespace}/services/${path.service}/executors/${path.executor}`
      return { status: 201, ...made, headers: { ...made.headers, location } }
    },

    async deleteExecutor({ path, header, query }) {
      const { service, executor } = executorAt(state(), path)
      const at = clock.now()
      await submit(context, {
        kind: 'executor-delete',
        at,
        service: service.uid,
        id: executor.id,
        ...ifVersion(header),
        ...ifBoot(query),
      })
      return { status: 204 }
    },

    async heartbeatExecutor({ path, body }) {
      const { uid } = serviceAt(state(), path)
      const clockSays = optionalInstant(body.clock, '/clock')
      const { bootId, state: says, inFlight, manifestHash } = body
      const { leaseTtlMs, heartbeatMs } = context.executors
      const answer = await context.executors.beat({
        service: uid,
        id: path.executor,
        boot: bootId,
        state: says,
        inFlight,
        ...present({ clock: clockSays, manifestHash }),
      })
      return { status: 200, body: { answer, leaseTtlMs, heartbeatMs } }
    },

    async pollExecutor({ path, body, request }) {
      const { bootId: boot, waitMs = POLL_WAIT_MS } = body
      const { namespace, service, executor: id } = path
      const clockSays = optionalInstant(body.clock, '/clock')
      const said = present({ clock: clockSays, manifestHash: body.manifestHash })
      const asked = { namespace, service, id, boot, state: body.state, inFlight: body.inFlight, waitMs, ...said }
      const { leaseTtlMs, heartbeatMs } = context.executors
      const { answer, calls } = await context.executors.poll(asked, request.signal())
      return { status: 200, body: { answer, leaseTtlMs, heartbeatMs, calls } }
    },

    drainExecutor: (call) => order(call, 'draining'),

    offlineExecutor: ({ path, header }) => order({ path, header, query: {} }, 'offline'),

    onlineExecutor: ({ path, header }) => order({ path, header, query: {} }, 'online'),
  }
}

interface Path {
  namespace: string
  service: string
  executor: string
}

interface Ordered {
  path: Path
  header: Parameters<typeof ifVersion>[0]
  query: { bootId?: string }
}

/** A token that is for registering lists nobody who would get work without a proof. */
function refuseListing({ scope }: Principal, { bootId }: ExecutorDefinition): void {
  if (bootId !== undefined || !scope.startsWith('service:')) return
  throw new Problem('forbidden', 'A token of a service registers executors, which have a `bootId`; a person lists them')
}

/** Nobody but the process itself can say that it polls. */
function refusePulling({ bootId }: ExecutorDefinition): void {
  if (bootId !== undefined) return
  const detail = 'an executor that polls registers itself, with a `bootId`; a person lists those that have a URL'
  throw new Problem('invalid-executor', undefined, [{ pointer: '/url', detail }])
}

function doubtOf({ executors }: ApiContext, executor: Executor): void {
  if (executor.kind === 'registered' && !pulls(executor)) executors.doubt(new URL(executor.url).origin)
}

/** Which process has to have the id, where the caller says so. */
function ifBoot({ bootId }: { bootId?: string }): { boot?: string } {
  return bootId === undefined ? {} : { boot: bootId }
}

function isWanted({ manifest }: ExecutorView): boolean {
  return manifest?.status === 'unknown' || manifest?.status === 'manifest-refused'
}

/** What is called by a hash has to have it. */
function checkHash(manifest: NonNullable<ExecutorDefinition['manifest']>, said: string): void {
  const hash = manifestHash(manifest)
  if (hash === said) return
  const detail = `is not the SHA-256 of the canonical JSON of the manifest, ${hash}`
  throw new Problem('invalid-executor', undefined, [{ pointer: '/manifestHash', detail }])
}

function manifestOf({ revision, handlers, manifestHash }: ExecutorDefinition): ExecutorManifest {
  return present({ revision, handlers: handlers?.map(({ name }) => name), hash: manifestHash })
}

function changeOf(definition: ExecutorDefinition, old: Executor | undefined): ExecutorChange {
  return {
    kind: 'static',
    url: definition.url === PULL_URL ? PULL_URL : new URL(definition.url).href,
    weight: definition.weight ?? 1,
    slots: definition.slots ?? (definition.url === PULL_URL ? PULL_SLOTS : 0),
    labels: definition.labels ?? {},
    status: old && old.kind === 'static' ? old.status : 'online',
  }
}

function executorView(state: State, service: Service, executor: Executor, heard?: Heard): ExecutorView {
  const { manifest } = executor
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
    ...present({
      bootId: executor.bootId,
      revision: manifest?.revision,
      handlers: manifest?.handlers?.map((name) => ({ name })),
      manifestHash: manifest?.hash,
      manifest: verdictOn(state, executor),
      heartbeat: heard && heartbeatView(heard),
    }),
    breaker: executor.breaker?.state ?? 'closed',
    ...(executor.breaker?.state === 'open' ? { openUntil: timeText(executor.breaker.until) } : {}),
    ...(executor.health === undefined ? {} : { health: executor.health }),
  }
}

function heartbeatView({ at, inFlight, skewMs }: Heard): NonNullable<ExecutorView['heartbeat']> {
  return { at: timeText(at), inFlight, ...(skewMs === undefined ? {} : { clockSkewMs: skewMs }) }
}

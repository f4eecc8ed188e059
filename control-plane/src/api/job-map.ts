import type { JobMap, MapExecutor, MapNamespace, MapService } from '@cronclave/openapi'
import { readsNamespace } from '../auth/scopes.ts'
import type { Executor, Service } from '../discovery/executor.ts'
import { Problem } from '../problems.ts'
import { OWN_URL } from '../state/executors.ts'
import type { Namespace, State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { labelFilter } from './label-filter.ts'
import { namespaceNamed } from './lookup.ts'
import { type Cell, cellKey, type MapRuns, mapRuns, mapRunView } from './map-runs.ts'
import { timeText } from './times.ts'

/** Shards that a map names when its reader asks for no number. */
const RUNS = 2000
/** Executors that a map shows at most. */
const EXECUTORS_MAX = 2000

type Slots = JobMap['slots']

export function jobMapHandlers({ state, clock }: ApiContext): Pick<Handlers, 'getJobMap'> {
  return {
    async getJobMap({ query, principal }) {
      const namespaces = namespacesOf(state(), query.namespace, (name) => readsNamespace(principal.scope, name))
      const labels = labelFilter(query.label)
      const limit = query.limit ?? RUNS
      const runs = await mapRuns(state(), {
        namespaces: new Set(namespaces.map(({ uid }) => uid)),
        names: ({ name, spec }) => (query.job === undefined || name === query.job) && labels(spec.labels),
        ...(query.state && query.state.length > 0 ? { states: query.state } : {}),
        limit,
      })
      const drawing = new Drawing(state(), runs, limit)
      const drawn = namespaces.map((namespace) => drawing.namespace(namespace, query.service))
      return { status: 200, body: { now: timeText(clock.now()), ...drawing.sums(drawn), namespaces: drawn } }
    },
  }
}

type Query = Call<'getJobMap'>['query']

function namespacesOf(state: State, asked: Query['namespace'], reads: (name: string) => boolean): Namespace[] {
  if (asked === undefined) {
    const all = [...state.namespaces.values()].filter(({ name }) => reads(name))
    return all.sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  if (!reads(asked)) throw new Problem('forbidden', 'the credential does not read this namespace')
  return [namespaceNamed(state, asked)]
}

/** Draws the map from the top to the bottom: what is drawn first gets the room there is for runs and executors. */
class Drawing {
  readonly #state: State
  readonly #runs: MapRuns
  #runsLeft: number
  #executorsLeft = EXECUTORS_MAX
  #named = 0
  #matching = 0

  constructor(state: State, runs: MapRuns, limit: number) {
    this.#state = state
    this.#runs = runs
    this.#runsLeft = limit
  }

  namespace(namespace: Namespace, only: string | undefined): MapNamespace {
    const services = [...this.#state.services.values()]
      .filter((service) => service.namespace === namespace.uid && (only === undefined || service.name === only))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((service) => this.#service(namespace, service))
    const own = only === undefined ? this.#ownUrls(namespace) : undefined
    if (own) services.push(own)
    const { running, waiting } = total(services)
    return { name: namespace.name, slots: slotsOf(namespace.slots, namespace.held), running, waiting, services }
  }

  sums(namespaces: readonly MapNamespace[]): Pick<JobMap, 'slots' | 'running' | 'waiting' | 'named' | 'more'> {
    const slots = namespaces.reduce((sum, one) => sum + one.slots.slots, 0)
    const held = namespaces.reduce((sum, one) => sum + one.slots.held, 0)
    return {
      slots: slotsOf(slots, held),
      ...total(namespaces),
      named: this.#named,
      more: this.#matching - this.#named,
    }
  }

  #service(namespace: Namespace, service: Service): MapService {
    const executors = [...(this.#state.executors.get(service.uid)?.values() ?? [])]
    executors.sort((a, b) => (a.id < b.id ? -1 : 1))
    const shown = executors.slice(0, this.#executorsLeft)
    this.#executorsLeft -= shown.length
    let running = 0
    for (const { id } of executors) running += this.#held(namespace, service, id)?.count ?? 0
    const drawn = shown.map((executor) => this.#executor(namespace, service, executor))
    const queue = this.#runs.waiting.get(cellKey(namespace.uid, service.uid))
    return {
      name: service.name,
      slots: sumOf(executors),
      running,
      waiting: queue?.count ?? 0,
      executors: drawn,
      moreExecutors: executors.length - shown.length,
      ...this.#name(queue),
    }
  }

  #executor(namespace: Namespace, service: Service, executor: Executor): MapExecutor {
    const { id, status, breaker, health, weight } = executor
    return {
      id,
      status,
      ...(breaker?.state === 'open' ? { openUntil: timeText(breaker.until) } : {}),
      ...(health === undefined ? {} : { health }),
      weight,
      slots: slotsOf(executor.slots, executor.held),
      ...this.#name(this.#held(namespace, service, id)),
    }
  }

  /** Targets with a URL of their own take slots of the namespace only. */
  #ownUrls(namespace: Namespace): MapService | undefined {
    const held = this.#runs.held.get(cellKey(namespace.uid, undefined, OWN_URL))
    const queue = this.#runs.waiting.get(cellKey(namespace.uid, undefined))
    if (!held && !queue) return undefined
    const slots = { slots: 0, held: held?.count ?? 0 }
    const executors: MapExecutor[] = held ? [{ id: OWN_URL, status: 'online', slots, ...this.#name(held) }] : []
    return {
      slots,
      running: held?.count ?? 0,
      waiting: queue?.count ?? 0,
      executors,
      moreExecutors: 0,
      ...this.#name(queue),
    }
  }

  #held(namespace: Namespace, service: Service, executor: string): Cell | undefined {
    return this.#runs.held.get(cellKey(namespace.uid, service.uid, executor))
  }

  #name(cell: Cell | undefined): Pick<MapExecutor, 'runs' | 'more'> {
    const runs = (cell?.runs ?? []).slice(0, this.#runsLeft).map(mapRunView)
    this.#runsLeft -= runs.length
    this.#named += runs.length
    this.#matching += cell?.matching ?? 0
    return { runs, more: (cell?.count ?? 0) - runs.length }
  }
}

function slotsOf(slots: number, held: number): Slots {
  return slots === 0 ? { slots, held } : { slots, held, free: Math.max(0, slots - held) }
}

/** Of a service: what its online executors have together; no limit when one of them has none. */
function sumOf(executors: readonly Executor[]): Slots {
  const online = executors.filter(({ status }) => status === 'online')
  const held = executors.reduce((sum, executor) => sum + executor.held, 0)
  if (online.length === 0 || online.some(({ slots }) => slots === 0)) return { slots: 0, held }
  const slots = online.reduce((sum, executor) => sum + executor.slots, 0)
  return { slots, held, free: online.reduce((sum, executor) => sum + Math.max(0, executor.slots - executor.held), 0) }
}

function total(parts: readonly { running: number; waiting: number }[]): { running: number; waiting: number } {
  return {
    running: parts.reduce((sum, part) => sum + part.running, 0),
    waiting: parts.reduce((sum, part) => sum + part.waiting, 0),
  }
}

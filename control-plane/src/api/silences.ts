import type { SilenceDefinition } from '@cronclave/openapi'
import type { Silence } from '../alerts/rule.ts'
import { type Fault, Problem } from '../problems.ts'
import { parseDuration } from '../runtime/duration.ts'
import type { Millis } from '../runtime/clock.ts'
import { findAlertRule } from '../state/alert-rules.ts'
import { findJob } from '../state/jobs.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import { silenceView } from './alert-views.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { optionalInstant } from './times.ts'

type Operations =
  | 'listSilences'
  | 'createSilence'
  | 'deleteSilence'
  | 'listClusterSilences'
  | 'createClusterSilence'
  | 'deleteClusterSilence'

/** Longest that a silence may be ahead. */
const AHEAD_MS_MAX = 366 * 86_400_000
const NEWEST: Order<Silence> = { name: 'silences:ss', key: ({ id }) => [id, ''], descending: true }

/** When nobody is told: silences of a namespace and, under no namespace, those over the whole cluster. */
export function silenceHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  async function list(namespace: number, query: Call<'listSilences'>['query']) {
    const now = clock.now()
    const matches = (silence: Silence) => silence.namespace === namespace && silence.until > now
    const page = await pageOf(state().silences.values(), matches, NEWEST, query)
    return { status: 200 as const, body: { ...page, items: page.items.map((one) => silenceView(state(), one)) } }
  }

  async function create(namespace: number, base: string, body: SilenceDefinition, by: string) {
    const at = clock.now()
    const faults: Fault[] = []
    const match = matchOf(state(), namespace, body.match ?? {}, faults)
    const { from, until } = timesOf(body, at, faults)
    if (faults.length > 0) throw new Problem('invalid-silence', undefined, faults)
    const { reason } = body
    const made = await submit(context, { kind: 'silence-put', at, namespace, match, from, until, reason, by })
    const silence = state().silences.get(made.silence ?? '')
    if (!silence) throw new Problem('silence-not-found', 'it was ended meanwhile')
    const location = `${base}/silences/${silence.id}`
    return { status: 201 as const, body: silenceView(state(), silence), headers: { location } }
  }

  async function remove(namespace: number, id: string) {
    if (state().silences.get(id)?.namespace !== namespace)
      throw new Problem('silence-not-found', `there is no silence ${id}`)
    await submit(context, { kind: 'silence-delete', at: clock.now(), silence: id })
    return { status: 204 as const }
  }

  const within = (name: string) => namespaceNamed(state(), name).uid
  return {
    listSilences: ({ path, query }) => list(within(path.namespace), query),
    listClusterSilences: ({ query }) => list(0, query),
    createSilence: ({ path, body, principal }) =>
      create(within(path.namespace), `/v1/namespaces/${path.namespace}`, body, principal.name),
    createClusterSilence: ({ body, principal }) => create(0, '/v1', body, principal.name),
    deleteSilence: ({ path }) => remove(within(path.namespace), path.silence),
    deleteClusterSilence: ({ path }) => remove(0, path.silence),
  }
}

function matchOf(
  state: State,
  namespace: number,
  { rule, job, service, node }: NonNullable<SilenceDefinition['match']>,
  faults: Fault[],
): Silence['match'] {
  const match: Silence['match'] = {}
  const found = (name: 'rule' | 'job' | 'service', what: string, uid: number | undefined) => {
    if (uid === undefined) faults.push({ pointer: `/match/${name}`, detail: `there is no ${name} ${what}` })
    else match[name] = uid
  }
  if (rule !== undefined) found('rule', rule, findAlertRule(state, namespace, rule)?.uid)
  for (const [name, value] of [['job', job] as const, ['service', service] as const]) {
    if (value === undefined) continue
    if (namespace === 0) faults.push({ pointer: `/match/${name}`, detail: 'is for silences of a namespace' })
    else found(name, value, (name === 'job' ? findJob : findService)(state, namespace, value)?.uid)
  }
  if (node === undefined) return match
  const member = [...state.members.values()].find(({ id, name }) => id === node || name === node)
  if (namespace !== 0) faults.push({ pointer: '/match/node', detail: 'is for silences of the cluster' })
  else if (member) match.node = member.id
  else faults.push({ pointer: '/match/node', detail: `there is no member ${node}` })
  return match
}

function timesOf(body: SilenceDefinition, now: Millis, faults: Fault[]): { from: Millis; until: Millis } {
  const fault = (pointer: string, detail: string) => void faults.push({ pointer, detail })
  const from = optionalInstant(body.from, '/from') ?? now
  const until = optionalInstant(body.until, '/until')
  const forMs = body.for === undefined ? undefined : parseDuration(body.for)
  if ((until === undefined) === (forMs === undefined)) fault('/until', 'or for is needed, and only one of them')
  const end = until ?? from + (forMs ?? 0)
  if (end <= from || end <= now) fault(until === undefined ? '/for' : '/until', 'is over before it begins')
  else if (end > now + AHEAD_MS_MAX) fault(until === undefined ? '/for' : '/until', 'is more than 366 d ahead')
  return { from, until: end }
}

import type { AlertRuleDefinition as RuleBody } from '@cronclave/openapi'
import { advisedRules } from '../alerts/advised.ts'
import { describeCondition, readCondition, SERVICE_KINDS, SYSTEM_KINDS } from '../alerts/condition-definition.ts'
import type { AlertCondition, AlertRule, AlertScope } from '../alerts/rule.ts'
import { Fields } from '../jobs/fields.ts'
import { type Fault, Problem } from '../problems.ts'
import { findAlertRule } from '../state/alert-rules.ts'
import { findChannel } from '../state/channels.ts'
import type { AlertRuleChange } from '../state/alert-commands.ts'
import { findJob } from '../state/jobs.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import { CLUSTER_PREFIX, ruleView } from './alert-views.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { alertRuleAt, namespaceNamed } from './lookup.ts'
import { nameInPath } from './names.ts'
import { etag, ifVersion, ifVersionOrNew, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'

type Operations =
  | 'listAlertRules'
  | 'getAlertRule'
  | 'putAlertRule'
  | 'deleteAlertRule'
  | 'listClusterAlertRules'
  | 'getClusterAlertRule'
  | 'putClusterAlertRule'
  | 'deleteClusterAlertRule'

const BY_NAME: Order<AlertRule> = { name: 'rules:ss', key: ({ name }) => [name, ''] }
const REPEAT = { min: 60_000, max: 31 * 86_400_000 }

/** What people are told of: rules of a namespace and, under no namespace, those of the cluster. */
export function alertRuleHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  async function list(namespace: number, query: Call<'listAlertRules'>['query']) {
    const wanted = query.name?.toLowerCase() ?? ''
    const matches = (rule: AlertRule) => rule.namespace === namespace && rule.name.toLowerCase().includes(wanted)
    const page = await pageOf(state().alertRules.values(), matches, BY_NAME, query)
    const firing = firingBy(state(), namespace)
    const items = page.items.map((rule) => ruleView(state(), rule, firing.get(rule.uid) ?? 0))
    return { status: 200 as const, body: { ...page, items } }
  }

  function shown(rule: AlertRule) {
    const firing = firingBy(state(), rule.namespace).get(rule.uid) ?? 0
    return { body: ruleView(state(), rule, firing), headers: etag(rule.version) }
  }

  async function put(namespace: number, name: string, { header, body, principal }: Putting) {
    const change = changeOf(state(), namespace, body)
    const old = findAlertRule(state(), namespace, name)
    refuseAbsent(header, old !== undefined, `alert rule ${name}`)
    const by = principal.name
    const at = clock.now()
    const condition = ifVersionOrNew(header, old !== undefined, `alert rule ${name}`)
    await submit(context, { kind: 'alert-rule-put', at, namespace, name, change, by, ...condition })
    const made = findAlertRule(state(), namespace, name)
    if (!made) throw new Problem('alert-rule-not-found', 'it was deleted meanwhile')
    return { isNew: !old, ...shown(made) }
  }

  async function remove({ uid }: AlertRule, header: { 'If-Match'?: string }) {
    await submit(context, { kind: 'alert-rule-delete', at: clock.now(), rule: uid, ...ifVersion(header) })
    return { status: 204 as const }
  }

  const at = (path: { namespace?: string; rule: string }) => alertRuleAt(state(), path)
  const within = (name: string) => namespaceNamed(state(), name).uid
  return {
    listAlertRules: ({ path, query }) => list(within(path.namespace), query),
    async listClusterAlertRules({ query }) {
      const { status, body } = await list(0, query)
      const advised = advisedRules(state().alertRules.values()).map(({ name, condition }) => ({
        name,
        condition: describeCondition(condition),
      }))
      return { status, body: query.cursor !== undefined || advised.length === 0 ? body : { ...body, advised } }
    },
    getAlertRule: ({ path }) => ({ status: 200, ...shown(at(path)) }),
    getClusterAlertRule: ({ path }) => ({ status: 200, ...shown(at(path)) }),
    async putAlertRule(call) {
      const name = nameInPath(call.body.name, call.path.rule)
      const { isNew, ...made } = await put(within(call.path.namespace), name, call)
      if (!isNew) return { status: 200, ...made }
      const location = `/v1/namespaces/${call.path.namespace}/alert-rules/${name}`
      return { status: 201, ...made, headers: { ...made.headers, location } }
    },
    async putClusterAlertRule(call) {
      const name = nameInPath(call.body.name, call.path.rule)
      const { isNew, ...made } = await put(0, name, call)
      if (!isNew) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: `/v1/alert-rules/${name}` } }
    },
    deleteAlertRule: ({ path, header }) => remove(at(path), header),
    deleteClusterAlertRule: ({ path, header }) => remove(at(path), header),
  }
}

type Putting = Pick<Call<'putAlertRule'>, 'header' | 'body' | 'principal'>

/** Alerts that go on, by rule. */
function firingBy({ alertIndex, episodes }: State, namespace: number): Map<number, number> {
  const firing = new Map<number, number>()
  for (const id of alertIndex.open.values()) {
    const episode = episodes.get(id)
    if (episode?.namespace === namespace) firing.set(episode.rule, (firing.get(episode.rule) ?? 0) + 1)
  }
  return firing
}

function changeOf(state: State, namespace: number, body: RuleBody): AlertRuleChange {
  const faults: Fault[] = []
  const condition = readCondition(body.condition, '/condition', faults)
  const scope = scopeOf(state, namespace, body.scope ?? {}, faults)
  if (condition && scope) judgeScope(condition, scope, faults)
  const channels = channelsOf(state, namespace, body.channels ?? [], faults)
  const fields = new Fields(body, '', faults)
  const repeatMs = fields.duration('repeatEvery', REPEAT)
  if (faults.length > 0 || !condition || !scope) throw new Problem('invalid-alert-rule', undefined, faults)
  return {
    scope,
    condition,
    channels,
    notifyResolved: body.notifyResolved ?? true,
    ...(repeatMs === undefined ? {} : { repeatMs }),
    enabled: body.enabled ?? true,
  }
}

function scopeOf(
  state: State,
  namespace: number,
  { namespace: name, service, job }: NonNullable<RuleBody['scope']>,
  faults: Fault[],
): AlertScope | undefined {
  const fault = (pointer: string, detail: string) => void faults.push({ pointer: `/scope${pointer}`, detail })
  if (namespace !== 0 && name !== undefined) return fault('/namespace', 'is for rules of the cluster')
  if (service !== undefined && job !== undefined) return fault('/service', 'is given beside job: take one')
  const uid = namespace === 0 && name !== undefined ? state.namespaceNames.get(name) : namespace
  if (uid === undefined) return fault('/namespace', `there is no namespace ${name}`)
  if (uid === 0) {
    if (service === undefined && job === undefined) return { kind: 'cluster' }
    return fault('/namespace', 'is needed to find it')
  }
  if (service !== undefined) {
    const found = findService(state, uid, service)
    return found
      ? { kind: 'service', namespace: uid, service: found.uid }
      : fault('/service', `there is no service ${service}`)
  }
  if (job === undefined) return { kind: 'namespace', namespace: uid }
  const found = findJob(state, uid, job)
  return found ? { kind: 'job', namespace: uid, job: found.uid } : fault('/job', `there is no job ${job}`)
}

function judgeScope({ kind }: AlertCondition, scope: AlertScope, faults: Fault[]): void {
  if (SYSTEM_KINDS.has(kind) && scope.kind !== 'cluster')
    faults.push({ pointer: '/condition/kind', detail: `${kind} is about the cluster: make it a rule of the cluster` })
  if (SERVICE_KINDS.has(kind) && scope.kind === 'job')
    faults.push({ pointer: '/scope/job', detail: `${kind} is about executors: name a service, or none` })
}

function channelsOf(state: State, namespace: number, names: readonly string[], faults: Fault[]): number[] {
  const uids: number[] = []
  for (const [place, name] of names.entries()) {
    const ofCluster = name.startsWith(CLUSTER_PREFIX)
    const channel = ofCluster
      ? findChannel(state, 0, name.slice(CLUSTER_PREFIX.length))
      : findChannel(state, namespace, name)
    if (channel) uids.push(channel.uid)
    else faults.push({ pointer: `/channels/${place}`, detail: `there is no channel ${name}` })
  }
  return [...new Set(uids)]
}

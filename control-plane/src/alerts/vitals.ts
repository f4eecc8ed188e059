import type { Executor } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import type { NodeAlarmCode } from '../cluster/alarms.ts'
import type { Leaderless, Said } from '../cluster/node-report.ts'
import type { SinkGap } from '../logs/sink.ts'
import type { State } from '../state/state.ts'
import type { AlertSubject } from './episode.ts'
import type { AlertRule, AlertScope } from './rule.ts'

/** Something that a rule finds wrong at the moment. */
export interface Wrong {
  subject: AlertSubject
  summary: string
  /** Since when, where the state says so; otherwise whoever looks has to measure it. */
  since?: Millis
  /** The instant that makes it a new one, though the last has just been told of. */
  instant?: Millis
  /** The run that is slow. */
  run?: string
}

/** What nodes say of themselves; one that does not answer is left out. */
export interface NodeVitals {
  node: string
  alarms: { code: NodeAlarmCode; detail: string }[]
  certificates: { name: string; endsAt: Millis }[]
  leaderless?: Leaderless
  /** What it told channels by itself. */
  said?: readonly Said[]
}

export type Vitals = ReadonlyMap<string, NodeVitals>

/** Kinds that need what nodes say of themselves. */
export const ASKS_NODES: ReadonlySet<AlertRule['condition']['kind']> = new Set([
  'disk-full',
  'clock-skew',
  'certificate-ends',
  'no-leader',
])

const ALARMS: Record<'disk-full' | 'clock-skew', readonly NodeAlarmCode[]> = {
  'disk-full': ['disk-full'],
  'clock-skew': ['clock-skewed', 'firing-paused'],
}

/** How long a sink that has a gap is watched before that is over, in milliseconds. */
const GAP_MS = 60_000

/** What is looked at for all rules together. */
interface Look {
  state: State
  vitals: Vitals
  now: Millis
  /** Uids of services by namespace. */
  servicesOf: ReadonlyMap<number, number[]>
}

export function lookAt(state: State, vitals: Vitals, now: Millis): Look {
  const servicesOf = new Map<number, number[]>()
  for (const { uid, namespace } of state.services.values()) {
    const its = servicesOf.get(namespace)
    if (its) its.push(uid)
    else servicesOf.set(namespace, [uid])
  }
  return { state, vitals, now, servicesOf }
}

/** What is wrong by a rule now; undefined for rules that something else finds. */
export function wrongs(rule: AlertRule, look: Look): Wrong[] | undefined {
  const { condition } = rule
  const { state, vitals, now } = look
  switch (condition.kind) {
    case 'executor-gone':
      return executorsIn(look, rule.scope).flatMap((executor) => executorWrong(state, executor) ?? [])
    case 'service-gone':
      return servicesIn(look, rule.scope).flatMap((uid) => serviceWrong(state, uid) ?? [])
    case 'node-gone':
      return [...state.members.values()]
        .filter(({ id, joinedAt }) => joinedAt !== undefined && state.nodes.get(id)?.down === true)
        .map(({ id, name }) => ({ subject: { kind: 'node', id, name }, summary: `Node ${name} is not heard of.` }))
    case 'sink-gone':
      return [...state.sinks.values()].flatMap(({ uid, name, paused, trouble }) =>
        paused || !trouble
          ? []
          : [
              {
                subject: { kind: 'sink' as const, id: String(uid), name },
                summary: `Nothing can be delivered to sink ${name}: ${trouble.error}`,
                since: trouble.since,
              },
            ],
      )
    case 'sink-gap':
      return sinkGaps(rule, state, now)
    case 'channel-failing':
      return [...state.channels.values()].flatMap(({ uid, name, trouble }) =>
        trouble
          ? [
              {
                subject: { kind: 'channel' as const, id: String(uid), name },
                summary: `Nothing can be delivered by channel ${name}: ${trouble.error}`,
                since: trouble.since,
              },
            ]
          : [],
      )
    case 'disk-full':
    case 'clock-skew':
      return nodeAlarms(ALARMS[condition.kind], state, vitals)
    case 'certificate-ends':
      return certificatesEnding(condition.beforeMs, state, vitals, now)
    case 'token-ends':
      return tokensEnding(condition.beforeMs, state, now)
    default:
      return undefined
  }
}

/** Whether the thing that an alert is about is there no more. */
export function isGone(state: State, { kind, id }: AlertSubject): boolean {
  switch (kind) {
    case 'job':
      return !state.jobs.has(Number(id))
    case 'service':
      return !state.services.has(Number(id))
    case 'executor': {
      const slash = id.indexOf('/')
      return state.executors.get(Number(id.slice(0, slash)))?.has(id.slice(slash + 1)) !== true
    }
    case 'node':
      return !state.members.has(id)
    case 'certificate':
      return !state.members.has(id.slice(0, id.indexOf('/')))
    case 'sink':
      return !state.sinks.has(Number(id))
    case 'channel':
      return !state.channels.has(Number(id))
    case 'token':
      return !state.tokens.has(id)
    case 'cluster':
      return false
  }
}

function servicesIn({ state, servicesOf }: Look, scope: AlertScope): readonly number[] {
  if (scope.kind === 'service') return [scope.service]
  return scope.kind === 'namespace' ? (servicesOf.get(scope.namespace) ?? []) : [...state.services.keys()]
}

function executorsIn(look: Look, scope: AlertScope): Executor[] {
  return servicesIn(look, scope).flatMap((uid) => [...(look.state.executors.get(uid)?.values() ?? [])])
}

function executorWrong(state: State, executor: Executor): Wrong | undefined {
  const why = whyGone(executor)
  if (why === undefined) return undefined
  const { id, service, namespace, expired, updatedAt } = executor
  const of = state.services.get(service)?.name ?? ''
  const subject: AlertSubject = { kind: 'executor', id: `${service}/${id}`, name: id, ...nameOf(state, namespace) }
  return { subject, summary: `Executor ${id} of service ${of} ${why}.`, ...(expired ? { since: updatedAt } : {}) }
}

/** One that was taken out of service, or is about to leave, is as it should be; one that went by itself is not. */
function whyGone({ status, expired, health, breaker }: Executor): string | undefined {
  if (expired) return 'is not heard of any more'
  if (status === 'offline' || status === 'draining') return undefined
  if (status === 'suspect') return 'does not answer'
  if (health !== undefined) return 'is not well'
  return breaker === undefined ? undefined : 'cannot be reached'
}

function serviceWrong(state: State, uid: number): Wrong | undefined {
  const service = state.services.get(uid)
  if (!service) return undefined
  for (const { status, weight, health, breaker } of state.executors.get(uid)?.values() ?? [])
    if (status === 'online' && weight > 0 && health === undefined && breaker === undefined) return undefined
  const { name, namespace } = service
  const subject: AlertSubject = { kind: 'service', id: String(uid), name, ...nameOf(state, namespace) }
  return { subject, summary: `Service ${name} has no executor that may be called.` }
}

export function isInScope(
  state: Pick<State, 'serviceNames'>,
  scope: AlertScope,
  job: { uid: number; namespace: number; spec: { target: { service?: string } } },
): boolean {
  if (scope.kind === 'cluster') return true
  if (scope.kind === 'job') return job.uid === scope.job
  if (job.namespace !== scope.namespace) return false
  return (
    scope.kind === 'namespace' ||
    state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) === scope.service
  )
}

function sinkGaps({ since }: AlertRule, state: State, now: Millis): Wrong[] {
  return [...state.sinks.values()].flatMap(({ uid, name, gaps, trouble }): Wrong[] => {
    const newest = newestOf(gaps)
    if (!newest || newest.at <= since || (!trouble && newest.at + GAP_MS <= now)) return []
    const summary = `${newest.count} rows left the ledger before sink ${name} got them.`
    return [{ subject: { kind: 'sink', id: String(uid), name }, summary, since: newest.at, instant: newest.at }]
  })
}

/** They are in the order of their rows, not of when those went. */
function newestOf(gaps: readonly SinkGap[]): SinkGap | undefined {
  let newest: SinkGap | undefined
  for (const gap of gaps) if (!newest || gap.at >= newest.at) newest = gap
  return newest
}

function nodeAlarms(codes: readonly NodeAlarmCode[], state: State, vitals: Vitals): Wrong[] {
  return [...vitals.values()].flatMap(({ node, alarms }): Wrong[] => {
    const alarm = alarms.find(({ code }) => codes.includes(code))
    if (!alarm) return []
    const name = state.members.get(node)?.name ?? node
    return [{ subject: { kind: 'node', id: node, name }, summary: `Node ${name}: ${alarm.detail}` }]
  })
}

function certificatesEnding(beforeMs: number, state: State, vitals: Vitals, now: Millis): Wrong[] {
  return [...vitals.values()].flatMap(({ node, certificates }): Wrong[] =>
    certificates
      .filter(({ endsAt }) => endsAt - now <= beforeMs)
      .map(({ name, endsAt }) => ({
        subject: {
          kind: 'certificate',
          id: `${node}/${name}`,
          name: `${name} of ${state.members.get(node)?.name ?? node}`,
        },
        summary: `The certificate ${name} ${endsAt > now ? 'ends' : 'ended'} at ${new Date(endsAt).toISOString()}.`,
      })),
  )
}

function tokensEnding(beforeMs: number, state: State, now: Millis): Wrong[] {
  return [...state.tokens.values()].flatMap(({ id, name, expiresAt }): Wrong[] => {
    if (expiresAt === undefined || expiresAt - now > beforeMs) return []
    const when = `${expiresAt > now ? 'ends' : 'ended'} at ${new Date(expiresAt).toISOString()}`
    return [{ subject: { kind: 'token', id, name }, summary: `The token ${name} ${when}.` }]
  })
}

function nameOf({ namespaces }: State, uid: number): { namespace?: string } {
  const name = namespaces.get(uid)?.name
  return name === undefined ? {} : { namespace: name }
}

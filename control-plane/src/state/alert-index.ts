import { type AlertMessage, type Episode, watchKey } from '../alerts/episode.ts'
import type { AlertCondition, AlertRule } from '../alerts/rule.ts'
import type { Job } from '../jobs/job.ts'
import type { State } from './state.ts'

/** What an entry may bring about that rules wait for. Other conditions are observed by the leader. */
export type Moment = 'ended' | 'skipped' | 'started' | 'stopped' | 'answered'

/** Rules that wait for one thing, by what they watch; each list by uid. */
export interface RuleSet {
  everywhere: AlertRule[]
  namespaces: Map<number, AlertRule[]>
  services: Map<number, AlertRule[]>
  jobs: Map<number, AlertRule[]>
}

export interface AlertIndex {
  /** `<namespace uid>/<name>` to uid. */
  ruleNames: Map<string, number>
  channelNames: Map<string, number>
  /** Absent where nothing is waited for: what is not configured costs one look. */
  moments: { [moment in Moment]?: RuleSet }
  /** `watchKey` to the id of the episode that is open. */
  open: Map<string, string>
  /** `<kind>/<id>` of a subject to the `watchKey`s of its open episodes. */
  about: Map<string, Set<string>>
  /** By namespace: how many are open, and the ids of those that are over, the oldest first. */
  episodes: Map<number, { open: number; over: Set<string> }>
  /** By channel: its messages, the oldest first. */
  messages: Map<number, Set<number>>
}

const MOMENTS: { [kind in AlertCondition['kind']]?: readonly Moment[] } = {
  'run-ended': ['ended'],
  'failures-in-row': ['ended'],
  missed: ['skipped', 'started'],
  'not-started': ['started'],
  'not-finished': ['ended'],
  slow: ['ended'],
  late: ['started'],
  stopped: ['stopped'],
  'signature-refused': ['answered'],
}

export function emptyAlertIndex(): AlertIndex {
  return {
    ruleNames: new Map(),
    channelNames: new Map(),
    moments: {},
    open: new Map(),
    about: new Map(),
    episodes: new Map(),
    messages: new Map(),
  }
}

/** Sorts the rules anew, after one of them came, went or changed. */
export function indexRules(state: Pick<State, 'alertRules' | 'alertIndex'>): void {
  const index = state.alertIndex
  index.ruleNames.clear()
  index.moments = {}
  for (const rule of state.alertRules.values()) {
    index.ruleNames.set(`${rule.namespace}/${rule.name}`, rule.uid)
    if (!rule.enabled) continue
    for (const moment of MOMENTS[rule.condition.kind] ?? []) {
      index.moments[moment] ??= { everywhere: [], namespaces: new Map(), services: new Map(), jobs: new Map() }
      enter(index.moments[moment], rule)
    }
  }
}

function enter(set: RuleSet, rule: AlertRule): void {
  const { scope } = rule
  if (scope.kind === 'cluster') set.everywhere.push(rule)
  else if (scope.kind === 'namespace') add(set.namespaces, scope.namespace, rule)
  else if (scope.kind === 'service') add(set.services, scope.service, rule)
  else add(set.jobs, scope.job, rule)
}

function add(lists: Map<number, AlertRule[]>, uid: number, rule: AlertRule): void {
  const list = lists.get(uid)
  if (list) list.push(rule)
  else lists.set(uid, [rule])
}

const NONE: readonly AlertRule[] = []

/** The rules of a set that watch a job. */
export function rulesOn(set: RuleSet, state: State, job: Job): readonly AlertRule[] {
  const inNamespace = set.namespaces.get(job.namespace)
  const onJob = set.jobs.get(job.uid)
  const { service } = job.spec.target
  const onService =
    set.services.size === 0 || service === undefined
      ? undefined
      : set.services.get(state.serviceNames.get(`${job.namespace}/${service}`) ?? -1)
  if (!inNamespace && !onJob && !onService) return set.everywhere
  return [...set.everywhere, ...(inNamespace ?? NONE), ...(onService ?? NONE), ...(onJob ?? NONE)]
}

/** Notes an episode that begins, or that is loaded. */
export function enterEpisode(index: AlertIndex, episode: Episode): void {
  const its = ofNamespace(index, episode.namespace)
  if (episode.state === 'resolved') {
    its.over.add(episode.id)
    return
  }
  const { kind, id } = episode.subject
  const key = watchKey(episode.rule, kind, id)
  its.open += 1
  index.open.set(key, episode.id)
  const about = index.about.get(`${kind}/${id}`)
  if (about) about.add(key)
  else index.about.set(`${kind}/${id}`, new Set([key]))
}

/** Notes that an episode is over. */
export function endEpisode(index: AlertIndex, episode: Episode): void {
  const its = ofNamespace(index, episode.namespace)
  const { kind, id } = episode.subject
  const key = watchKey(episode.rule, kind, id)
  its.open -= 1
  its.over.add(episode.id)
  index.open.delete(key)
  const about = index.about.get(`${kind}/${id}`)
  about?.delete(key)
  if (about?.size === 0) index.about.delete(`${kind}/${id}`)
}

export function ofNamespace(index: AlertIndex, namespace: number): { open: number; over: Set<string> } {
  const known = index.episodes.get(namespace)
  if (known) return known
  const fresh = { open: 0, over: new Set<string>() }
  index.episodes.set(namespace, fresh)
  return fresh
}

/** Whether an alert that was told under this key is over and recorded. Looks at all of the namespace: rarely asked. */
export function isRecorded(
  { alertIndex, episodes }: Pick<State, 'alertIndex' | 'episodes'>,
  namespace: number,
  key: string,
): boolean {
  for (const id of ofNamespace(alertIndex, namespace).over) if (episodes.get(id)?.key === key) return true
  return false
}

export function enterMessage(index: AlertIndex, { id, channel }: AlertMessage): void {
  const ids = index.messages.get(channel)
  if (ids) ids.add(id)
  else index.messages.set(channel, new Set([id]))
}

import { watchKey } from '../alerts/episode.ts'
import {
  type AlertRule,
  type AlertScope,
  RULE_CHANNELS_MAX,
  RULES_MAX,
  RULES_OF_NAMESPACE_MAX,
} from '../alerts/rule.ts'
import { indexRules } from './alert-index.ts'
import { stopsNow } from './alert-outcomes.ts'
import { forgetFewTallies, forgetTallies, forgetTally } from './alert-tallies.ts'
import { forgetChannels } from './channels.ts'
import type { CommandOf } from './commands.ts'
import { resolve } from './episodes.ts'
import { forgetSilences } from './silences.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

export function findAlertRule(state: State, namespace: number, name: string): AlertRule | undefined {
  return state.alertRules.get(state.alertIndex.ruleNames.get(`${namespace}/${name}`) ?? -1)
}

/**
 * Creates a rule or replaces it. What fires goes on while the rule watches the same for the same; when that changes, or
 * it is disabled, its episodes are closed and nobody is told.
 */
export function putAlertRule(turn: Turn, command: CommandOf<'alert-rule-put'>): Answer {
  const { state } = turn
  const { namespace, name, change } = command
  if (namespace !== 0 && !state.namespaces.has(namespace))
    return refuse('namespace-not-found', 'the namespace has gone')
  const old = findAlertRule(state, namespace, name)
  const fault = versionFault(old, command.ifVersion, `alert rule ${name}`)
  if (fault) return fault
  if (!old && isFull(state, namespace)) return refuse('alerts-full', 'there are too many rules already: delete some')
  const wrong = scopeFault(state, namespace, change.scope) ?? channelFault(state, namespace, change.channels)
  if (wrong !== undefined) return refuse('invalid-alert-rule', `alert rule ${name} ${wrong}`)
  const watches = (rule: Pick<AlertRule, 'scope' | 'condition' | 'enabled'>) =>
    JSON.stringify([rule.scope, rule.condition, rule.enabled])
  const isSame = old !== undefined && watches(old) === watches(change)
  if (old && !isSame) forgetWatched(turn, [old])
  const rule: AlertRule = {
    uid: old?.uid ?? turn.index,
    name,
    namespace,
    scope: change.scope,
    condition: change.condition,
    channels: change.channels,
    notifyResolved: change.notifyResolved,
    ...(change.repeatMs === undefined ? {} : { repeatMs: change.repeatMs }),
    enabled: change.enabled,
    since: isSame ? old.since : turn.at,
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? turn.at,
    updatedAt: turn.at,
    createdBy: old?.createdBy ?? command.by,
  }
  state.alertRules.set(rule.uid, rule)
  indexRules(state)
  ruleChanged(turn, rule.uid)
  if (!isSame) stopsNow(turn, rule)
  return { uid: rule.uid, version: rule.version }
}

export function deleteAlertRule(turn: Turn, command: CommandOf<'alert-rule-delete'>): Answer {
  const rule = turn.state.alertRules.get(command.rule)
  if (!rule) return refuse('alert-rule-not-found', 'the alert rule has gone')
  const fault = versionFault(rule, command.ifVersion, `alert rule ${rule.name}`)
  if (fault) return fault
  forgetRules(turn, [rule])
  return { uid: rule.uid }
}

/** A rule ends with what it watches. */
export function forgetRulesOn(turn: Turn, kind: 'job' | 'service', uid: number): void {
  const its: AlertRule[] = []
  for (const rule of turn.state.alertRules.values()) {
    const { scope } = rule
    if (scope.kind === kind && (scope.kind === 'job' ? scope.job : scope.service) === uid) its.push(rule)
  }
  forgetRules(turn, its)
}

/** Rules, channels, silences and episodes of a namespace that has gone, and the cluster's rules on it. */
export function forgetAlerting(turn: Turn, namespace: number): void {
  const { state, changes } = turn
  const isOfIt = ({ namespace: of, scope }: AlertRule) =>
    of === namespace || (scope.kind !== 'cluster' && scope.namespace === namespace)
  forgetRules(turn, [...state.alertRules.values()].filter(isOfIt))
  forgetChannels(turn, namespace)
  forgetSilences(turn, namespace)
  for (const id of state.alertIndex.episodes.get(namespace)?.over ?? []) {
    state.episodes.delete(id)
    changes.push({ kind: 'episode', id })
  }
  state.alertIndex.episodes.delete(namespace)
}

function forgetRules(turn: Turn, rules: readonly AlertRule[]): void {
  if (rules.length === 0) return
  forgetWatched(turn, rules, forgetFewTallies)
  for (const { uid } of rules) {
    turn.state.alertRules.delete(uid)
    ruleChanged(turn, uid)
  }
  indexRules(turn.state)
}

/** Closes what is open of rules and forgets what they remember. */
function forgetWatched(turn: Turn, rules: readonly AlertRule[], forget = forgetTallies): void {
  const { alertIndex, episodes } = turn.state
  const wide = new Set(rules.map(({ uid }) => uid))
  for (const [key, id] of [...alertIndex.open]) {
    const episode = episodes.get(id)
    if (episode && wide.has(episode.rule)) resolve(turn, key, 'rule-changed')
  }
  for (const { uid, scope } of rules) {
    if (scope.kind !== 'job') continue
    forgetTally(turn, watchKey(uid, 'job', String(scope.job)))
    wide.delete(uid)
  }
  if (wide.size > 0) forget(turn, wide)
}

function scopeFault(state: State, namespace: number, scope: AlertScope): string | undefined {
  if (scope.kind === 'cluster') return namespace === 0 ? undefined : 'watches more than its namespace'
  if (namespace !== 0 && scope.namespace !== namespace) return 'watches another namespace'
  if (!state.namespaces.has(scope.namespace)) return 'watches a namespace that does not exist'
  if (scope.kind === 'service' && state.services.get(scope.service)?.namespace !== scope.namespace)
    return 'watches a service that does not exist'
  if (scope.kind === 'job' && state.jobs.get(scope.job)?.namespace !== scope.namespace)
    return 'watches a job that does not exist'
  return undefined
}

function channelFault({ channels }: State, namespace: number, uids: readonly number[]): string | undefined {
  if (uids.length > RULE_CHANNELS_MAX) return `names more than ${RULE_CHANNELS_MAX} channels`
  for (const uid of uids) {
    const channel = channels.get(uid)
    if (!channel || (channel.namespace !== 0 && channel.namespace !== namespace))
      return 'names a channel that does not exist'
  }
  return undefined
}

function isFull({ alertRules }: State, namespace: number): boolean {
  let its = 0
  for (const rule of alertRules.values()) if (rule.namespace === namespace) its += 1
  return its >= RULES_OF_NAMESPACE_MAX || alertRules.size >= RULES_MAX
}

function ruleChanged({ changes, events }: Turn, uid: number): void {
  changes.push({ kind: 'alert-rule', id: uid })
  events.push({ type: 'definitions-changed', what: 'alerting' })
}

import type {
  Alert as AlertView,
  AlertMessage as MessageView,
  AlertRule as RuleView,
  AlertScope as ScopeView,
  Channel as ChannelView,
  Silence as SilenceView,
} from '@cronclave/openapi'
import type { Channel } from '../alerts/channel.ts'
import { openedSecret } from '../alerts/channels/secret.ts'
import { describeCondition } from '../alerts/condition-definition.ts'
import type { AlertMessage, Episode } from '../alerts/episode.ts'
import type { AlertRule, AlertScope, Silence } from '../alerts/rule.ts'
import { formatDuration } from '../runtime/duration.ts'
import { present } from '../runtime/present.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import { timeText } from './times.ts'

/** What is written before the name of a channel of the cluster where a namespace names it. */
export const CLUSTER_PREFIX = 'cluster/'

export function channelView({ state, sealer }: Pick<ApiContext, 'state' | 'sealer'>, channel: Channel): ChannelView {
  const { window, trouble, secret } = channel
  let open = 0
  for (const id of state().alertIndex.messages.get(channel.uid) ?? [])
    if (state().alertMessages.get(id)?.state === 'open') open += 1
  return {
    uid: channel.uid,
    ...namespaceOf(state(), channel.namespace),
    name: channel.name,
    target: channel.target,
    secrets: Object.keys(openedSecret(sealer, secret) ?? {}) as ChannelView['secrets'],
    messagesMax: channel.messagesMax,
    window: formatDuration(channel.windowMs),
    ...present({ template: channel.template }),
    open,
    ...(window === undefined ? {} : { heldBack: window.firing + window.resolved }),
    ...(trouble === undefined ? {} : { trouble: { since: timeText(trouble.since), error: trouble.error } }),
    version: channel.version,
    createdAt: timeText(channel.createdAt),
    updatedAt: timeText(channel.updatedAt),
    createdBy: channel.createdBy,
  }
}

export function messageView(state: State, message: AlertMessage, namespace: number): MessageView {
  const { about, nextAt, endedAt } = message
  const isAbove = namespace !== 0 && state.channels.get(message.channel)?.namespace === 0
  // What servers say names recipients and hosts, which are the cluster's affair where the channel is.
  const error = isAbove ? undefined : message.error
  const told =
    about.kind === 'test'
      ? { by: about.by }
      : about.kind === 'summary'
        ? {
            firing: about.firing,
            resolved: about.resolved,
            alerts: about.episodes,
            from: timeText(about.from),
            to: timeText(about.to),
          }
        : { alert: about.episode }
  return {
    id: message.id,
    ...present({ channel: channelName(state, message.channel, namespace) }),
    kind: about.kind,
    ...told,
    at: timeText(message.at),
    state: message.state,
    attempts: message.attempts,
    ...(nextAt === undefined ? {} : { nextAt: timeText(nextAt) }),
    ...(endedAt === undefined ? {} : { endedAt: timeText(endedAt) }),
    ...present({ error }),
  }
}

export function ruleView(state: State, rule: AlertRule, firing: number): RuleView {
  return {
    uid: rule.uid,
    ...namespaceOf(state, rule.namespace),
    name: rule.name,
    scope: scopeView(state, rule.scope, rule.namespace),
    condition: describeCondition(rule.condition),
    channels: rule.channels.flatMap((uid) => channelName(state, uid, rule.namespace) ?? []),
    notifyResolved: rule.notifyResolved,
    ...(rule.repeatMs === undefined ? {} : { repeatEvery: formatDuration(rule.repeatMs) }),
    enabled: rule.enabled,
    firing,
    version: rule.version,
    createdAt: timeText(rule.createdAt),
    updatedAt: timeText(rule.updatedAt),
    createdBy: rule.createdBy,
  }
}

export function alertView(state: State, episode: Episode): AlertView {
  const { resolvedAt, closed, run, lastRun, silenced, toldAt } = episode
  return {
    id: episode.id,
    ...namespaceOf(state, episode.namespace),
    rule: episode.ruleName,
    ruleUid: episode.rule,
    subject: episode.subject,
    state: episode.state,
    since: timeText(episode.since),
    ...(resolvedAt === undefined ? {} : { resolvedAt: timeText(resolvedAt) }),
    ...present({ closed }),
    count: episode.count,
    lastAt: timeText(episode.lastAt),
    summary: episode.summary,
    ...present({ run, lastRun, silence: silenced }),
    ...(toldAt === undefined ? {} : { toldAt: timeText(toldAt) }),
  }
}

export function silenceView(state: State, silence: Silence): SilenceView {
  const { rule, job, service, node } = silence.match
  return {
    id: silence.id,
    ...namespaceOf(state, silence.namespace),
    match: present({
      rule: nameOf(state.alertRules, rule),
      job: nameOf(state.jobs, job),
      service: nameOf(state.services, service),
      node: node === undefined ? undefined : (state.members.get(node)?.name ?? node),
    }),
    from: timeText(silence.from),
    until: timeText(silence.until),
    reason: silence.reason,
    createdBy: silence.createdBy,
  }
}

function channelName(state: State, uid: number, namespace: number): string | undefined {
  const channel = state.channels.get(uid)
  if (!channel) return undefined
  return channel.namespace === 0 && namespace !== 0 ? CLUSTER_PREFIX + channel.name : channel.name
}

function scopeView(state: State, scope: AlertScope, namespace: number): ScopeView {
  if (scope.kind === 'cluster') return {}
  const above = namespace === 0 ? namespaceOf(state, scope.namespace) : {}
  if (scope.kind === 'service') return { ...above, ...present({ service: nameOf(state.services, scope.service) }) }
  if (scope.kind === 'job') return { ...above, ...present({ job: nameOf(state.jobs, scope.job) }) }
  return above
}

function namespaceOf(state: State, uid: number): { namespace?: string } {
  return present({ namespace: nameOf(state.namespaces, uid) })
}

/** What has gone since is named by its number. */
function nameOf(those: ReadonlyMap<number, { name: string }>, uid: number | undefined): string | undefined {
  if (uid === undefined || uid === 0) return undefined
  return those.get(uid)?.name ?? String(uid)
}

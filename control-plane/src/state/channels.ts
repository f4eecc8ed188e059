import { type Channel, CHANNELS_MAX, CHANNELS_OF_NAMESPACE_MAX } from '../alerts/channel.ts'
import { forgetMessages } from './alert-messages.ts'
import type { CommandOf } from './commands.ts'
import { closeSubject } from './episodes.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Rules that a refusal names. */
const NAMED_MAX = 5

export function findChannel(state: State, namespace: number, name: string): Channel | undefined {
  return state.channels.get(state.alertIndex.channelNames.get(`${namespace}/${name}`) ?? -1)
}

export function putChannel(turn: Turn, command: CommandOf<'channel-put'>): Answer {
  const { state } = turn
  const { namespace, name, change } = command
  if (namespace !== 0 && !state.namespaces.has(namespace))
    return refuse('namespace-not-found', 'the namespace has gone')
  const old = findChannel(state, namespace, name)
  const fault = versionFault(old, command.ifVersion, `channel ${name}`)
  if (fault) return fault
  if (!old && isFull(state, namespace)) return refuse('alerts-full', 'there are too many channels already: delete some')
  const isSameKind = old?.target.kind === change.target.kind
  const secret = change.secret === undefined && isSameKind ? old?.secret : (change.secret ?? undefined)
  const channel: Channel = {
    uid: old?.uid ?? turn.index,
    name,
    namespace,
    target: change.target,
    messagesMax: change.messagesMax,
    windowMs: change.windowMs,
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? turn.at,
    updatedAt: turn.at,
    createdBy: old?.createdBy ?? command.by,
  }
  if (secret) channel.secret = secret
  if (change.template) channel.template = change.template
  if (old?.window) channel.window = old.window
  // Whether it can be reached now is found out with the next message.
  state.channels.set(channel.uid, channel)
  state.alertIndex.channelNames.set(`${namespace}/${name}`, channel.uid)
  channelChanged(turn, channel.uid)
  return { uid: channel.uid, version: channel.version }
}

/** Deletes a channel that no rule names, with its messages. */
export function deleteChannel(turn: Turn, command: CommandOf<'channel-delete'>): Answer {
  const channel = turn.state.channels.get(command.channel)
  if (!channel) return refuse('channel-not-found', 'the channel has gone')
  const fault = versionFault(channel, command.ifVersion, `channel ${channel.name}`)
  if (fault) return fault
  const users = [...turn.state.alertRules.values()].filter(({ channels }) => channels.includes(channel.uid))
  if (users.length > 0) {
    const names = users.slice(0, NAMED_MAX).map(({ name }) => name)
    return refuse('in-use', `alert rule ${names.join(', ')} tells channel ${channel.name}`)
  }
  forgetChannel(turn, channel)
  return { uid: channel.uid }
}

/** Forgets the channels of a namespace that has gone. */
export function forgetChannels(turn: Turn, namespace: number): void {
  for (const channel of turn.state.channels.values()) if (channel.namespace === namespace) forgetChannel(turn, channel)
}

function forgetChannel(turn: Turn, { uid, namespace, name }: Channel): void {
  forgetMessages(turn, uid)
  turn.state.channels.delete(uid)
  turn.state.alertIndex.channelNames.delete(`${namespace}/${name}`)
  channelChanged(turn, uid)
  closeSubject(turn, 'channel', String(uid))
}

function isFull({ channels }: State, namespace: number): boolean {
  let its = 0
  for (const channel of channels.values()) if (channel.namespace === namespace) its += 1
  return its >= CHANNELS_OF_NAMESPACE_MAX || channels.size >= CHANNELS_MAX
}

function channelChanged({ changes, events }: Turn, uid: number): void {
  changes.push({ kind: 'channel', id: uid })
  events.push({ type: 'definitions-changed', what: 'alerting' })
}

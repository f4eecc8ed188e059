import type { Channel } from '../alerts/channel.ts'
import {
  type AlertMessage,
  MESSAGE_KEPT_MS,
  MESSAGES_MAX,
  SUMMARY_EPISODES_MAX,
  SUMMARY_MAX,
} from '../alerts/episode.ts'
import { cut } from '../alerts/cut.ts'
import { enterMessage } from './alert-index.ts'
import type { CommandOf } from './commands.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

type About = AlertMessage['about']
type Told = Extract<About, { episode: string }>

/** Messages that are forgotten when one is made, at most. */
const FORGOTTEN_MAX = 8

/** Tells a channel of an episode by a rule of `namespace`, or puts it off to the summary where it has had enough for now. */
export function tell(turn: Turn, uid: number, about: Told, namespace: number): void {
  const channel = turn.state.channels.get(uid)
  if (!channel) return
  if (hasRoom(turn, channel) && leavesRoom(channel, namespace)) {
    makeMessage(turn, channel, about)
    noteShare(channel, namespace)
  } else if (about.kind !== 'repeated') putOff(turn, channel, about.kind, about.episode)
}

/** Counts something for the next summary of a channel of which there is no record. */
export function countOnly(turn: Turn, uid: number): void {
  const channel = turn.state.channels.get(uid)
  if (!channel) return
  hasRoom(turn, channel)
  putOff(turn, channel, 'firing')
}

/** A message that says that a channel works. */
export function testChannel(turn: Turn, command: CommandOf<'channel-test'>): Answer {
  const channel = turn.state.channels.get(command.channel)
  if (!channel) return refuse('channel-not-found', 'the channel has gone')
  if (!hasRoom(turn, channel))
    return refuse('alerts-full', `channel ${channel.name} has had ${channel.messagesMax} messages within its window`)
  return { message: makeMessage(turn, channel, { kind: 'test', by: command.by }) }
}

/** Sums up what was put off, for channels whose window is over. */
export function sumUp(turn: Turn, command: CommandOf<'alert-summaries'>): Answer {
  for (const uid of command.channels) {
    const channel = turn.state.channels.get(uid)
    if (channel?.window && turn.at >= channel.window.from + channel.windowMs) beginWindow(turn, channel)
  }
  return {}
}

/** What came of sending messages: delivered, to be sent again, or given up. */
export function noteMessages(turn: Turn, command: CommandOf<'alert-messages-sent'>): Answer {
  for (const { message: id, error, nextAt, partly, left } of command.results) {
    const message = turn.state.alertMessages.get(id)
    if (message?.state !== 'open') continue
    const { left: leftBefore } = message
    message.attempts += 1
    const isDelivered = error === undefined || partly === true
    if (error === undefined) delete message.error
    else message.error = cut(error, SUMMARY_MAX)
    delete message.left
    if (isDelivered && left !== undefined && nextAt !== undefined) message.left = left
    if (nextAt !== undefined && (!isDelivered || message.left)) message.nextAt = nextAt
    else {
      message.state = isDelivered ? 'delivered' : 'failed'
      message.endedAt = turn.at
      delete message.nextAt
    }
    // That some do not get yet what others have says nothing of the channel.
    if (!leftBefore || error === undefined) noteTrouble(turn, message.channel, isDelivered ? undefined : message.error)
    turn.changes.push({ kind: 'alert-message', id })
    turn.events.push({ type: 'alert-message-due', message: id })
  }
  return {}
}

/** The messages to a channel about one episode, the oldest first. */
export function ofEpisode({ alertIndex, alertMessages }: State, channel: number, episode: string): number[] {
  return [...(alertIndex.messages.get(channel) ?? [])].filter((id) => {
    const about = alertMessages.get(id)?.about
    return about !== undefined && 'episode' in about && about.episode === episode
  })
}

/** Forgets a channel's messages with it. */
export function forgetMessages(turn: Turn, channel: number): void {
  for (const id of turn.state.alertIndex.messages.get(channel) ?? []) {
    turn.state.alertMessages.delete(id)
    turn.changes.push({ kind: 'alert-message', id })
  }
  turn.state.alertIndex.messages.delete(channel)
}

function noteTrouble({ state, at, changes }: Turn, uid: number, error: string | undefined): void {
  const channel = state.channels.get(uid)
  if (!channel || (error === undefined && !channel.trouble)) return
  if (error === undefined) delete channel.trouble
  else channel.trouble = { since: channel.trouble?.since ?? at, error }
  changes.push({ kind: 'channel', id: uid })
}

/** Whether a channel may be told now; what was put off within a window that is over is summed up first. */
function hasRoom(turn: Turn, channel: Channel): boolean {
  const { window } = channel
  if (!window || turn.at >= window.from + channel.windowMs) beginWindow(turn, channel)
  return (channel.window?.sent ?? 0) < channel.messagesMax
}

/**
 * Whether a namespace may have another message by a channel of the cluster: each leaves about half of what there is to
 * the others, and the last to the rules of the cluster itself.
 */
function leavesRoom({ namespace: of, messagesMax, window }: Channel, namespace: number): boolean {
  if (of === namespace || messagesMax === 1 || !window) return true
  return (window.shares?.[namespace] ?? 0) < messagesMax - window.sent - 1
}

function noteShare({ namespace: of, window }: Channel, namespace: number): void {
  if (of === namespace || !window) return
  window.shares = { ...window.shares, [namespace]: (window.shares?.[namespace] ?? 0) + 1 }
}

function beginWindow(turn: Turn, channel: Channel): void {
  const { window } = channel
  turn.changes.push({ kind: 'channel', id: channel.uid })
  const isOwed = window !== undefined && window.firing + window.resolved > 0
  channel.window = { from: turn.at, sent: 0, firing: 0, resolved: 0, episodes: [] }
  if (!isOwed) return
  const { firing, resolved, episodes, from } = window
  makeMessage(turn, channel, { kind: 'summary', firing, resolved, episodes, from, to: turn.at })
}

function putOff(turn: Turn, channel: Channel, kind: 'firing' | 'resolved', episode?: string): void {
  const { window } = channel
  if (!window) return
  if (window.firing + window.resolved === 0) turn.events.push({ type: 'alert-put-off', channel: channel.uid })
  window[kind] += 1
  if (episode !== undefined && window.episodes.length < SUMMARY_EPISODES_MAX && !window.episodes.includes(episode))
    window.episodes.push(episode)
  turn.changes.push({ kind: 'channel', id: channel.uid })
}

function makeMessage(turn: Turn, channel: Channel, about: About): number {
  const { state, at, changes, events } = turn
  state.alertSerial += 1
  const id = state.alertSerial
  const message: AlertMessage = { id, channel: channel.uid, about, at, state: 'open', attempts: 0, nextAt: at }
  forgetOld(turn, channel.uid)
  state.alertMessages.set(id, message)
  enterMessage(state.alertIndex, message)
  if (channel.window) channel.window.sent += 1
  changes.push({ kind: 'alert-message', id }, { kind: 'channel', id: channel.uid })
  events.push({ type: 'alert-message-due', message: id })
  return id
}

/** The oldest first: those that ended long ago, and any when there are too many. */
function forgetOld({ state, changes, at }: Turn, channel: number): void {
  const ids = state.alertIndex.messages.get(channel)
  let left = FORGOTTEN_MAX
  for (const id of ids ?? []) {
    const endedAt = state.alertMessages.get(id)?.endedAt
    const isOld = endedAt !== undefined && endedAt + MESSAGE_KEPT_MS <= at
    if (left-- === 0 || (!isOld && (ids?.size ?? 0) < MESSAGES_MAX)) return
    ids?.delete(id)
    state.alertMessages.delete(id)
    changes.push({ kind: 'alert-message', id })
  }
}

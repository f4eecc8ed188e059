import { cut } from '../alerts/cut.ts'
import {
  type AlertSubject,
  type Episode,
  EPISODE_KEPT_MS,
  EPISODES_KEPT_MAX,
  EPISODES_OPEN_MAX,
  SUMMARY_MAX,
  watchKey,
} from '../alerts/episode.ts'
import type { AlertRule } from '../alerts/rule.ts'
import type { Millis } from '../runtime/clock.ts'
import { wide } from '../store/key-number.ts'
import { endEpisode, enterEpisode, ofNamespace } from './alert-index.ts'
import { countOnly, tell } from './alert-messages.ts'
import type { CommandOf } from './commands.ts'
import { silenceOver } from './silences.ts'
import type { Answer, Turn } from './turn.ts'

/** Episodes that are forgotten when one ends, at most. */
const FORGOTTEN_MAX = 8

/** What a rule found. */
export interface Finding {
  summary: string
  run?: string
  /** Times that it happened. @default 1 */
  count?: number
  since?: Millis
  /** Under which channels were told of it before it was recorded. */
  key?: string
  /** They were told that it began, so also under a silence they are told that it is over. */
  isSaid?: boolean
  /** It is over already: told once, when it is resolved in the same entry. */
  isOver?: boolean
}

export function openEpisode({ state }: Pick<Turn, 'state'>, key: string): Episode | undefined {
  return state.episodes.get(state.alertIndex.open.get(key) ?? '')
}

/** A rule fires for a subject: an episode begins and its channels are told, or the one that goes on counts it. */
export function fire(turn: Turn, rule: AlertRule, subject: AlertSubject, found: Finding): void {
  const open = openEpisode(turn, watchKey(rule.uid, subject.kind, subject.id))
  if (open) again(turn, open, found)
  else begin(turn, rule, subject, found)
}

/** What was wrong is over, or is not watched any more; its channels are told if they were told of it. */
export function resolve(turn: Turn, key: string, closed?: Episode['closed'], until?: Millis): void {
  const { state } = turn
  const episode = openEpisode(turn, key)
  if (!episode) return
  state.alertSerial += 1
  episode.state = 'resolved'
  episode.resolvedAt = until ?? turn.at
  episode.order = state.alertSerial
  if (closed !== undefined) episode.closed = closed
  endEpisode(state.alertIndex, episode)
  episodeChanged(turn, episode)
  const rule = state.alertRules.get(episode.rule)
  const isWanted = rule?.notifyResolved === true || until !== undefined
  if (rule && isWanted && closed !== 'rule-changed' && episode.toldAt !== undefined)
    for (const channel of rule.channels) tell(turn, channel, { kind: 'resolved', episode: episode.id }, rule.namespace)
  forgetOld(turn, episode.namespace)
}

/** Ends everything that is open about something that has gone. */
export function closeSubject(turn: Turn, kind: AlertSubject['kind'], id: string): void {
  closeSubjectOf(turn, kind, id, () => true)
}

/** Ends what is open about something that some rules do not watch any more. */
export function closeSubjectOf(
  turn: Turn,
  kind: AlertSubject['kind'],
  id: string,
  isOf: (rule: number) => boolean,
): void {
  const keys = turn.state.alertIndex.about.get(`${kind}/${id}`)
  if (!keys) return
  // By rule: a node that was restarted may have them in another order.
  const sorted = [...keys].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  for (const key of sorted) if (isOf(Number.parseInt(key, 10))) resolve(turn, key, 'subject-gone')
}

/** Tells the channels again of what goes on, and for the first time of what outlived the silence that it began under. */
export function repeatAlerts(turn: Turn, command: CommandOf<'alerts-repeated'>): Answer {
  for (const id of command.episodes) {
    const episode = turn.state.episodes.get(id)
    const rule = episode && turn.state.alertRules.get(episode.rule)
    const kind = rule && dueAgain(turn, rule, episode)
    if (!kind) continue
    episode.toldAt = turn.at
    turn.changes.push({ kind: 'episode', id })
    for (const channel of rule.channels) tell(turn, channel, { kind, episode: id }, rule.namespace)
  }
  return {}
}

/** What the channels of a rule are to be told now of an episode that goes on. */
export function dueAgain(
  { state, at }: Pick<Turn, 'state' | 'at'>,
  rule: AlertRule,
  episode: Episode,
): 'firing' | 'repeated' | undefined {
  if (episode.state !== 'firing') return undefined
  const kind =
    episode.toldAt === undefined
      ? 'firing'
      : rule.repeatMs !== undefined && at >= episode.toldAt + rule.repeatMs
        ? 'repeated'
        : undefined
  return kind && !silenceOver(state, rule, episode.subject, at) ? kind : undefined
}

function begin(turn: Turn, rule: AlertRule, subject: AlertSubject, found: Finding): void {
  const { state, at } = turn
  const silence = found.isSaid === true ? undefined : silenceOver(state, rule, subject, at)
  if (ofNamespace(state.alertIndex, rule.namespace).open >= EPISODES_OPEN_MAX) {
    if (!silence) for (const channel of rule.channels) countOnly(turn, channel)
    return
  }
  state.alertSerial += 1
  const episode: Episode = {
    id: wide(state.alertSerial),
    rule: rule.uid,
    ruleName: rule.name,
    namespace: rule.namespace,
    subject,
    state: 'firing',
    since: Math.min(found.since ?? at, at),
    count: found.count ?? 1,
    lastAt: at,
    summary: cut(found.summary, SUMMARY_MAX),
  }
  if (found.run !== undefined) {
    episode.run = found.run
    episode.lastRun = found.run
  }
  if (found.key !== undefined) episode.key = found.key
  if (silence) episode.silenced = silence.id
  else episode.toldAt = at
  state.episodes.set(episode.id, episode)
  enterEpisode(state.alertIndex, episode)
  episodeChanged(turn, episode)
  if (!silence && found.isOver !== true)
    for (const channel of rule.channels) tell(turn, channel, { kind: 'firing', episode: episode.id }, rule.namespace)
}

/** One run counts once, however often it is found. */
function again(turn: Turn, episode: Episode, { run, count = 1 }: Finding): void {
  if (run !== undefined && run === episode.lastRun) return
  episode.count += count
  episode.lastAt = turn.at
  if (run !== undefined) episode.lastRun = run
  turn.changes.push({ kind: 'episode', id: episode.id })
}

function forgetOld({ state, changes, at }: Turn, namespace: number): void {
  const { over } = ofNamespace(state.alertIndex, namespace)
  let left = FORGOTTEN_MAX
  for (const id of over) {
    const endedAt = state.episodes.get(id)?.resolvedAt ?? 0
    if (left-- === 0 || (over.size <= EPISODES_KEPT_MAX && endedAt + EPISODE_KEPT_MS > at)) return
    over.delete(id)
    state.episodes.delete(id)
    changes.push({ kind: 'episode', id })
  }
}

function episodeChanged({ changes, events }: Turn, episode: Episode): void {
  changes.push({ kind: 'episode', id: episode.id })
  events.push({ type: 'alert-changed', episode: { ...episode } })
}

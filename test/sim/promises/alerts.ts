import { strict as assert } from 'node:assert'
import type { Channel } from '../../../control-plane/src/alerts/channel.ts'
import { type AlertMessage, type Episode, watchKey } from '../../../control-plane/src/alerts/episode.ts'
import type { AlertRule } from '../../../control-plane/src/alerts/rule.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { EndsUnderRules } from './ends-under-rules.ts'

/** How often a channel was to be told that something began, and that it was over. */
interface Told {
  firing: number
  resolved: number
}

/** Within so long after a window is over what was put off is summed up, in milliseconds. */
const SUMMED_UP_MS = 5000

/** How long what a leader saw may be on its way, in milliseconds. */
const LOOKED_MS = 2000

/** What is promised of alerts: what a rule says becomes one episode, and each channel is told of it once, or counts it. */
export class Alerts {
  readonly #ends = new EndsUnderRules()
  /** What channels were to be told, by what the episodes say. */
  readonly #owed = new Map<number, Told>()
  /** What became messages of their own, and what summaries say. */
  readonly #made = new Map<number, Told>()
  /** Of which episode some channel was told what, by channel, kind and episode. */
  readonly #of = new Set<string>()
  readonly #known = new Set<number>()
  readonly #episodes = new Set<string>()
  readonly #firing = new Set<string>()
  readonly #resolved = new Set<string>()
  /** The last window of each channel, and its messages. */
  readonly #windows = new Map<number, { from: number; sent: number }>()
  /** When each sink had a gap last: one that writes to another database has none any more. */
  readonly #gaps = new Map<number, number>()
  readonly counts = { episodes: 0, messages: 0, summaries: 0 }

  /** To be called with every entry. */
  check(applied: Applied, state: State): void {
    if (state.channels.size === 0) return
    this.#ends.check(applied, state)
    for (const { uid, gaps } of state.sinks.values()) if (gaps.length > 0) this.#gaps.set(uid, state.now)
    for (const change of applied.changes)
      if (change.kind === 'episode') this.#episode(state.episodes.get(change.id as string), state)
    for (const { kind, id } of applied.changes as { kind: string; id: unknown }[]) {
      const message = kind === 'alert-message' ? state.alertMessages.get(id as number) : undefined
      if (message === undefined || this.#known.has(message.id)) continue
      this.#known.add(message.id)
      this.#message(message, state)
    }
  }

  /** At any time: what channels were told, what summaries say and what waits for one is all there was to tell. */
  checkState(state: State): void {
    for (const { uid, name, window } of state.channels.values()) {
      const owed = tally(this.#owed, uid)
      const made = tally(this.#made, uid)
      for (const what of ['firing', 'resolved'] as const) {
        const sum = made[what] + (window?.[what] ?? 0)
        assert.equal(sum, owed[what], `${name} was told of ${what} or will be, in messages and in summaries`)
      }
    }
    this.#ends.checkState(state)
    for (const rule of state.alertRules.values()) {
      if (rule.condition.kind !== 'stopped') continue
      for (const { uid, name, state: stands, pausedWhy } of state.jobs.values()) {
        const isStopped = stands === 'quarantined' || (stands === 'paused' && pausedWhy !== undefined)
        const isOpen = state.alertIndex.open.has(`${rule.uid}/job/${uid}`)
        assert.equal(isOpen, isStopped, `${rule.name} fires for ${name} exactly while it is stopped`)
      }
    }
  }

  /** Why somebody is still to be told of what was so at an instant; undefined when nobody is. One may be left out. */
  left(state: State, by: number, but?: number): string | undefined {
    for (const { id, channel, state: stands, at } of state.alertMessages.values())
      if (stands === 'open' && at <= by && channel !== but) return `message ${id} to channel ${channel} was never sent`
    for (const { uid, name, window, windowMs } of state.channels.values()) {
      if (window === undefined || uid === but || window.firing + window.resolved === 0) continue
      if (window.from + windowMs + SUMMED_UP_MS < state.now) return `${name} was never told in sum`
    }
    return undefined
  }

  #episode(episode: Episode | undefined, state: State): void {
    const rule = episode && state.alertRules.get(episode.rule)
    if (episode === undefined || rule === undefined) return
    if (episode.toldAt !== undefined && !this.#firing.has(episode.id)) {
      this.#firing.add(episode.id)
      this.#owe(rule, 'firing')
    }
    if (!this.#episodes.has(episode.id)) {
      this.#episodes.add(episode.id)
      this.counts.episodes += 1
      isExplained(rule, episode, state)
      if (rule.condition.kind === 'sink-gap' && state.sinks.has(Number(episode.subject.id)))
        assert(
          state.now - (this.#gaps.get(Number(episode.subject.id)) ?? 0) < LOOKED_MS,
          `${episode.id}: there is a gap`,
        )
    }
    if (episode.state !== 'resolved' || this.#resolved.has(episode.id)) return
    this.#resolved.add(episode.id)
    if (episode.toldAt !== undefined && rule.notifyResolved && episode.closed !== 'rule-changed')
      this.#owe(rule, 'resolved')
  }

  #owe({ channels }: AlertRule, what: keyof Told): void {
    for (const channel of channels) tally(this.#owed, channel)[what] += 1
  }

  #message({ id, channel: uid, about, at }: AlertMessage, state: State): void {
    const channel = state.channels.get(uid)
    if (channel === undefined) return
    this.counts.messages += 1
    this.#isBounded(channel, at)
    const made = tally(this.#made, uid)
    if (about.kind === 'summary') {
      this.counts.summaries += 1
      made.firing += about.firing
      made.resolved += about.resolved
      const named = about.episodes.length
      assert(named <= about.firing + about.resolved, `message ${id} names no more episodes than it counts`)
      for (const episode of about.episodes) this.#of.add(`${uid}/summary/${episode}`)
      return
    }
    if (about.kind !== 'firing' && about.kind !== 'resolved') return
    made[about.kind] += 1
    const key = (kind: string) => `${uid}/${kind}/${about.episode}`
    assert(!this.#of.has(key(about.kind)), `${channel.name} is told once that ${about.episode} is ${about.kind}`)
    this.#of.add(key(about.kind))
    if (about.kind === 'firing') return
    const wasPutOff = this.#of.has(key('summary')) || channel.window?.episodes.includes(about.episode) === true
    assert(
      this.#of.has(key('firing')) || wasPutOff,
      `${channel.name} hears that ${about.episode} is over, and not that it began`,
    )
  }

  /** A window begins with the first message after the last one was over. */
  #isBounded({ uid, name, messagesMax, windowMs }: Channel, at: number): void {
    const known = this.#windows.get(uid)
    const window = known !== undefined && at < known.from + windowMs ? known : { from: at, sent: 0 }
    this.#windows.set(uid, window)
    window.sent += 1
    assert(window.sent <= messagesMax, `${name} gets no more messages than its window allows`)
  }
}

/** What an episode says of something is so as it begins, and nothing else says the same. */
function isExplained(
  { uid, name, condition }: AlertRule,
  { id, subject, run, state: stands }: Episode,
  state: State,
): void {
  const why = `episode ${id} of ${name} on ${subject.kind} ${subject.name}`
  if (subject.kind === 'job') assert(state.jobs.has(Number(subject.id)), `${why}: there is such a job`)
  if (['run-ended', 'slow', 'late'].includes(condition.kind)) assert(run !== undefined, `${why}: it names its run`)
  if (stands === 'firing')
    assert.equal(state.alertIndex.open.get(watchKey(uid, subject.kind, subject.id)), id, `${why}: it is the only one`)
}

function tally(of: Map<number, Told>, channel: number): Told {
  const known = of.get(channel) ?? { firing: 0, resolved: 0 }
  of.set(channel, known)
  return known
}

import type { Consensus, Leadership } from '../cluster/consensus.ts'
import { raftId } from '../cluster/member-id.ts'
import type { Network } from '../cluster/network.ts'
import type { Said } from '../cluster/node-report.ts'
import type { SealedSecret } from '../discovery/executor.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import { formatInstant } from '../runtime/instant.ts'
import { silenceOver } from '../state/silences.ts'
import type { State } from '../state/state.ts'
import type { AlertText, Channel, ChannelSender, LeftOver } from './channel.ts'
import { channelOnlyFor } from './left-over.ts'
import type { AlertRule } from './rule.ts'
import { cutOffKey, noLeaderKey, type SaidAlone } from './said.ts'

/** How often a node without a leader looks whether it is to say so, in milliseconds. */
const LOOK_MS = 1000
/** How long a voter may be silent and still be the one that says it, in milliseconds: elections are tried all the while. */
const ALIVE_MS = 10_000
/** How long one may be silent and still be thought to be within reach, in milliseconds: members are heard several times a second. */
const REACHED_MS = 3000
/** Times that a message is tried, at most, and how long apart, in milliseconds. */
const TRIES_MAX = 10
const AGAIN_MS = 30_000

type Saying = AlertText & Pick<Said, 'subject' | 'since'>

/** Tries so far, and when the next may be; over when that is infinite. */
interface Tried {
  count: number
  nextAt: number
  /** Recipients that have yet to take it, while others have. */
  left?: LeftOver | undefined
}

export interface LeaderlessWatchDeps {
  clock: Clock
  logger: { warn(fields: object, message: string): void }
  /** Id of this member. */
  node: string
  state(): State
  consensus: Pick<Consensus, 'membership'>
  network: Pick<Network, 'silence'>
  channels: Pick<ChannelSender, 'send'>
  said: Pick<SaidAlone, 'say' | 'end'>
  openSecret(sealed: SealedSecret): string
  /** Where people reach the dashboard. */
  baseUrl: string
}

/**
 * Says that there is no leader, while nobody can write that down: from what this node has applied, by the channels
 * themselves. Of the voters that reach each other the one with the lowest id does, once. It remembers that, and whoever
 * leads when it hears of a leader again asks for it, records it and says under the same key that it is over. Nodes that
 * are cut off from each other may each say it, under one id. One that reaches no majority cannot know whether the others
 * have a leader: it says that of itself.
 */
export class LeaderlessWatch {
  readonly #deps: LeaderlessWatchDeps
  /** Since when there is no leader, by the monotonic clock and by the wall clock. */
  #lost: { elapsed: number; at: Millis } | undefined
  /** By `<rule>/<channel>`. */
  readonly #tries = new Map<string, Tried>()
  #cancel: () => void = () => undefined
  #stopListening: () => void = () => undefined

  constructor(deps: LeaderlessWatchDeps) {
    this.#deps = deps
  }

  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    this.#stopListening = consensus.onLeadership((leadership) => this.#onLeadership(leadership))
    this.#onLeadership(consensus.leadership())
  }

  stop(): void {
    this.#stopListening()
    this.#retire()
  }

  #onLeadership({ leader }: Leadership): void {
    const { clock, said } = this.#deps
    if (leader !== undefined) {
      said.end(clock.now())
      return this.#retire()
    }
    if (this.#lost) return
    this.#lost = { elapsed: clock.monotonic(), at: clock.now() }
    this.#cancel = clock.after(LOOK_MS, this.#look)
  }

  #retire(): void {
    this.#cancel()
    this.#lost = undefined
    this.#tries.clear()
  }

  readonly #look = (): void => {
    const lost = this.#lost
    if (!lost) return
    const { clock, state } = this.#deps
    this.#cancel = clock.after(LOOK_MS, this.#look)
    const now = clock.monotonic()
    for (const rule of state().alertRules.values()) {
      const { condition, enabled, channels } = rule
      if (!enabled || condition.kind !== 'no-leader' || now - lost.elapsed < condition.forMs) continue
      if (!this.#speaks()) return
      const text = this.#textOf(rule, lost.at)
      if (silenceOver(state(), rule, text.subject, clock.now())) continue
      for (const uid of channels) {
        const channel = state().channels.get(uid)
        if (channel) this.#tell(rule.uid, channel, text, now)
      }
    }
  }

  #tell(rule: number, channel: Channel, text: Saying, now: number): void {
    const key = `${rule}/${channel.uid}`
    const { left, ...tried }: Tried = this.#tries.get(key) ?? { count: 0, nextAt: now }
    if (now < tried.nextAt) return
    // Over, unless it turns out that it may be tried again.
    const count = tried.count + 1
    this.#tries.set(key, { count, nextAt: Number.POSITIVE_INFINITY })
    const to = left ? channelOnlyFor(left, channel) : channel
    if (!to) return
    void this.#send(rule, to, text, (rest = left) => {
      if (this.#tries.get(key)?.count === count && count < TRIES_MAX)
        this.#tries.set(key, { count, nextAt: this.#deps.clock.monotonic() + AGAIN_MS, left: rest })
    })
  }

  async #send(rule: number, channel: Channel, text: Saying, again: (left?: LeftOver) => void): Promise<void> {
    const { channels, openSecret, logger, said } = this.#deps
    const { key, subject, since } = text
    try {
      said.say({ key, rule, subject, since })
      const secret = channel.secret === undefined ? undefined : openSecret(channel.secret)
      const sent = await channels.send(channel, secret, text)
      if (sent.kind === 'retry') again()
      if (sent.kind === 'partly' && sent.left) again(sent.left)
      if (sent.kind !== 'delivered')
        logger.warn({ channel: channel.name, error: sent.error }, 'that there is no leader could not be told')
    } catch (error) {
      logger.warn({ channel: channel.name, error: String(error) }, 'that there is no leader could not be told')
    }
  }

  /** Whether this node is the one to say it: a voter, and the first of those that it hears. */
  #speaks(): boolean {
    const { node } = this.#deps
    const { voters } = this.#deps.consensus.membership()
    return voters.includes(node) && !voters.some((id) => id < node && this.#hears(id, ALIVE_MS))
  }

  #hears(id: string, withinMs: number): boolean {
    return (this.#deps.network.silence(raftId(id)) ?? Number.POSITIVE_INFINITY) < withinMs
  }

  /** The voters that are not heard, when so few are that others may have a leader; else nobody. */
  #unreached(): string[] {
    const { node, consensus } = this.#deps
    const { voters } = consensus.membership()
    const silent = voters.filter((id) => id !== node && !this.#hears(id, REACHED_MS))
    return silent.length > voters.length / 2 ? silent : []
  }

  #textOf(rule: AlertRule, since: Millis): Saying {
    const { name } = rule
    const { state, node, baseUrl } = this.#deps
    const { cluster, members } = state()
    const named = (id: string) => members.get(id)?.name ?? id
    const self = named(node)
    const unreached = this.#unreached()
    const isCutOff = unreached.length > 0
    const others = unreached.map(named).join(', ')
    // That there is none is the same on every node that has applied what this one has.
    const key = isCutOff ? cutOffKey(state(), rule, node) : noLeaderKey(state(), rule)
    const noLeader = `Node ${self} has heard of no leader since ${formatInstant(since)}`
    return {
      id: `alert_${key}`.replace(/[^A-Za-z0-9_-]/g, '-'),
      cluster,
      key,
      kind: 'firing',
      title: isCutOff
        ? `Firing: node ${self} is cut off, or most others are down – ${name}`
        : `Firing: no leader – ${name}`,
      summary: isCutOff
        ? `${noLeader}, and does not reach ${others}. Where those reach each other the cluster goes on without it; where they are down nothing starts.`
        : `${noLeader}: without one nothing starts.`,
      rule: name,
      subject: isCutOff ? { kind: 'node', id: node, name: self } : { kind: 'cluster', id: cluster, name: 'cluster' },
      since,
      facts: [{ label: 'Said by', value: self }, ...(isCutOff ? [{ label: 'Does not reach', value: others }] : [])],
      link: baseUrl,
    }
  }
}

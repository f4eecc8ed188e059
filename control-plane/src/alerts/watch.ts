import type { Consensus, Leadership, Outcome } from '../cluster/consensus.ts'
import type { Leaderless } from '../cluster/node-report.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import { OBSERVATIONS_MAX } from '../state/alert-observed.ts'
import type { AlertObservation } from '../state/alert-commands.ts'
import type { Command } from '../state/commands.ts'
import { dueAgain } from '../state/episodes.ts'
import type { State } from '../state/state.ts'
import { DeadlineWatch, type EndedRuns } from './deadline-watch.ts'
import { type Episode, watchKey } from './episode.ts'
import { forMsOf, Patience } from './patience.ts'
import type { AlertRule } from './rule.ts'
import { noLeaderKey, saidObservations } from './said.ts'
import { slowRuns } from './slow-runs.ts'
import { TallySweep } from './tally-sweep.ts'
import { ASKS_NODES, isGone, lookAt, type NodeVitals, type Vitals, type Wrong, wrongs } from './vitals.ts'

/** How often the leader looks, in milliseconds. */
const LOOK_MS = 1000
/** How often nodes are asked how they are, in milliseconds. */
const ASK_MS = 10_000
/** Nodes hear of one leader within this time, in milliseconds, their clocks included. */
const SAME_MS = 10_000
/** Episodes of which channels are told again in one entry, at most. */
const REPEATS_MAX = 256

export interface AlertWatchDeps {
  clock: Clock
  logger: { warn(fields: object, message: string): void }
  state(): State
  propose(command: Command): Promise<Outcome>
  /** How nodes that answer say they are. */
  askNodes(): Promise<NodeVitals[]>
  ended: EndedRuns
  /** How long a new leader looks on before it says anything, in milliseconds: what it has not heard of may be well. */
  graceMs: number
}

/**
 * The leader's eye on what no entry tells of: executors and nodes that are gone, deadlines that pass, disks and clocks.
 * What it finds becomes an entry only when that changes something, so whoever leads next neither repeats nor forgets it.
 */
export class AlertWatch {
  readonly #deps: AlertWatchDeps
  readonly #patience = new Patience()
  readonly #deadlines: DeadlineWatch
  readonly #tallies: TallySweep
  #vitals: Vitals = new Map()
  #askedAt = Number.NEGATIVE_INFINITY
  #asking = false
  #working = false
  #since = 0
  /** The time without a leader that goes on, and the last one that is over. */
  #lost: Omit<Leaderless, 'until'> | undefined
  /** By rule, the keys under which others may have told of it since it began. */
  #lostKeys = new Map<number, string>()
  #leaderless: Leaderless | undefined
  #knew = false
  /** When this node took office, until it is recorded how long there was no leader before. */
  #tookOffice: Millis | undefined
  #cancel: (() => void) | undefined
  #stopListening: () => void = () => undefined

  constructor(deps: AlertWatchDeps) {
    this.#deps = deps
    this.#deadlines = new DeadlineWatch(deps)
    this.#tallies = new TallySweep(deps)
  }

  /** Looks whenever this node leads. */
  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    this.#stopListening = consensus.onLeadership((leadership) => this.#onLeadership(leadership))
    this.#onLeadership(consensus.leadership())
  }

  stop(): void {
    this.#stopListening()
    this.#retire()
  }

  /** The last time that this node had no leader. */
  get leaderless(): Leaderless | undefined {
    return this.#leaderless
  }

  #onLeadership({ leader, isLeader }: Leadership): void {
    const { clock } = this.#deps
    if (leader === undefined) {
      if (!this.#lost) this.#lostKeys = noLeaderKeys(this.#deps.state())
      this.#lost ??= { since: clock.now(), knew: this.#knew }
    } else {
      this.#knew = true
      if (this.#lost) {
        this.#leaderless = { ...this.#lost, until: clock.now() }
        if (isLeader) this.#tookOffice = clock.now()
      }
      this.#lost = undefined
    }
    if (!isLeader) return this.#retire()
    if (this.#cancel) return
    this.#since = clock.monotonic()
    this.#cancel = clock.after(LOOK_MS, this.#look)
  }

  #retire(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#tookOffice = undefined
    this.#vitals = new Map()
    this.#askedAt = Number.NEGATIVE_INFINITY
    this.#patience.clear()
    this.#deadlines.clear()
    this.#tallies.clear()
  }

  readonly #look = (): void => {
    this.#cancel = this.#deps.clock.after(LOOK_MS, this.#look)
    const { alertRules, alertTallies } = this.#deps.state()
    if (alertRules.size === 0) this.#tookOffice = undefined
    if (alertRules.size + alertTallies.size > 0 && !this.#working) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working = true
    try {
      await this.#observe()
      await this.#tallies.work(() => this.#cancel !== undefined)
    } catch (error) {
      if (this.#cancel) this.#deps.logger.warn({ error: String(error) }, 'what was observed could not be recorded')
    }
    this.#working = false
  }

  async #observe(): Promise<void> {
    const { clock, state } = this.#deps
    this.#askNodes()
    const observations: AlertObservation[] = []
    const isLookedAt = clock.monotonic() - this.#since >= this.#deps.graceMs
    if (isLookedAt) {
      const leaderless = await this.#leaderlessTime()
      observations.push(...saidObservations(state(), this.#vitals.values()), ...leaderless)
      await this.#findWrongs(observations)
      for await (const missed of this.#deadlines.missed()) observations.push(missed)
    }
    for (let at = 0; at < observations.length; at += OBSERVATIONS_MAX)
      await this.#propose({
        kind: 'alerts-observed',
        at: clock.now(),
        observations: observations.slice(at, at + OBSERVATIONS_MAX),
      })
    if (isLookedAt) this.#tookOffice = undefined
    this.#deadlines.recorded()
    const episodes = dueEpisodes(state(), clock.now())
    if (episodes.length > 0) await this.#propose({ kind: 'alerts-repeated', at: clock.now(), episodes })
  }

  async #propose(command: Command): Promise<void> {
    if (this.#cancel) await this.#deps.propose(command)
  }

  async #findWrongs(into: AlertObservation[]): Promise<void> {
    const { clock, state } = this.#deps
    const slow = await slowRuns(state(), clock.now(), this.#breathe)
    const [now, elapsed] = [clock.now(), clock.monotonic()]
    const known = new Set<string>()
    const look = lookAt(state(), this.#vitals, now)
    const open = openByRule(state())
    for (const rule of state().alertRules.values()) {
      if (!rule.enabled || (ASKS_NODES.has(rule.condition.kind) && this.#vitals.size === 0)) continue
      const found = rule.condition.kind === 'slow' ? slow.get(rule.uid) : wrongs(rule, look)
      if (found) this.#compare(rule, found, { now, elapsed, known, open: open.get(rule.uid) ?? [] }, into)
    }
    this.#patience.keep(known)
  }

  /** Others have their turn. */
  readonly #breathe = (): Promise<void> => new Promise((resolve) => void this.#deps.clock.after(0, resolve))

  #compare(
    rule: AlertRule,
    found: readonly Wrong[],
    { now, elapsed, known, open }: { now: Millis; elapsed: number; known: Set<string>; open: readonly Episode[] },
    into: AlertObservation[],
  ): void {
    const { alertIndex, alertTallies } = this.#deps.state()
    const forMs = forMsOf(rule.condition)
    const wrong = new Set<string>()
    for (const { subject, summary, since, instant, run } of found) {
      const key = watchKey(rule.uid, subject.kind, subject.id)
      wrong.add(key)
      known.add(key)
      const forSoLong = this.#patience.wrongFor(key, elapsed)
      const wrongMs = since === undefined ? forSoLong : now - since
      const isTold =
        instant === undefined ? alertIndex.open.has(key) : (alertTallies.get(key)?.instant ?? -1) >= instant
      if (isTold || wrongMs < forMs) continue
      const observed = { rule: rule.uid, subject, firing: true, summary, since: since ?? now - forSoLong }
      into.push({
        ...observed,
        ...(instant === undefined ? {} : { instant }),
        ...(run === undefined ? {} : { run }),
      })
    }
    // What is slow is over when a run takes less, which its end tells.
    if (rule.condition.kind === 'slow') return
    for (const { subject } of open) {
      const key = watchKey(rule.uid, subject.kind, subject.id)
      if (wrong.has(key)) continue
      known.add(key)
      const gone = isGone(this.#deps.state(), subject)
      if (!gone && this.#isUnheard(rule, subject.id)) continue
      if (gone || this.#patience.isCalm(key, elapsed, forMs))
        into.push({ rule: rule.uid, subject, firing: false, summary: '', gone })
    }
  }

  /** A node that does not answer is not well because of that. */
  #isUnheard({ condition }: AlertRule, subject: string): boolean {
    return ASKS_NODES.has(condition.kind) && !this.#vitals.has(subject.split('/')[0] ?? '')
  }

  /** That there was no leader before this one, which by now every node that is there has heard of. */
  async #leaderlessTime(): Promise<AlertObservation[]> {
    const { state, askNodes } = this.#deps
    const until = this.#tookOffice
    const rules = [...state().alertRules.values()].filter(
      ({ enabled, condition }) => enabled && condition.kind === 'no-leader',
    )
    if (until === undefined || rules.length === 0) return []
    const nodes = await askNodes().catch(() => [])
    if (this.#cancel) this.#vitals = new Map(nodes.map((vitals) => [vitals.node, vitals]))
    const since = leaderlessSince([this.#leaderless, ...nodes.map(({ leaderless }) => leaderless)], until)
    return rules.flatMap(({ uid, condition }): AlertObservation[] => {
      if (condition.kind !== 'no-leader' || until - since < condition.forMs) return []
      const summary = `There was no leader for ${Math.round((until - since) / 1000)} s: nothing started meanwhile.`
      const subject = { kind: 'cluster', id: state().cluster, name: 'cluster' } as const
      const key = this.#lostKeys.get(uid)
      return [
        {
          rule: uid,
          subject,
          firing: true,
          summary,
          since,
          until,
          instant: until,
          ...(key === undefined ? {} : { key }),
        },
      ]
    })
  }

  #askNodes(): void {
    const { clock, state, askNodes } = this.#deps
    if (this.#asking || clock.monotonic() - this.#askedAt < ASK_MS) return
    if (![...state().alertRules.values()].some(({ enabled, condition }) => enabled && ASKS_NODES.has(condition.kind)))
      return
    this.#asking = true
    this.#askedAt = clock.monotonic()
    void askNodes()
      .then((nodes) => {
        if (this.#cancel) this.#vitals = new Map(nodes.map((vitals) => [vitals.node, vitals]))
      })
      .catch(() => undefined)
      .finally(() => {
        this.#asking = false
      })
  }
}

/**
 * Since when there was no leader before one took office. Whoever had one until some moment proves that there was one; only
 * where nobody did is it what those say that were started meanwhile.
 */
export function leaderlessSince(seen: readonly (Leaderless | undefined)[], until: Millis): Millis {
  const ended = seen.flatMap((each) => (each && each.until >= until - SAME_MS ? [each] : []))
  const proofs = ended.filter(({ knew }) => knew).map(({ since }) => since)
  if (proofs.length > 0) return Math.min(until, Math.max(...proofs))
  return Math.min(until, ...ended.map(({ since }) => since))
}

function noLeaderKeys(state: State): Map<number, string> {
  const rules = [...state.alertRules.values()].filter(({ condition }) => condition.kind === 'no-leader')
  return new Map(rules.map((rule) => [rule.uid, noLeaderKey(state, rule)]))
}

/** What goes on, by the rule that found it. */
function openByRule({ alertIndex, episodes }: State): Map<number, Episode[]> {
  const open = new Map<number, Episode[]>()
  for (const id of alertIndex.open.values()) {
    const episode = episodes.get(id)
    const its = episode && open.get(episode.rule)
    if (its) its.push(episode)
    else if (episode) open.set(episode.rule, [episode])
  }
  return open
}

/** Episodes whose channels are to be told again now. */
function dueEpisodes(state: State, at: Millis): string[] {
  const due: string[] = []
  for (const id of state.alertIndex.open.values()) {
    const episode = state.episodes.get(id)
    const rule = episode && state.alertRules.get(episode.rule)
    if (episode && rule?.enabled && dueAgain({ state, at }, rule, episode)) due.push(id)
    if (due.length === REPEATS_MAX) break
  }
  return due
}

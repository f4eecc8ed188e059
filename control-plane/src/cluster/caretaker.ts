import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { COMMAND_VERSION, type Command } from '../state/commands.ts'
import type { Member, State } from '../state/state.ts'
import type { Consensus, Outcome } from './consensus.ts'
import { CAUGHT_UP_ENTRIES, isAlive, lagOf, type Membership } from './member-rules.ts'

/** How often a leader looks after the members, in milliseconds. */
const LOOK_MS = 500
/** How long a learner has to keep up before it votes, in milliseconds. */
const KEEPS_UP_MS = 3000
/** How long a member that takes no part stays listed: whoever replaces it lets it go by itself, unless it dies before. */
const OUT_MS = 10_000

export interface CaretakerDeps {
  clock: Clock
  logger: Logger
  node: string
  tzdata: string
  state(): State
  consensus: Pick<Consensus, 'leadership' | 'membership' | 'status' | 'onLeadership'>
  propose(command: Command): Promise<Outcome>
  promote(member: string): Promise<unknown>
}

/** What a leader does by itself: promotes learners that keep up, raises the version of the cluster, compares time zones. */
export class Caretaker {
  readonly #deps: CaretakerDeps
  readonly #keepsUpSince = new Map<string, number>()
  readonly #outSince = new Map<string, number>()
  #warnedOf = ''
  #working = false
  #cancel: (() => void) | undefined
  #stopListening: (() => void) | undefined

  constructor(deps: CaretakerDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#stopListening = this.#deps.consensus.onLeadership(() => this.#onLeadership())
    this.#onLeadership()
  }

  stop(): void {
    this.#stopListening?.()
    this.#cancel?.()
    this.#cancel = undefined
  }

  #onLeadership(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#keepsUpSince.clear()
    this.#outSince.clear()
    this.#warnedOf = ''
    if (this.#deps.consensus.leadership().isLeader) this.#later()
  }

  #later(): void {
    this.#cancel = this.#deps.clock.after(LOOK_MS, () => {
      this.#later()
      void this.#look()
    })
  }

  async #look(): Promise<void> {
    if (this.#working || !this.#deps.consensus.leadership().isLeader) return
    this.#working = true
    try {
      this.#compareZones()
      await this.#letGo()
      await this.#promote()
      await this.#raiseVersion()
    } catch (error) {
      this.#deps.logger.debug({ error: String(error) }, 'a change of the membership has to wait')
    } finally {
      this.#working = false
    }
  }

  async #promote(): Promise<void> {
    const { clock, logger, state, consensus, node, promote } = this.#deps
    const now: Membership = {
      self: node,
      members: state().members,
      view: consensus.membership(),
      status: consensus.status(),
    }
    const candidates = new Set(promotable(now))
    for (const id of this.#keepsUpSince.keys()) if (!candidates.has(id)) this.#keepsUpSince.delete(id)
    for (const id of candidates) {
      const since = this.#keepsUpSince.get(id) ?? clock.monotonic()
      this.#keepsUpSince.set(id, since)
      if (clock.monotonic() - since < KEEPS_UP_MS) continue
      await promote(id)
      this.#keepsUpSince.delete(id)
      logger.info({ member: state().members.get(id)?.name ?? id }, 'the member has caught up and votes from now on')
      return
    }
  }

  /** Ends what a leader before this one began: a member that was replaced, and is still listed, would never hear of it. */
  async #letGo(): Promise<void> {
    const { clock, logger, state, consensus, propose } = this.#deps
    const { voters, learners, outgoing } = consensus.membership()
    const part = new Set([...voters, ...learners, ...outgoing])
    const out = [...state().members.values()].filter(({ id }) => !part.has(id))
    for (const id of this.#outSince.keys()) if (!out.some((member) => member.id === id)) this.#outSince.delete(id)
    for (const { id, name } of out) {
      const since = this.#outSince.get(id) ?? clock.monotonic()
      this.#outSince.set(id, since)
      if (clock.monotonic() - since < OUT_MS) continue
      await propose({ kind: 'member-delete', at: clock.now(), member: id })
      logger.info({ member: name }, 'a member that was replaced is removed')
    }
  }

  async #raiseVersion(): Promise<void> {
    const { clock, logger, state, propose } = this.#deps
    const version = commonVersion(state())
    if (version === undefined || version <= state().clusterVersion) return
    await propose({ kind: 'cluster-version', at: clock.now(), version })
    logger.info({ version }, 'every member knows this cluster version, which is in force from now on')
  }

  #compareZones(): void {
    const { logger, tzdata, state } = this.#deps
    const newer = membersWithNewerZones(state(), tzdata)
    const said = newer.map(({ name }) => name).join()
    if (said !== this.#warnedOf && newer.length > 0)
      logger.warn(
        { ours: tzdata, members: newer.map(({ name }) => name) },
        'the leader has older time zone data than other members: fire times are computed by the older rules',
      )
    this.#warnedOf = said
  }
}

/** Learners that are to vote once they have kept up for a while, and that keep up now. */
export function promotable(now: Membership): string[] {
  return now.view.learners.filter((id) => {
    const member = now.members.get(id)
    if (!member || member.joinedAt === undefined || member.staysLearner) return false
    return isAlive(now, id) && (lagOf(now, id) ?? Number.POSITIVE_INFINITY) <= CAUGHT_UP_ENTRIES
  })
}

/** The highest cluster version that every member knows; undefined while one has not said which it knows. */
export function commonVersion({ members, nodes }: Pick<State, 'members' | 'nodes'>): number | undefined {
  let common = COMMAND_VERSION
  for (const { id, joinedAt } of members.values()) {
    if (joinedAt === undefined) continue
    const known = nodes.get(id)?.about?.clusterVersion
    if (known === undefined) return undefined
    common = Math.min(common, known)
  }
  return common
}

/** Members whose time zone database is newer than a version; versions such as `2026b` compare as text. */
export function membersWithNewerZones({ members, nodes }: Pick<State, 'members' | 'nodes'>, tzdata: string): Member[] {
  return [...members.values()].filter(({ id }) => (nodes.get(id)?.about?.tzdata ?? '') > tzdata)
}

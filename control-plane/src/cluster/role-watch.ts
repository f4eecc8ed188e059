import { type MemberId, NONE, type Role, type Term } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { MemberNames } from './member-names.ts'
import type { Office } from './office.ts'
import type { Proposals } from './proposals.ts'

/** How long one who led waits for the next leader to settle what it had proposed, in milliseconds. */
const SETTLED_WITHIN_MS = 5000

interface Seen {
  role: Role
  leader: MemberId
  term: Term
}

export interface RoleWatchDeps {
  clock: Clock
  office: Office
  proposals: Proposals
  names: MemberNames
}

/** Makes of what the core says of role, leader and term who is in office, and what becomes of a past leader's proposals. */
export class RoleWatch {
  readonly #deps: RoleWatchDeps
  #seen: Seen = { role: 'follower', leader: NONE, term: 0 }
  /** Term of this node's leadership whose first entry is not applied yet. */
  #candidateTerm: Term | undefined
  #cancelAbandon: (() => void) | undefined
  /** Elections that this node has begun. */
  elections = 0

  constructor(deps: RoleWatchDeps) {
    this.#deps = deps
  }

  /** Notices a change of role, leader or term. */
  observe({ role, leader, term }: Seen): void {
    const seen = this.#seen
    if (seen.role === role && seen.leader === leader && seen.term === term) return
    this.#seen = { role, leader, term }
    if (role === 'pre-candidate') this.elections++
    // What this node proposed is settled by the entries of the next leader, or by nobody in time.
    if (seen.role === 'leader') this.#abandonLater()
    this.#candidateTerm = role === 'leader' ? term : undefined
    this.#follow()
  }

  /** An entry of this term is applied: whoever leads in it is in office from then on. */
  applied(term: Term): void {
    if (term !== this.#candidateTerm) return
    this.#candidateTerm = undefined
    this.#deps.office.take(term)
  }

  /** Before it had a state, a new member did not know by which id its leader is known. */
  installed(): void {
    if (this.#seen.role !== 'leader') this.#follow()
  }

  /** This node does not take part any more. */
  stop(): void {
    this.#cancelAbandon?.()
    this.#deps.office.follow(this.#seen.term, undefined)
  }

  #follow(): void {
    const { role, leader, term } = this.#seen
    const { office, names } = this.#deps
    office.follow(term, role === 'leader' ? undefined : names.find(leader))
  }

  #abandonLater(): void {
    const { clock, proposals } = this.#deps
    this.#cancelAbandon ??= clock.after(SETTLED_WITHIN_MS, () => {
      this.#cancelAbandon = undefined
      const { role, term } = this.#seen
      proposals.abandon('This node does not lead any more: nobody knows', role === 'leader' ? term : undefined)
    })
  }
}

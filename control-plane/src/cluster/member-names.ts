import { type MemberId, NONE } from '../raft/types.ts'
import { raftId, voteText } from './member-id.ts'

/** The ids of members by the numbers that the consensus core has for them. */
export class MemberNames {
  readonly #members: () => Iterable<string>
  readonly #names = new Map<MemberId, string>()

  constructor(members: () => Iterable<string>) {
    this.#members = members
  }

  /** Of one that nobody has told of yet, the first digits. */
  of(id: MemberId): string {
    return this.find(id) ?? voteText(id)
  }

  /** Undefined for nobody, and for one that nobody has told of yet. */
  find(id: MemberId): string | undefined {
    if (id === NONE) return undefined
    const known = this.#names.get(id)
    if (known !== undefined) return known
    for (const member of this.#members()) this.#names.set(raftId(member), member)
    return this.#names.get(id)
  }

  /** After the members have changed. */
  forget(): void {
    this.#names.clear()
  }
}

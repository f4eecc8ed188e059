import { type MemberId, NONE } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'

const DIGITS = 13

/** The number by which the consensus core knows a member: the first 13 of the 16 hexadecimal digits of its id. */
export function raftId(member: string): MemberId {
  assert(/^[0-9a-f]{16}$/.test(member), `the id of a member has 16 hexadecimal digits, not ${member}`)
  const id = Number.parseInt(member.slice(0, DIGITS), 16)
  assert(id !== NONE, 'the id of a member does not begin with 13 zeroes')
  return id
}

/** A vote as the log on disk keeps it: 13 hexadecimal digits, or nothing for nobody. */
export function voteText(id: MemberId): string {
  return id === NONE ? '' : id.toString(16).padStart(DIGITS, '0')
}

/** The member that a vote on disk is for. */
export function voteId(text: string): MemberId {
  assert(/^([0-9a-f]{13})?$/.test(text), `a vote is for a member, not for ${text}`)
  return text === '' ? NONE : Number.parseInt(text, 16)
}

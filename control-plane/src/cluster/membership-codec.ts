import type { Membership } from '../raft/types.ts'

/** The bytes of a membership as the log on disk keeps them beside a snapshot: JSON, for a person to read. */
export function encodeMembership(membership: Membership): Uint8Array {
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = membership
  return Buffer.from(JSON.stringify({ voters, learners, votersOutgoing, learnersNext, autoLeave }))
}

export function decodeMembership(bytes: Uint8Array): Membership {
  return JSON.parse(Buffer.from(bytes).toString()) as Membership
}

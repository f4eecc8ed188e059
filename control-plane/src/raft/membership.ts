import { assert } from '../runtime/assert.ts'
import { Progress, peerOf, type Peers } from './progress.ts'
import type { ChangeStep, Index, MemberId, Membership, MembershipChange } from './types.ts'

/** A configuration and what is known of everybody in it. A change gives a new one; who stays keeps its progress. */
export interface Configuration {
  membership: Membership
  peers: Peers
}

/** What a member gets that enters the configuration. */
export interface Entrance {
  lastIndex: Index
  inflightMax: number
  inflightBytesMax: number
}

/** The changed configuration, or why the change is not safe. */
export type Changed = Configuration | { error: string }

/** Nobody at all: where a configuration begins. */
export const EMPTY_MEMBERSHIP: Membership = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

/** Applies a change as its transition asks: simple, into a joint configuration, or out of it. */
export function changeConfiguration(from: Configuration, change: MembershipChange, entrance: Entrance): Changed {
  if (leavesJoint(change)) return leaveJoint(from)
  if (change.transition !== 'auto' || change.steps.length > 1) {
    return enterJoint(from, change.steps, change.transition !== 'explicit', entrance)
  }
  return simpleChange(from, change.steps, entrance)
}

/** A change of at most one voter: any two majorities overlap without a joint configuration (dissertation §4.1). */
export function simpleChange(from: Configuration, steps: readonly ChangeStep[], entrance: Entrance): Changed {
  if (isJoint(from.membership)) return { error: "can't apply simple config change in joint config" }
  const draft = draftOf(from)
  if (!applySteps(draft, steps, entrance)) return { error: 'removed all voters' }
  if (votersChanged(from.membership.voters, draft.membership.voters) > 1) {
    return { error: 'more than one voter changed without entering joint config' }
  }
  return finished(draft)
}

/** Into a joint configuration: both the old voters and the new must agree until it is left (dissertation §4.3). */
export function enterJoint(
  from: Configuration,
  steps: readonly ChangeStep[],
  autoLeave: boolean,
  entrance: Entrance,
): Changed {
  if (isJoint(from.membership)) return { error: 'config is already joint' }
  if (from.membership.voters.length === 0) return { error: "can't make a zero-voter config joint" }
  const draft = draftOf(from)
  draft.membership.votersOutgoing = [...from.membership.voters]
  draft.membership.autoLeave = autoLeave
  return applySteps(draft, steps, entrance) ? finished(draft) : { error: 'removed all voters' }
}

/** Out of a joint configuration: the outgoing voters are gone, or learners where the change said so. */
export function leaveJoint(from: Configuration): Changed {
  if (!isJoint(from.membership)) return { error: "can't leave a non-joint config" }
  const draft = draftOf(from)
  const { membership } = draft
  for (const id of membership.learnersNext) insert(membership.learners, id)
  membership.learnersNext = []
  for (const id of membership.votersOutgoing) {
    if (!membership.voters.includes(id) && !membership.learners.includes(id)) forget(draft, id)
  }
  membership.votersOutgoing = []
  membership.autoLeave = false
  return finished(draft)
}

/** A configuration as a snapshot or the storage names it, with nothing known of anybody. */
export function restoreConfiguration(membership: Membership, entrance: Entrance): Configuration {
  const learners = ascending(membership.learners)
  const voters = new Set([...membership.voters, ...membership.votersOutgoing])
  const peers = ascending([...voters, ...learners]).map((id) => seed(id, entrance))
  const configuration: Configuration = {
    membership: {
      voters: ascending(membership.voters),
      learners,
      votersOutgoing: ascending(membership.votersOutgoing),
      learnersNext: ascending(membership.learnersNext),
      autoLeave: membership.autoLeave,
    },
    peers,
  }
  return finished(configuration)
}

export function isJoint(membership: Membership): boolean {
  return membership.votersOutgoing.length > 0
}

/** Whether it has a voice now: a voter of either half. */
export function isVoter(membership: Membership, id: MemberId): boolean {
  return membership.voters.includes(id) || membership.votersOutgoing.includes(id)
}

/** A change without steps asks to leave the joint configuration; its context does not count. */
function leavesJoint(change: MembershipChange): boolean {
  return change.transition === 'auto' && change.steps.length === 0
}

interface Draft {
  membership: Membership
  peers: Progress[]
}

function draftOf(from: Configuration): Draft {
  const { membership } = from
  return {
    membership: {
      voters: [...membership.voters],
      learners: [...membership.learners],
      votersOutgoing: [...membership.votersOutgoing],
      learnersNext: [...membership.learnersNext],
      autoLeave: membership.autoLeave,
    },
    peers: [...from.peers],
  }
}

/** False when nobody would be left to vote. Member 0 is nobody: a host's way to cancel a step. */
function applySteps(draft: Draft, steps: readonly ChangeStep[], entrance: Entrance): boolean {
  for (const step of steps) {
    if (step.member === 0) continue
    if (step.do === 'add-voter') addVoter(draft, step.member, entrance)
    else if (step.do === 'add-learner') addLearner(draft, step.member, entrance)
    else if (step.do === 'remove') removeMember(draft, step.member)
  }
  return draft.membership.voters.length > 0
}

function addVoter(draft: Draft, id: MemberId, entrance: Entrance): void {
  if (peerOf(draft.peers, id) === undefined) enter(draft, seed(id, entrance))
  drop(draft.membership.learners, id)
  drop(draft.membership.learnersNext, id)
  insert(draft.membership.voters, id)
}

/** A voter of the outgoing half keeps its vote until the joint configuration is left, and is a learner only then. */
function addLearner(draft: Draft, id: MemberId, entrance: Entrance): void {
  const { membership } = draft
  if (peerOf(draft.peers, id) === undefined) enter(draft, seed(id, entrance))
  drop(membership.voters, id)
  if (membership.votersOutgoing.includes(id)) {
    insert(membership.learnersNext, id)
    return
  }
  insert(membership.learners, id)
}

function removeMember(draft: Draft, id: MemberId): void {
  const { membership } = draft
  drop(membership.voters, id)
  drop(membership.learners, id)
  drop(membership.learnersNext, id)
  if (!membership.votersOutgoing.includes(id)) forget(draft, id)
}

/** Counted as active, so that a check of the quorum does not fail before the member could say a word. */
function seed(id: MemberId, entrance: Entrance): Progress {
  const { lastIndex, inflightMax, inflightBytesMax } = entrance
  return new Progress({ id, next: Math.max(lastIndex, 1), recentlyActive: true, inflightMax, inflightBytesMax })
}

function enter(draft: Draft, peer: Progress): void {
  draft.peers.push(peer)
  draft.peers.sort((a, b) => a.id - b.id)
}

function forget(draft: Draft, id: MemberId): void {
  draft.peers = draft.peers.filter((peer) => peer.id !== id)
}

function insert(ids: MemberId[], id: MemberId): void {
  if (ids.includes(id)) return
  ids.push(id)
  ids.sort((a, b) => a - b)
}

function drop(ids: MemberId[], id: MemberId): void {
  const at = ids.indexOf(id)
  if (at >= 0) ids.splice(at, 1)
}

function ascending(ids: Iterable<MemberId>): MemberId[] {
  return [...ids].sort((a, b) => a - b)
}

/** How many voters only one of the two has. */
function votersChanged(before: readonly MemberId[], after: readonly MemberId[]): number {
  return before.filter((id) => !after.includes(id)).length + after.filter((id) => !before.includes(id)).length
}

/** Settles who is a learner, and holds every configuration that comes into force to what makes one. */
function finished(configuration: Configuration): Configuration {
  const { membership, peers } = configuration
  const { voters, learners, votersOutgoing, learnersNext } = membership
  for (const peer of peers) peer.learner = learners.includes(peer.id)
  for (const id of [...voters, ...votersOutgoing, ...learners]) {
    assert(peerOf(peers, id) !== undefined, 'every member is tracked')
  }
  for (const peer of peers) {
    assert(isVoter(membership, peer.id) || learners.includes(peer.id), 'only members are tracked')
  }
  assert(!learners.some((id) => isVoter(membership, id)), 'a learner has no vote')
  assert(
    learnersNext.every((id) => votersOutgoing.includes(id)),
    'who becomes a learner later is a voter now',
  )
  assert(isJoint(membership) || !membership.autoLeave, 'only a joint configuration is left')
  return configuration
}

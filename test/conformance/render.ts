import type {
  Entry,
  HardState,
  Membership,
  MembershipChange,
  Message,
  MessageType,
  PeerStatus,
  ProgressState,
  Ready,
  Refusal,
  Role,
  Snapshot,
} from '../../control-plane/src/raft/types.ts'
import { APPEND_THREAD, APPLY_THREAD, NONE } from '../../control-plane/src/raft/types.ts'
import { quote } from './quote.ts'

export const MESSAGE_NAMES: Readonly<Record<MessageType, string>> = {
  hup: 'MsgHup',
  beat: 'MsgBeat',
  'check-quorum': 'MsgCheckQuorum',
  unreachable: 'MsgUnreachable',
  'snapshot-status': 'MsgSnapStatus',
  propose: 'MsgProp',
  append: 'MsgApp',
  'append-response': 'MsgAppResp',
  vote: 'MsgVote',
  'vote-response': 'MsgVoteResp',
  'pre-vote': 'MsgPreVote',
  'pre-vote-response': 'MsgPreVoteResp',
  snapshot: 'MsgSnap',
  heartbeat: 'MsgHeartbeat',
  'heartbeat-response': 'MsgHeartbeatResp',
  'transfer-leader': 'MsgTransferLeader',
  'timeout-now': 'MsgTimeoutNow',
  'forget-leader': 'MsgForgetLeader',
  'read-index': 'MsgReadIndex',
  'read-index-response': 'MsgReadIndexResp',
  'storage-append': 'MsgStorageAppend',
  'storage-append-response': 'MsgStorageAppendResp',
  'storage-apply': 'MsgStorageApply',
  'storage-apply-response': 'MsgStorageApplyResp',
}

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  follower: 'StateFollower',
  'pre-candidate': 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
}

const PROGRESS_NAMES: Readonly<Record<ProgressState, string>> = {
  probe: 'StateProbe',
  replicate: 'StateReplicate',
  snapshot: 'StateSnapshot',
}

const ENTRY_NAMES = { normal: 'EntryNormal', change: 'EntryConfChangeV2', 'change-v1': 'EntryConfChange' } as const
const STEP_NAMES = { 'add-voter': 'v', 'add-learner': 'l', remove: 'r', update: 'u' } as const

const REFUSALS: Readonly<Record<Refusal['kind'], string>> = {
  'proposal-dropped': 'raft proposal dropped',
  'peer-not-found': 'raft: cannot step as peer not found',
  'local-message': 'raft: cannot step raft local message',
}

/** A Ready in the notation of the transcripts; the empty one ends without a line end, as there. */
export function describeReady(ready: Ready): string {
  const { softState, hardState, readStates, entries, snapshot, committed, messages } = ready
  const parts = [
    softState && `Lead:${softState.leader} State:${ROLE_NAMES[softState.role]}\n`,
    hardState && `HardState ${describeHardState(hardState)}\n`,
    readStates.length > 0 &&
      `ReadStates [${readStates.map((read) => `{${read.index} [${[...bytes(read.context)].join(' ')}]}`).join(' ')}]\n`,
    entries.length > 0 && `Entries:\n${describeEntries(entries)}`,
    snapshot && `Snapshot ${describeSnapshot(snapshot)}\n`,
    committed.length > 0 && `CommittedEntries:\n${describeEntries(committed)}`,
    messages.length > 0 && `Messages:\n${messages.map((message) => `${describeMessage(message)}\n`).join('')}`,
  ]
  const body = parts.filter((part) => typeof part === 'string').join('')
  return body === '' ? '<empty Ready>' : `Ready MustSync=${ready.mustSync}:\n${body}`
}

export function describeMessage(message: Message, indent = ''): string {
  const wire = flat(message)
  const inner = `${indent}  `
  const { entries, snapshot, responses } = wire
  return [
    `${indent}${target(message.from)}->${target(message.to)} ${MESSAGE_NAMES[message.type]}`,
    ` Term:${wire.term} Log:${wire.logTerm}/${wire.index}`,
    wire.rejected ? ` Rejected (Hint: ${wire.rejectHint})` : '',
    wire.commit === 0 ? '' : ` Commit:${wire.commit}`,
    wire.vote === NONE ? '' : ` Vote:${wire.vote}`,
    entries.length === 1 ? ` Entries:[${describeEntry(entries[0] as Entry)}]` : '',
    entries.length > 1
      ? ` Entries:[${entries.map((entry) => `\n${inner}${describeEntry(entry)}`).join('')}\n${indent}]`
      : '',
    snapshot === undefined ? '' : `\n${inner}Snapshot: ${describeSnapshot(snapshot)}`,
    responses.length > 0
      ? ` Responses:[${responses.map((one) => `\n${describeMessage(one, inner)}`).join('')}\n${indent}]`
      : '',
  ].join('')
}

export function describeEntries(entries: readonly Entry[]): string {
  return entries.map((entry) => `${describeEntry(entry)}\n`).join('')
}

export function describeStatus(peers: readonly PeerStatus[]): string {
  return peers.map((peer) => `${peer.id}: ${describeProgress(peer)}\n`).join('')
}

/** `voters=(1 2)&&(3) learners=(4) learners_next=(5) autoleave` */
export function describeMembership(membership: Membership): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = membership
  return [
    `voters=(${voters.join(' ')})`,
    votersOutgoing.length > 0 ? `&&(${votersOutgoing.join(' ')})` : '',
    learners.length > 0 ? ` learners=(${learners.join(' ')})` : '',
    learnersNext.length > 0 ? ` learners_next=(${learnersNext.join(' ')})` : '',
    autoLeave ? ' autoleave' : '',
  ].join('')
}

export function describeRefusal(refusal: Refusal): string {
  return REFUSALS[refusal.kind]
}

function describeProgress(peer: PeerStatus): string {
  return [
    `${PROGRESS_NAMES[peer.state]} match=${peer.match} next=${peer.next}`,
    peer.learner ? ' learner' : '',
    peer.paused ? ' paused' : '',
    peer.pendingSnapshot > 0 ? ` pendingSnap=${peer.pendingSnapshot}` : '',
    peer.recentlyActive ? '' : ' inactive',
    peer.inflight > 0 ? ` inflight=${peer.inflight}${peer.inflightFull ? '[full]' : ''}` : '',
  ].join('')
}

function describeHardState({ term, vote, commit }: HardState): string {
  return `Term:${term}${vote === NONE ? '' : ` Vote:${vote}`} Commit:${commit}`
}

function describeSnapshot({ index, term, membership }: Snapshot): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = membership
  const list = (ids: readonly number[]) => `[${ids.join(' ')}]`
  return (
    `Index:${index} Term:${term} ConfState:Voters:${list(voters)} VotersOutgoing:${list(votersOutgoing)} ` +
    `Learners:${list(learners)} LearnersNext:${list(learnersNext)} AutoLeave:${autoLeave}`
  )
}

function describeEntry(entry: Entry): string {
  const body = entry.kind === 'normal' ? quote(entry.data) : describeChange(entry.change)
  return `${entry.term}/${entry.index} ${ENTRY_NAMES[entry.kind]}${body === '' ? '' : ` ${body}`}`
}

function describeChange(change: MembershipChange | undefined): string {
  return (change?.steps ?? []).map((step) => STEP_NAMES[step.do] + step.member).join(' ')
}

function target(id: number): string {
  if (id === NONE) return 'None'
  if (id === APPEND_THREAD) return 'AppendThread'
  if (id === APPLY_THREAD) return 'ApplyThread'
  return id.toString(16)
}

/** The fields that the notation knows, of any message. */
function flat(message: Message) {
  const none = { term: message.term, logTerm: 0, index: 0, rejected: false, rejectHint: 0, commit: 0, vote: NONE }
  const fields = {
    ...none,
    entries: [] as Entry[],
    snapshot: undefined as Snapshot | undefined,
    responses: [] as Message[],
  }
  if (message.type === 'storage-append') {
    const { hardState, responses, entries, snapshot } = message
    return { ...fields, ...(hardState ?? { term: 0 }), entries, responses, snapshot }
  }
  if (message.type === 'read-index' || message.type === 'read-index-response') {
    const index = message.type === 'read-index' ? 0 : message.index
    return { ...fields, index, entries: [{ index: 0, term: 0, kind: 'normal' as const, data: bytes(message.context) }] }
  }
  return { ...fields, ...message, commit: 'commit' in message ? (message.commit ?? 0) : 0 }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

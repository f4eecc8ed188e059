import { decodeEntry, encodeEntry } from '../cluster/entry-codec.ts'
import type { Entry, Membership, Message, MessageOf, MessageType, Snapshot } from '../raft/types.ts'
import { unreachable } from '../runtime/assert.ts'
import { ByteReader } from './byte-reader.ts'
import { FrameFault } from './frame.ts'
import type { FrameWriter } from './frame-writer.ts'

/*
 * A message of the consensus core as the body of a frame: u8 kind, u64 from, u64 to, u64 term, then the fields of its
 * type in the order in which `types.ts` has them. Entries carry the bytes that stand in the log.
 */

/** What travels between members; the place in the list is the kind on the wire, so it only ever grows at its end. */
const KINDS = [
  'append',
  'append-response',
  'heartbeat',
  'heartbeat-response',
  'propose',
  'vote',
  'vote-response',
  'pre-vote',
  'pre-vote-response',
  'snapshot',
  'transfer-leader',
  'timeout-now',
  'read-index',
  'read-index-response',
  'forget-leader',
] as const satisfies MessageType[]

export type PeerMessage = MessageOf<(typeof KINDS)[number]>

const KIND_OF = new Map<MessageType, number>(KINDS.map((type, kind) => [type, kind]))
const ENTRY_BYTES_MIN = 20

/** Whether a message is one for other members; what a core says to itself and to its storage is not. */
export function travels(message: Message): message is PeerMessage {
  return KIND_OF.has(message.type)
}

/** Writes a message as the body of the frame that was begun. */
export function writeMessage(to: FrameWriter, message: PeerMessage): void {
  to.u8(KIND_OF.get(message.type) as number)
  to.u64(message.from).u64(message.to).u64(message.term)
  switch (message.type) {
    case 'append':
      to.u64(message.index).u64(message.logTerm).u64(message.commit)
      return writeEntries(to, message.entries)
    case 'append-response':
      to.u64(message.index).boolean(message.rejected).u64(message.rejectHint).u64(message.logTerm)
      to.boolean(message.commit !== undefined)
      if (message.commit !== undefined) to.u64(message.commit)
      return
    case 'heartbeat':
      to.u64(message.commit).text(message.context)
      return
    case 'heartbeat-response':
    case 'read-index':
      to.text(message.context)
      return
    case 'read-index-response':
      to.u64(message.index).text(message.context)
      return
    case 'propose':
      return writeEntries(to, message.entries)
    case 'vote':
    case 'pre-vote':
      to.u64(message.index).u64(message.logTerm).boolean(message.transfer)
      return
    case 'vote-response':
    case 'pre-vote-response':
      to.boolean(message.rejected)
      return
    case 'snapshot':
      return writeSnapshot(to, message.snapshot)
    case 'transfer-leader':
    case 'timeout-now':
    case 'forget-leader':
      return
    default:
      unreachable(message)
  }
}

/** The message that `writeMessage` was given; data of entries are views. Throws when it is none that this build knows. */
export function readMessage(body: Buffer): PeerMessage {
  const fields = new ByteReader(body)
  const type = KINDS[fields.u8()]
  if (type === undefined) throw new FrameFault('a message of an unknown kind')
  const message = readFields(type, fields)
  fields.end()
  return message
}

/** The same, and whatever is wrong with the body, or with a payload in it, is a `FrameFault`. */
export function receivedMessage(body: Buffer): PeerMessage {
  try {
    return readMessage(body)
  } catch (error) {
    if (error instanceof FrameFault) throw error
    throw new FrameFault(`a message that cannot be read: ${(error as Error).message}`)
  }
}

/** Each object is written out whole: put together from parts it would take ten times as long. */
function readFields(type: PeerMessage['type'], fields: ByteReader): PeerMessage {
  const [from, to, term] = [fields.u64(), fields.u64(), fields.u64()]
  switch (type) {
    case 'append': {
      const [index, logTerm, commit] = [fields.u64(), fields.u64(), fields.u64()]
      return { type, from, to, term, index, logTerm, entries: readEntries(fields), commit }
    }
    case 'append-response': {
      const [index, rejected, rejectHint, logTerm] = [fields.u64(), fields.boolean(), fields.u64(), fields.u64()]
      if (!fields.boolean()) return { type, from, to, term, index, rejected, rejectHint, logTerm }
      return { type, from, to, term, index, rejected, rejectHint, logTerm, commit: fields.u64() }
    }
    case 'heartbeat':
      return { type, from, to, term, commit: fields.u64(), context: fields.text() }
    case 'heartbeat-response':
    case 'read-index':
      return { type, from, to, term, context: fields.text() }
    case 'read-index-response':
      return { type, from, to, term, index: fields.u64(), context: fields.text() }
    case 'propose':
      return { type, from, to, term, entries: readEntries(fields) }
    case 'vote':
    case 'pre-vote':
      return { type, from, to, term, index: fields.u64(), logTerm: fields.u64(), transfer: fields.boolean() }
    case 'vote-response':
    case 'pre-vote-response':
      return { type, from, to, term, rejected: fields.boolean() }
    case 'snapshot':
      return { type, from, to, term, snapshot: readSnapshot(fields) }
    case 'transfer-leader':
    case 'timeout-now':
    case 'forget-leader':
      return { type, from, to, term }
    default:
      return unreachable(type)
  }
}

function writeEntries(to: FrameWriter, entries: readonly Entry[]): void {
  to.u32(entries.length)
  for (const entry of entries) to.u64(entry.index).u64(entry.term).bytes(encodeEntry(entry))
}

function readEntries(from: ByteReader): Entry[] {
  return from.list(ENTRY_BYTES_MIN, () => decodeEntry({ index: from.u64(), term: from.u64(), payload: from.bytes() }))
}

export function writeSnapshot(to: FrameWriter, { index, term, membership, data }: Snapshot): void {
  to.u64(index).u64(term)
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = membership
  for (const ids of [voters, learners, votersOutgoing, learnersNext]) {
    to.u32(ids.length)
    for (const id of ids) to.u64(id)
  }
  to.boolean(autoLeave).boolean(data !== undefined)
  if (data !== undefined) to.bytes(data)
}

export function readSnapshot(from: ByteReader): Snapshot {
  const [index, term] = [from.u64(), from.u64()]
  const ids = () => from.list(8, () => from.u64())
  const membership: Membership = {
    voters: ids(),
    learners: ids(),
    votersOutgoing: ids(),
    learnersNext: ids(),
    autoLeave: from.boolean(),
  }
  return from.boolean() ? { index, term, membership, data: from.bytes() } : { index, term, membership }
}

import { Packr, RESERVE_START_SPACE } from 'msgpackr'
import type { Entry, MembershipChange } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import { versionOf } from '../state/command-versions.ts'
import { COMMAND_VERSION, type Command } from '../state/commands.ts'
import type { WalRecord } from '../wal/wal.ts'

/*
 * A payload as the log and the peers carry it: nothing for the entry with which a leader begins, otherwise a first byte
 * that says what it is.
 *
 *   1 … 0xbf   a command of this version, MessagePack
 *   0xc1       a change of membership, simple
 *   0xc2       a change of membership, simple or joint; both MessagePack
 */
const CHANGE_V1 = 0xc1
const CHANGE_V2 = 0xc2
const COMMAND_VERSION_MAX = 0xbf

/** Plain maps, so that every payload can be read by itself; properties that are undefined are left out. */
const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)
const VERSION_BYTES = 1
const REPLACED = Buffer.from('\ufffd')

/**
 * The bytes of a command as the log and the peers carry them: a version byte, then MessagePack. Whole numbers are
 * exact to 2^53. A command is plain data: -0 comes back as 0; a key `__proto__` and half of a surrogate pair do not come
 * back: `comesBack`.
 */
export function encodeCommand(command: Command): Uint8Array {
  return packed(versionOf(command.kind), command)
}

/** The command that `encodeCommand` was given. Throws `UnknownCommandVersion` for one that a newer build wrote. */
export function decodeCommand(bytes: Uint8Array): Command {
  const version = bytes[0] ?? 0
  if (version > COMMAND_VERSION || version === 0) throw new UnknownCommandVersion(version)
  return packr.unpack(bytes.subarray(VERSION_BYTES)) as Command
}

/** Whether a command that was encoded to these bytes is, decoded, what it was. May doubt one that is. */
export function comesBack(bytes: Uint8Array): boolean {
  const seen = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Half of a pair is packed as its own three bytes in a short text, and as U+FFFD in a long one. Numbers seldom look so.
  for (let at = seen.indexOf(0xed); at >= 0; at = seen.indexOf(0xed, at + 1)) {
    if ((seen[at + 1] ?? 0) >> 5 === 0b101 && (seen[at + 2] ?? 0) >> 6 === 0b10) return false
  }
  return !seen.includes(REPLACED) && !seen.includes('__proto__')
}

/** The payload of an entry; that of a normal entry is its data itself, not a copy. */
export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.kind === 'normal') {
    assert((entry.data[0] ?? 0) <= COMMAND_VERSION_MAX, 'the first byte of a command is its version')
    return entry.data
  }
  assert(entry.change !== undefined, 'an entry that changes the membership says how')
  return packed(entry.kind === 'change' ? CHANGE_V2 : CHANGE_V1, { change: entry.change, data: entry.data })
}

/** The entry of a record of the log; the data of a normal one is a view of its payload. Throws `UnknownCommandVersion`. */
export function decodeEntry({ index, term, payload }: WalRecord): Entry {
  const first = payload[0] ?? 0
  if (first <= COMMAND_VERSION_MAX) return { index, term, kind: 'normal', data: payload }
  if (first !== CHANGE_V1 && first !== CHANGE_V2) throw new UnknownCommandVersion(first)
  const { change, data } = packr.unpack(payload.subarray(VERSION_BYTES)) as {
    change: MembershipChange
    data: Uint8Array
  }
  return { index, term, kind: first === CHANGE_V2 ? 'change' : 'change-v1', data, change }
}

/** The log holds a command of a vocabulary that this build does not know. */
export class UnknownCommandVersion extends Error {
  override name = 'UnknownCommandVersion'
  readonly version: number

  constructor(version: number) {
    super(
      `the log holds a command of version ${version}, and this build of Cronclave knows versions 1 to ${COMMAND_VERSION}`,
    )
    this.version = version
  }
}

function packed(first: number, value: unknown): Uint8Array {
  const bytes = packr.pack(value, RESERVE_START_SPACE + VERSION_BYTES)
  bytes[0] = first
  return bytes
}

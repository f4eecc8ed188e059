import { Packr, RESERVE_START_SPACE } from 'msgpackr'
import { COMMAND_VERSION, type Command } from '../state/commands.ts'

/** Plain maps, so that every payload can be read by itself; properties that are undefined are left out. */
const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)
const VERSION_BYTES = 1

/**
 * The bytes of a command as the log and the peers carry them: a version byte, then MessagePack. Whole numbers are
 * exact to 2^53. A command is plain data: -0 comes back as 0, and a key `__proto__` does not come back.
 */
export function encodeCommand(command: Command): Uint8Array {
  const bytes = packr.pack(command, RESERVE_START_SPACE + VERSION_BYTES)
  bytes[0] = COMMAND_VERSION
  return bytes
}

/** The command that `encodeCommand` was given. Throws `UnknownCommandVersion` for one that a newer build wrote. */
export function decodeCommand(bytes: Uint8Array): Command {
  const version = bytes[0] ?? 0
  if (version > COMMAND_VERSION || version === 0) throw new UnknownCommandVersion(version)
  return packr.unpack(bytes.subarray(VERSION_BYTES)) as Command
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

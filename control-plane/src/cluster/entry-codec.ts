import { Packr } from 'msgpackr'
import { COMMAND_VERSION, type Command } from '../state/commands.ts'

const packr = new Packr({ useRecords: false })

/** The bytes of a command as the log and the peers carry them: a version byte, then MessagePack of plain data. */
export function encodeCommand(command: Command): Uint8Array {
  const body = packr.pack(command)
  const bytes = Buffer.allocUnsafe(body.length + 1)
  bytes[0] = COMMAND_VERSION
  bytes.set(body, 1)
  return bytes
}

export function decodeCommand(bytes: Uint8Array): Command {
  const version = bytes[0] ?? 0
  if (version > COMMAND_VERSION) throw new UnknownCommandVersion(version)
  return packr.unpack(bytes.subarray(1)) as Command
}

/** The log holds a command that a newer build wrote. */
export class UnknownCommandVersion extends Error {
  override name = 'UnknownCommandVersion'
  readonly version: number

  constructor(version: number) {
    super(
      `the log holds a command of version ${version}, this build knows versions up to ${COMMAND_VERSION}: ` +
        'start the newer build again, or restore a backup that was made before the upgrade',
    )
    this.version = version
  }
}

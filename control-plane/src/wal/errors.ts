import { StorageError } from '../runtime/storage-error.ts'

/** A byte of the log. */
export interface Place {
  folder: string
  file: string
  offset: number
}

/** The log cannot be trusted, so the node must not start on it. Names the folder, the file, the place and what to do. */
export class CorruptLog extends StorageError {
  override name = 'CorruptLog'
  readonly file: string
  readonly offset: number

  constructor({ folder, file, offset }: Place, fault: string) {
    super(`The write-ahead log in ${folder} is damaged: ${fault} (file ${file}, byte ${offset}).`, {
      folder,
      nextStep:
        'Nothing was changed and nothing is served from it. Check the disk, keep a copy of the data folder, then restore ' +
        'the data folder from a backup, or start with an empty one: see docs/durability.md, "A damaged log".',
    })
    this.file = file
    this.offset = offset
  }
}

/** The disk refused a read, a write or a sync. The log takes nothing more until the process has been started again. */
export class StorageFailed extends StorageError {
  override name = 'StorageFailed'
  /** What the operating system said: ENOSPC, EIO, EACCES … */
  readonly code: string

  constructor(folder: string, cause: unknown) {
    const code = codeOf(cause)
    const [what, nextStep] = reason(code, cause)
    super(`The write-ahead log in ${folder} cannot be used: ${what}.`, { folder, nextStep, cause })
    this.code = code
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : 'EIO'
}

const NOTHING_MISSING = 'nothing that was acknowledged is missing'

function reason(code: string, cause: unknown): readonly [what: string, nextStep: string] {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const where =
      cause instanceof Error && 'needsBytes' in cause ? ` (a segment of it needs ${mebibytes(cause.needsBytes)})` : ''
    return [
      `the disk is full${where}`,
      `Free some space, then start the node again: ${NOTHING_MISSING}. On a small disk give it a smaller wal.segmentSize.`,
    ]
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return [`no permission to write (${code})`, 'Give the process write access to the folder, then start it again.']
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return [`too many open files (${code})`, 'Raise the limit, then start the node again.']
  }
  const words = cause instanceof Error ? cause.message : String(cause)
  return [
    words.replace(/\.$/, ''),
    `Check the disk before the node is started again: ${NOTHING_MISSING}; a failed sync is never tried twice.`,
  ]
}

function mebibytes(bytes: unknown): string {
  return `${Math.ceil(Number(bytes) / 1024 / 1024)} MiB`
}

/** `StorageFailed` for what the operating system said; bugs stay what they are. */
export function storageFault(folder: string, error: unknown): Error {
  if (error instanceof StorageError) return error
  if (error instanceof Error && !('code' in error)) return error
  return new StorageFailed(folder, error)
}

/** The log in the folder is somebody else's. */
export function foreignLog(folder: string, what: 'member' | 'cluster', stored: string, asked: string): StorageError {
  return new StorageError(`The write-ahead log in ${folder} is that of ${what} ${stored}, not of ${asked}.`, {
    folder,
    nextStep: `Put member.json back from a backup, or let it hold {"${what}":"${stored}"}, unless the log was copied from elsewhere.`,
  })
}

/** A byte of the log. */
export interface Place {
  folder: string
  file: string
  offset: number
}

/** The log cannot be trusted, so the node must not start on it. Names the folder, the file, the place and what to do. */
export class CorruptLog extends Error {
  override name = 'CorruptLog'
  readonly folder: string
  readonly file: string
  readonly offset: number

  constructor(where: Place, fault: string) {
    super(
      `the write-ahead log in ${where.folder} is damaged: ${fault} (file ${where.file}, byte ${where.offset}). ` +
        'Nothing was changed and nothing is served from it. Check the disk, keep a copy of the data folder, then ' +
        'restore the data folder from a backup, or start with an empty one: see docs/durability.md, "A damaged log".',
    )
    this.folder = where.folder
    this.file = where.file
    this.offset = where.offset
  }
}

/** The disk refused a read, a write or a sync. The log takes nothing more until the process has been started again. */
export class StorageFailed extends Error {
  override name = 'StorageFailed'
  /** What the operating system said: ENOSPC, EIO, EACCES … */
  readonly code: string
  readonly folder: string

  constructor(folder: string, cause: unknown) {
    const code = codeOf(cause)
    super(`the write-ahead log in ${folder} cannot be used: ${reason(code, cause)}`, { cause })
    this.code = code
    this.folder = folder
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : 'EIO'
}

function reason(code: string, cause: unknown): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full. Free some space, then start the node again.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `no permission to write (${code}). Give the process write access to the folder, then start it again.`
  }
  if (code === 'EMFILE' || code === 'ENFILE') return `too many open files (${code}). Raise the limit, then start again.`
  const words = cause instanceof Error ? cause.message : String(cause)
  return `${words}. Check the disk before the node is started again; a failed sync is never tried twice.`
}

import { StorageError } from '../runtime/storage-error.ts'

export { StorageError }

/** Another live process uses the data folder. */
export class FolderLocked extends StorageError {
  override name = 'FolderLocked'

  constructor(folder: string, holder?: { pid: number; host: string; here: boolean }, cause?: unknown) {
    const who = describeHolder(holder)
    super(`The data folder ${folder} is in use by ${who}.`, {
      folder,
      nextStep: `Stop that process first, or give this one a data folder of its own.`,
      cause,
    })
  }
}

/** Bytes on disk are not what was written. Never served; `file` and `offset` say where. */
export class CorruptStore extends StorageError {
  override name = 'CorruptStore'
  readonly file: string
  readonly offset: number | undefined

  constructor(folder: string, file: string, offset: number | undefined, what: string, cause?: unknown) {
    const where = offset === undefined ? file : `${file} at byte ${offset}`
    super(`The store in ${folder} is damaged: ${where}: ${what}.`, {
      folder,
      nextStep:
        'Nothing was changed. Check the disk and keep a copy of the folder. In a cluster, remove this member and add a new one with an empty folder; a single node needs a saved state (cronclave snapshot restore) or a backup. Do not delete single files.',
      cause,
    })
    this.file = file
    this.offset = offset
  }
}

/** The store could not be read or written. The node stops: what it did not sync it never acknowledged. */
export class StorageFailed extends StorageError {
  override name = 'StorageFailed'

  constructor(folder: string, doing: string, cause?: unknown) {
    const reason = causeText(cause)
    super(`The store in ${folder} failed while ${doing}${reason ? `: ${reason}` : ''}.`, {
      folder,
      nextStep: nextStepFor(reason),
      cause,
    })
  }
}

function describeHolder(holder: { pid: number; host: string; here: boolean } | undefined): string {
  if (!holder) return 'another process'
  return holder.here ? `this process (${holder.pid})` : `process ${holder.pid} on ${holder.host}`
}

/** The innermost message, without a full stop. */
function causeText(cause: unknown): string {
  let reason = ''
  for (let at: unknown = cause; at instanceof Error; at = at.cause) if (at.message) reason = at.message
  return reason.replace(/\.$/, '')
}

function nextStepFor(reason: string): string {
  if (/no space|ENOSPC|quota/i.test(reason)) {
    return 'Free some space on that disk and start again: nothing that was acknowledged is missing.'
  }
  if (/permission|EACCES|EPERM|read-only|EROFS/i.test(reason)) {
    return 'Make the folder writable for the user who runs this process, and start again.'
  }
  if (/ENOTDIR|EEXIST|ENOENT.*mkdir/.test(reason)) {
    return 'No folder can be made there. Give another one with --data-folder.'
  }
  return 'Check the disk and its log, then start again: nothing that was acknowledged is missing.'
}

/** What the command line exits with when the data folder cannot be used: EX_IOERR of sysexits.h. */
export const STORAGE_EXIT_CODE = 74

/**
 * The data folder cannot be used. The message says what is wrong and names the folder; `nextStep` says what a person
 * can do about it. Both are full sentences.
 */
export class StorageError extends Error {
  override name = 'StorageError'
  readonly folder: string
  readonly nextStep: string
  readonly exitCode = STORAGE_EXIT_CODE

  constructor(message: string, options: { folder: string; nextStep: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.folder = options.folder
    this.nextStep = options.nextStep
  }
}

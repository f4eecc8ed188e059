export interface FolderLock {
  /** The folder as the operating system names it. */
  readonly folder: string
  release(): Promise<void>
}

/** Locks a data folder for this process. Throws `FolderLocked` while another live process holds it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  throw new Error(`not locked: ${folder}`)
}

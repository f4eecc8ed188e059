/** The file system as the write-ahead log sees it; the simulator's twin tears, loses, reorders, flips and fills. */
export interface FileSystem {
  /** Names in a folder, sorted. */
  list(folder: string): Promise<string[]>
  makeFolder(path: string): Promise<void>
  open(path: string, mode: 'read' | 'create' | 'write'): Promise<FileHandle>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(path: string): Promise<void>
}

export interface FileHandle {
  /** Up to `length` bytes from `position`; fewer at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>
  /** Writes all of `bytes` at `position` and returns once they are durable (O_DSYNC). */
  writeDurably(position: number, bytes: Uint8Array): Promise<void>
  /** Sets the file's size, allocating zeroes. */
  allocate(size: number): Promise<void>
  sync(): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

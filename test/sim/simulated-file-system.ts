import { dirname } from 'node:path/posix'
import type { FileHandle, FileSystem } from '../../control-plane/src/wal/file-system.ts'
import { SeededRandom } from './seeded-random.ts'

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512

/** What becomes of the sectors of a write, and of all that was not synced, when the crash comes during operation `at`. */
export type Tear = 'none' | 'all' | 'random' | { prefixBytes: number }

export interface Faults {
  /** The crash comes during this operation (counted from 1). */
  crash?: { at: number; kind: CrashKind; tear: Tear }
  /** This operation fails with this code after a random part of it; later ones work. */
  fail?: { at: number; code: string }
  /** Bytes that all files together may have; beyond it ENOSPC. */
  spaceBytes?: number
  /** Syncs that answer without having done anything: planted faults, which the tests have to notice. */
  lies?: readonly ('write' | 'sync' | 'folder')[]
}

/** `process`: what was written is still in the cache. `power`: only what was synced is sure to be there. */
export type CrashKind = 'process' | 'power'

/** Every operation of a file system that has crashed. */
export class Crashed extends Error {
  override name = 'Crashed'
}

interface Inode {
  /** What the process sees. */
  cache: Buffer
  /** What is sure to be there after a loss of power. */
  durable: Buffer
  dirty: Set<number>
}

type Names = Map<string, Inode | 'folder'>

/** What a disk is asked to do; `look` changes nothing. */
export interface Operation {
  kind: 'look' | 'name' | 'write' | 'allocate' | 'sync'
  bytes: number
}

export interface SimulatedDiskOptions {
  seed: number
  /** Awaited in every operation: where a simulator lets time pass. A crash meanwhile tears the operation. */
  latency?: (operation: Operation) => Promise<void>
}

/**
 * A disk under a seed: it tears writes, loses and reorders what was not synced, flips bits, cuts files, is full and
 * fails. `mount` gives the file system of one process; a crash ends that one, and the next mount sees what is left.
 */
export class SimulatedDisk {
  readonly #random
  readonly #latency: (operation: Operation) => Promise<void>
  #names: Names = new Map()
  #durableNames: Names = new Map()
  /** Changes of names since the last sync of a folder, in order; a loss of power keeps any of them. */
  #unsynced: { folder: string; change: (names: Names) => void }[] = []
  #mount = 0
  /** What a crash leaves of the operations that are under way. */
  readonly #underWay = new Set<(tear: Tear) => void>()
  /** Operations that change something, so far. */
  operations = 0
  faults: Faults = {}

  constructor({ seed, latency = () => Promise.resolve() }: SimulatedDiskOptions) {
    this.#random = new SeededRandom(seed)
    this.#latency = latency
  }

  /** The file system as a newly started process has it. */
  mount(): FileSystem {
    return new SimulatedFileSystem(this, ++this.#mount)
  }

  crash(kind: CrashKind, tear: Tear = 'random'): void {
    this.#mount++
    for (const partly of this.#underWay) {
      try {
        partly(tear)
      } catch {
        // There was no room for it.
      }
    }
    this.#underWay.clear()
    if (kind === 'power') this.#losePower(tear)
  }

  paths(): string[] {
    return [...this.#names.keys()].filter((path) => this.#names.get(path) !== 'folder').sort()
  }

  /** What is in a file, for a test to look at. */
  content(path: string): Buffer {
    return Buffer.from(this.#inode(path).cache)
  }

  flip(path: string, bit: number): void {
    this.#alter(path, (bytes) => {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      return bytes
    })
  }

  cut(path: string, length: number): void {
    this.#alter(path, (bytes) => bytes.subarray(0, length))
  }

  overwrite(path: string, from: number, bytes: Uint8Array): void {
    this.#alter(path, (content) => (content.set(bytes, from), content))
  }

  lose(path: string): void {
    this.#names.delete(path)
    this.#durableNames.delete(path)
  }

  /** A copy in its present state, as one process would find it. */
  copy(seed: number): SimulatedDisk {
    const twin = new SimulatedDisk({ seed, latency: this.#latency })
    for (const [path, inode] of this.#names) twin.#names.set(path, inode === 'folder' ? inode : copyOf(inode))
    twin.#durableNames = new Map(twin.#names)
    return twin
  }

  /** @internal Counts an operation and lets its fault happen; `partly` leaves a part of it behind. */
  async operate<T>(mount: number, operation: Operation, whole: () => T, partly: (tear: Tear) => void): Promise<T> {
    this.#alive(mount)
    const at = ++this.operations
    const { crash, fail } = this.faults
    if (crash?.at === at) {
      partly(crash.tear)
      this.crash(crash.kind, crash.tear)
      throw new Crashed(`crashed in operation ${at}`)
    }
    if (fail?.at === at) {
      partly('random')
      throw fault(fail.code)
    }
    this.#underWay.add(partly)
    await this.#latency(operation)
    this.#alive(mount)
    this.#underWay.delete(partly)
    return whole()
  }

  /** @internal An operation that changes nothing. */
  async look<T>(mount: number, answer: () => T, bytes = 0): Promise<T> {
    this.#alive(mount)
    await this.#latency({ kind: 'look', bytes })
    this.#alive(mount)
    return answer()
  }

  /** @internal */
  rename(folder: string, change: (names: Names) => void): void {
    change(this.#names)
    this.#unsynced.push({ folder, change })
  }

  /** @internal */
  syncFolder(folder: string): void {
    if (this.faults.lies?.includes('folder')) return
    for (const { folder: other, change } of this.#unsynced) if (other === folder) change(this.#durableNames)
    this.#unsynced = this.#unsynced.filter((other) => other.folder !== folder)
  }

  /** @internal */
  list(folder: string): string[] {
    if (this.#names.get(folder) !== 'folder') throw fault('ENOENT')
    const paths = [...this.#names.keys()].filter((path) => dirname(path) === folder)
    return paths.map((path) => path.slice(folder.length + 1)).sort()
  }

  /** @internal */
  find(path: string): Inode | 'folder' | undefined {
    return this.#names.get(path)
  }

  /** @internal Writes to the cache; the sectors are dirty until they are synced. */
  write(inode: Inode, position: number, bytes: Uint8Array): void {
    const end = position + bytes.length
    if (end > inode.cache.length) this.#grow(inode, end)
    inode.cache.set(bytes, position)
    for (let sector = Math.floor(position / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector++)
      inode.dirty.add(sector)
  }

  /** @internal */
  sync(inode: Inode, keep: (sector: number) => boolean = () => true): void {
    for (const sector of inode.dirty) {
      if (!keep(sector)) continue
      const start = sector * SECTOR_BYTES
      if (inode.durable.length < inode.cache.length) inode.durable = grown(inode.durable, inode.cache.length)
      inode.cache.copy(inode.durable, start, start, start + SECTOR_BYTES)
      inode.dirty.delete(sector)
    }
  }

  /** @internal Which sectors of a write are on the disk, by the way it was torn. */
  kept(tear: Tear, from: number): (sector: number) => boolean {
    if (tear === 'random') return () => this.#random.chance(0.5)
    if (typeof tear === 'string') return () => tear === 'all'
    return (sector) => (sector + 1) * SECTOR_BYTES <= from + tear.prefixBytes
  }

  below(limit: number): number {
    return this.#random.integer(0, limit - 1)
  }

  #grow(inode: Inode, size: number): void {
    const used = [...new Set(this.#names.values())].reduce(
      (sum, other) => sum + (other === 'folder' ? 0 : other.cache.length),
      0,
    )
    if (used + size - inode.cache.length > (this.faults.spaceBytes ?? Number.POSITIVE_INFINITY)) throw fault('ENOSPC')
    inode.cache = grown(inode.cache, size)
  }

  #losePower(tear: Tear): void {
    const chance = tear === 'all' ? () => true : tear === 'random' ? () => this.#random.chance(0.5) : () => false
    for (const { change } of this.#unsynced) if (chance()) change(this.#durableNames)
    this.#unsynced = []
    for (const path of this.#durableNames.keys()) {
      const folder = dirname(path)
      if (this.#names.has(folder) && !this.#durableNames.has(folder)) this.#durableNames.delete(path)
    }
    this.#names = new Map(this.#durableNames)
    for (const inode of new Set(this.#names.values())) {
      if (inode === 'folder') continue
      this.sync(inode, chance)
      inode.dirty.clear()
      inode.cache = Buffer.from(inode.durable)
    }
  }

  #alive(mount: number): void {
    if (mount !== this.#mount) throw new Crashed('the process is gone')
  }

  #alter(path: string, change: (bytes: Buffer) => Buffer): void {
    const inode = this.#inode(path)
    inode.cache = Buffer.from(change(Buffer.from(inode.cache)))
    inode.durable = Buffer.from(inode.cache)
    inode.dirty.clear()
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined || inode === 'folder') throw new Error(`there is no file ${path}`)
    return inode
  }
}

class SimulatedFileSystem implements FileSystem {
  readonly #disk: SimulatedDisk
  readonly #mount: number

  constructor(disk: SimulatedDisk, mount: number) {
    this.#disk = disk
    this.#mount = mount
  }

  list(folder: string): Promise<string[]> {
    return this.#disk.look(this.#mount, () => this.#disk.list(folder))
  }

  makeFolder(path: string): Promise<void> {
    return this.#rename(dirname(path), (names) => void (names.has(path) || names.set(path, 'folder')))
  }

  async open(path: string, mode: 'read' | 'create' | 'write'): Promise<FileHandle> {
    if (mode !== 'create') {
      const inode = await this.#disk.look(this.#mount, () => this.#disk.find(path))
      if (inode === undefined || inode === 'folder') throw fault('ENOENT')
      return new SimulatedHandle(this.#disk, this.#mount, inode)
    }
    if (this.#disk.find(path) !== undefined) throw fault('EEXIST')
    const inode: Inode = { cache: Buffer.alloc(0), durable: Buffer.alloc(0), dirty: new Set() }
    await this.#rename(dirname(path), (names) => void names.set(path, inode))
    return new SimulatedHandle(this.#disk, this.#mount, inode)
  }

  rename(from: string, to: string): Promise<void> {
    if (this.#disk.find(from) === undefined) return Promise.reject(fault('ENOENT'))
    return this.#rename(dirname(from), (names) => {
      const inode = names.get(from)
      if (inode !== undefined) names.set(to, inode)
      names.delete(from)
    })
  }

  remove(path: string): Promise<void> {
    if (this.#disk.find(path) === undefined) return Promise.reject(fault('ENOENT'))
    return this.#rename(dirname(path), (names) => void names.delete(path))
  }

  syncFolder(path: string): Promise<void> {
    return this.#disk.operate(
      this.#mount,
      { kind: 'sync', bytes: 0 },
      () => this.#disk.syncFolder(path),
      (tear) => void (tear === 'all' && this.#disk.syncFolder(path)),
    )
  }

  #rename(folder: string, change: (names: Names) => void): Promise<void> {
    return this.#disk.operate(
      this.#mount,
      { kind: 'name', bytes: 0 },
      () => this.#disk.rename(folder, change),
      (tear) => void (tear !== 'none' && this.#disk.rename(folder, change)),
    )
  }
}

class SimulatedHandle implements FileHandle {
  readonly #disk: SimulatedDisk
  readonly #mount: number
  readonly #inode: Inode

  constructor(disk: SimulatedDisk, mount: number, inode: Inode) {
    this.#disk = disk
    this.#mount = mount
    this.#inode = inode
  }

  read(position: number, length: number): Promise<Uint8Array> {
    const answer = () => Buffer.from(this.#inode.cache.subarray(position, position + length))
    return this.#disk.look(this.#mount, answer, length)
  }

  async writeDurably(position: number, bytes: Uint8Array): Promise<void> {
    const written = Uint8Array.from(bytes)
    await this.#disk.operate(
      this.#mount,
      { kind: 'write', bytes: written.length },
      () => {
        this.#disk.write(this.#inode, position, written)
        if (!this.#disk.faults.lies?.includes('write')) this.#disk.sync(this.#inode)
      },
      (tear) => {
        // A killed process may have filled only a part of the cache.
        const bytesCached = typeof tear === 'object' ? tear.prefixBytes : tear === 'none' ? 0 : written.length
        this.#disk.write(this.#inode, position, written.subarray(0, bytesCached))
        this.#disk.sync(this.#inode, this.#disk.kept(tear, position))
      },
    )
  }

  async allocate(size: number): Promise<void> {
    const zeroes = Buffer.alloc(size)
    await this.#disk.operate(
      this.#mount,
      { kind: 'allocate', bytes: size },
      () => {
        this.#disk.write(this.#inode, 0, zeroes)
        this.#disk.sync(this.#inode)
      },
      () => this.#disk.write(this.#inode, 0, zeroes.subarray(0, this.#disk.below(size))),
    )
  }

  sync(): Promise<void> {
    return this.#disk.operate(
      this.#mount,
      { kind: 'sync', bytes: 0 },
      () => void (this.#disk.faults.lies?.includes('sync') || this.#disk.sync(this.#inode)),
      (tear) => this.#disk.sync(this.#inode, this.#disk.kept(tear, 0)),
    )
  }

  size(): Promise<number> {
    return this.#disk.look(this.#mount, () => this.#inode.cache.length)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** An error as node:fs throws it. */
export function fault(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}

function grown(bytes: Buffer, size: number): Buffer {
  const larger = Buffer.alloc(size)
  bytes.copy(larger)
  return larger
}

function copyOf(inode: Inode): Inode {
  return { cache: Buffer.from(inode.cache), durable: Buffer.from(inode.cache), dirty: new Set() }
}

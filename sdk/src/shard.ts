import type { Dispatch } from './envelope.ts'

/** The part of a run that this attempt is to do. */
export interface Shard {
  /** From 0 to `total - 1`. */
  readonly index: number
  readonly total: number
  /** The items of this part: of those that the job names, or numbers from 0 as text. Absent unless the job is sharded. */
  readonly items?: readonly string[]
  /** Whether a key belongs to this shard. Every key belongs to exactly one shard, the same one on every executor. */
  owns(key: string | number | bigint): boolean
}

/** The shard of a call. */
export function createShard({ index, total, items }: Dispatch['shard']): Shard {
  const owns = (key: string | number | bigint) => total === 1 || hashKey(String(key)) % total === index
  return items === undefined ? { index, total, owns } : { index, total, items, owns }
}

/** 32-bit FNV-1a over UTF-8, mixed once more as murmur3 ends, so that low bits are as good as high ones. */
export function hashKey(key: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

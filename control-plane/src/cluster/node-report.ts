import { Packr } from 'msgpackr'
import type { NodeAlarm, NodeAlarmCode } from './alarms.ts'
import type { ConsensusStatus } from './consensus.ts'

/** A time without a leader, as a node saw it. */
export interface Leaderless {
  since: number
  until: number
  /** There was one before, which this node lost: not so when it had just been started. */
  knew: boolean
}

/** What a node told channels by itself, while nobody could write it down. */
export interface Said {
  /** Under which it was told: what is told later of the same has it too. */
  key: string
  /** Uid of the rule. */
  rule: number
  subject: { kind: 'node' | 'cluster'; id: string; name: string }
  since: number
  /** When this node heard of a leader again. */
  until?: number
}

export interface CertificateEnd {
  name: string
  endsAt: number
}

/** What a node says of itself to the others. */
export interface NodeReport extends ConsensusStatus {
  member: string
  /** Of the build. */
  version: string
  clusterVersion: number
  tzdata: string
  /** Epoch milliseconds. */
  startedAt: number
  databaseBytes: number
  logBytes: number
  /** Running digests of the state at the newest common marks, to be held against those of others. */
  digests: { index: number; digest: number }[]
  /** What it finds wrong with itself. */
  alarms?: NodeAlarm[]
  /** Until when the certificates that it shows are good. */
  certificates?: CertificateEnd[]
  /** The last time that it had no leader. */
  leaderless?: Leaderless
  /** What it told channels by itself that is over and not recorded yet. */
  said?: Said[]
  /** How often each of them began since its process started. */
  alarmsRaised?: Partial<Record<NodeAlarmCode, number>>
}

/** Hash of the whole state at a mark in the log, or why there is none. */
export type HashAnswer = { hash: string; rows: number } | { fault: string }

/** What is left of a node's log. */
export interface LogExtent {
  firstIndex: number
  logBytes: number
}

const COMPACT = 'compact'

const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)

/** A question or an answer between members of one cluster: plain data. */
export function encodeReport(value: NodeReport | HashAnswer | LogExtent | { index: number }): Uint8Array {
  return packr.pack(value)
}

export function decodeReport(bytes: Uint8Array): NodeReport {
  return packr.unpack(bytes) as NodeReport
}

export function decodeHashAnswer(bytes: Uint8Array): HashAnswer {
  return packr.unpack(bytes) as HashAnswer
}

/** The index of the mark at which a hash is asked for. */
export function decodeMark(bytes: Uint8Array): number {
  return (packr.unpack(bytes) as { index: number }).index
}

export function decodeLogExtent(bytes: Uint8Array): LogExtent {
  return packr.unpack(bytes) as LogExtent
}

/** Asks to let go of the log, but for the last entries. */
export function encodeCompact(entriesKeep: number): Uint8Array {
  return packr.pack([COMPACT, entriesKeep])
}

/** How many entries are to stay; undefined when the request is about something else. */
export function decodeCompact(bytes: Uint8Array): number | undefined {
  const value: unknown = packr.unpack(bytes)
  return Array.isArray(value) && value[0] === COMPACT && typeof value[1] === 'number' ? value[1] : undefined
}

import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Command } from '../state/commands.ts'
import type { DigestRing } from '../state/digest-ring.ts'
import type { NodeAbout, State } from '../state/state.ts'
import type { Alarms } from './alarms.ts'
import type { Consensus, Outcome } from './consensus.ts'
import { raftId } from './member-id.ts'
import type { Network } from './network.ts'
import {
  type CertificateEnd,
  decodeCompact,
  decodeHashAnswer,
  decodeLogExtent,
  decodeMark,
  decodeReport,
  encodeCompact,
  encodeReport,
  type HashAnswer,
  type Leaderless,
  type LogExtent,
  type NodeReport,
  type Said,
} from './node-report.ts'

/** How long another node may take to say how it is, and to hash its state, in milliseconds. */
const REPORT_TIMEOUT_MS = 1500
const HASH_TIMEOUT_MS = 120_000
const COMPACT_TIMEOUT_MS = 60_000
/** How long a node waits to apply the mark at which it is to hash. */
const MARK_TIMEOUT_MS = 10_000
/** Digests that a node shows. */
const DIGESTS_SHOWN = 8

export interface ObserverDeps {
  clock: Clock
  node: string
  about: NodeAbout
  startedAt: number
  state(): State
  consensus: Pick<Consensus, 'status' | 'waitApplied'>
  network: Pick<Network, 'request'>
  digests: Pick<DigestRing, 'entries'>
  hashes: { at(index: number): Promise<{ hash: string; rows: number }> | undefined }
  log: { bytes: number; firstIndex: number }
  /** Lets go of the log here, but for the last entries. */
  compact(entriesKeep: number): Promise<void>
  databaseBytes(): Promise<number>
  /** What this node finds wrong with itself. @default nothing */
  alarms?: Pick<Alarms, 'list' | 'counts'>
  /** Of the certificates that this node shows. @default none */
  certificates?(): Promise<CertificateEnd[]>
  /** The last time that this node had no leader. @default none */
  leaderless?(): Leaderless | undefined
  /** What this node told channels by itself that is over and not recorded yet. @default nothing */
  said?(): Said[]
  submit(command: Command): Promise<Outcome>
}

/** What a member says of itself, or why it says nothing. */
export type Observed = { member: string } & ({ report: NodeReport } | { fault: string })
export type Hashed = { member: string } & HashAnswer
export type Compacted = { member: string } & (LogExtent | { fault: string })

/** Asks all members how they are, and answers when it is asked itself. */
export class Observer {
  readonly #deps: ObserverDeps

  constructor(deps: ObserverDeps) {
    this.#deps = deps
  }

  async own(): Promise<NodeReport> {
    const { node, about, startedAt, consensus, digests, log, databaseBytes, alarms, certificates } = this.#deps
    const leaderless = this.#deps.leaderless?.()
    const said = this.#deps.said?.() ?? []
    return {
      ...consensus.status(),
      ...about,
      member: node,
      startedAt,
      databaseBytes: await databaseBytes(),
      logBytes: log.bytes,
      digests: digests.entries().slice(-DIGESTS_SHOWN),
      ...(alarms ? { alarms: alarms.list, alarmsRaised: alarms.counts } : {}),
      ...(certificates ? { certificates: await certificates() } : {}),
      ...(leaderless ? { leaderless } : {}),
      ...(said.length > 0 ? { said } : {}),
    }
  }

  /** Every member that has joined, this one first; all are asked at once. */
  all(): Promise<Observed[]> {
    return this.#each(async (member): Promise<Observed> => {
      if (member === this.#deps.node) return { member, report: await this.own() }
      const reply = await this.#deps.network.request(raftId(member), 'status', new Uint8Array(0), REPORT_TIMEOUT_MS)
      return { member, report: decodeReport(reply) }
    })
  }

  /** Marks the log and has every member hash its whole state as it is at the mark. */
  async hashes(): Promise<{ index: number; members: Hashed[] }> {
    const outcome = await this.#deps.submit({ kind: 'hash-mark', at: this.#deps.clock.now() })
    if (outcome.kind === 'rejected') throw new Problem(outcome.rejection.code, outcome.rejection.detail)
    const { index } = outcome
    const members = await this.#each(async (member): Promise<Hashed> => {
      if (member === this.#deps.node) return { member, ...(await this.#hashAt(index)) }
      const reply = await this.#deps.network.request(raftId(member), 'digest', encodeReport({ index }), HASH_TIMEOUT_MS)
      return { member, ...decodeHashAnswer(reply) }
    })
    return { index, members }
  }

  /** Has every member let go of its log, but for the last entries. */
  compact(entriesKeep: number): Promise<Compacted[]> {
    return this.#each(async (member): Promise<Compacted> => {
      if (member === this.#deps.node) return { member, ...(await this.#compactHere(entriesKeep)) }
      const body = encodeCompact(entriesKeep)
      const reply = await this.#deps.network.request(raftId(member), 'api', body, COMPACT_TIMEOUT_MS)
      return { member, ...decodeLogExtent(reply) }
    })
  }

  /** Another member asks to let go of the log; undefined when the body is about something else. */
  async answerCompact(body: Uint8Array): Promise<Uint8Array | undefined> {
    const entriesKeep = decodeCompact(body)
    return entriesKeep === undefined ? undefined : encodeReport(await this.#compactHere(entriesKeep))
  }

  async #compactHere(entriesKeep: number): Promise<LogExtent> {
    const { compact, log } = this.#deps
    await compact(entriesKeep)
    return { firstIndex: log.firstIndex, logBytes: log.bytes }
  }

  /** Another member asks how this one is. */
  async answerStatus(): Promise<Uint8Array> {
    return encodeReport(await this.own())
  }

  /** Another member asks for the hash of the state here at a mark. */
  async answerDigest(body: Uint8Array): Promise<Uint8Array> {
    return encodeReport(await this.#hashAt(decodeMark(body)))
  }

  async #hashAt(index: number): Promise<HashAnswer> {
    try {
      await this.#deps.consensus.waitApplied(index, MARK_TIMEOUT_MS)
      const hash = await this.#deps.hashes.at(index)
      return hash ? { hash: hash.hash, rows: hash.rows } : { fault: 'it came past the mark by a snapshot' }
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) }
    }
  }

  #each<T extends { member: string }>(
    ask: (member: string) => Promise<T>,
  ): Promise<(T | { member: string; fault: string })[]> {
    const { node, state } = this.#deps
    const others = [...state().members.values()].filter(({ id, joinedAt }) => id !== node && joinedAt !== undefined)
    return Promise.all(
      [node, ...others.map(({ id }) => id)].map((member) =>
        ask(member).catch((error: unknown) => ({
          member,
          fault: error instanceof Error ? error.message : String(error),
        })),
      ),
    )
  }
}

import { Packr } from 'msgpackr'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { StorageError } from '../runtime/storage-error.ts'
import type { DigestRing } from '../state/digest-ring.ts'
import type { State } from '../state/state.ts'
import type { Alarms } from './alarms.ts'
import type { Consensus } from './consensus.ts'
import { type DigestAt, type Divergence, divergence } from './digest-verdict.ts'
import { raftId } from './member-id.ts'
import type { Network } from './network.ts'

/** How often a leader holds the states of the members against each other, in milliseconds. */
const LOOK_MS = 10_000
/** How long a member may take to answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 2000

/** The end of a node whose state is not that of the others, and of each later start with the same folder. */
export function diverged(folder: string, message: string): StorageError {
  const nextStep =
    'The node serves nothing more. Keep a copy of the folder for a report, remove the member (`cronclave member remove`), and let it join again with an empty folder (`cronclave member add`).'
  return new StorageError(message, { folder, nextStep })
}

export interface DigestWatchDeps {
  clock: Clock
  logger: Logger
  alarms: Alarms
  node: string
  /** Where its state lies, to say so. */
  folder: string
  state(): State
  digests: Pick<DigestRing, 'entries' | 'at'>
  network: Pick<Network, 'request'>
  consensus: Pick<Consensus, 'leadership'>
  /** The state here is not that of the others: the process is to end. */
  onDiverged(error: Error): void
}

type Question = { ring: true } | { wrong: DigestAt }

const packr = new Packr({ useRecords: false })

/**
 * Finds members whose state is not that of the others, though they have applied the same entries: the leader asks all for
 * their digests, and tells those who are wrong, who serve nothing from then on.
 */
export class DigestWatch {
  readonly #deps: DigestWatchDeps
  #cancel: (() => void) | undefined
  #looking = false

  constructor(deps: DigestWatchDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#cancel ??= this.#deps.clock.after(LOOK_MS, this.#onTime)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Answers the leader; undefined when the question is another. */
  answer(body: Uint8Array): Uint8Array | undefined {
    const question = packr.unpack(body) as Partial<{ ring: true; wrong: DigestAt }>
    if (question.ring) return packr.pack(this.#deps.digests.entries())
    if (!question.wrong) return undefined
    this.#judge(question.wrong)
    return packr.pack(true)
  }

  readonly #onTime = (): void => {
    this.#cancel = this.#deps.clock.after(LOOK_MS, this.#onTime)
    if (this.#deps.consensus.leadership().isLeader) void this.#look()
    else if (!this.#looking) this.#deps.alarms.clear('state-diverged')
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const { node, state, digests, alarms, logger } = this.#deps
    try {
      const members = [...state().members.values()].filter(({ joinedAt }) => joinedAt !== undefined)
      const others = members.filter(({ id }) => id !== node).map(({ id }) => id)
      const rings = new Map([[node, digests.entries() as readonly DigestAt[]]])
      await Promise.all(
        others.map(async (id) => {
          const ring = await this.#ask(id, { ring: true }).catch(() => undefined)
          if (ring) rings.set(id, ring as DigestAt[])
        }),
      )
      const found = divergence(rings, node, members.length)
      if (!found) return alarms.clear('state-diverged')
      alarms.raise('state-diverged', this.#sentence(found), 'error')
      await this.#tell(found)
    } catch (error) {
      logger.warn({ error: String(error) }, 'the states of the members could not be compared')
    } finally {
      this.#looking = false
    }
  }

  async #tell({ index, right, wrong }: Divergence): Promise<void> {
    if (right === undefined) return
    const { node } = this.#deps
    for (const member of wrong) {
      if (member === node) this.#judge({ index, digest: right })
      else await this.#ask(member, { wrong: { index, digest: right } }).catch(() => undefined)
    }
  }

  /** The others have another digest at an index: if that is so, this node must not serve what it holds. */
  #judge({ index, digest }: DigestAt): void {
    const { digests, alarms, folder, onDiverged } = this.#deps
    const own = digests.at(index)
    if (own === undefined || own === digest) return
    const message = `The state in ${folder} is not that of the other members: at index ${index} they have digest ${digest}, and this node has ${own}.`
    alarms.raise('state-diverged', message, 'error')
    onDiverged(diverged(folder, message))
  }

  async #ask(member: string, question: Question): Promise<unknown> {
    const body = packr.pack(question)
    return packr.unpack(await this.#deps.network.request(raftId(member), 'digest', body, ANSWER_TIMEOUT_MS))
  }

  #sentence({ index, members, wrong }: Divergence): string {
    const { members: known } = this.#deps.state()
    const names = (ids: string[]) => ids.map((id) => known.get(id)?.name ?? id).join(', ')
    return wrong.length === 0
      ? `At index ${index} the states of ${names(members)} are not the same, and too few answer to say which is right: run \`cronclave endpoint hash\`.`
      : `At index ${index} the state of ${names(wrong)} is not that of the others: remove it, and let it join again with an empty folder.`
  }
}

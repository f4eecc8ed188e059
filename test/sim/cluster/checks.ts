import { crc32 } from 'node:zlib'
import { decodeCommand, encodeEntry } from '../../../control-plane/src/cluster/entry-codec.ts'
import { voteText } from '../../../control-plane/src/cluster/member-id.ts'
import type { Entry, MemberId, Message, MessageOf } from '../../../control-plane/src/raft/types.ts'
import { apply, pass } from '../../../control-plane/src/state/apply.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import { emptyState, type State } from '../../../control-plane/src/state/state.ts'
import type { Wal } from '../../../control-plane/src/wal/wal.ts'
import { Promises } from '../promises.ts'
import type { Arrival } from './executors.ts'
import type { OutletSide } from './outlet-side.ts'

/** A promise that did not hold. */
export class BrokenPromise extends Error {
  override name = 'BrokenPromise'
  readonly promise: string

  constructor(promise: string, detail: string) {
    super(`${promise}: ${detail}`)
    this.promise = promise
  }
}

/** A process as the checks see it. */
export interface Observed {
  readonly id: MemberId
  readonly name: string
  /** Last index that its memory has. */
  applied: number
  readonly wal: Wal | undefined
}

/** Entries between two looks at the whole state. */
const LOOK_EVERY = 16

/** What consensus promises, held against everything that all nodes send, write and apply. */
export class Checks {
  readonly promises = new Promises()
  /** What the committed entries give when each is applied once. */
  readonly reference: State = emptyState()
  /** Attempts that a committed entry started, with their fencing tokens. */
  readonly started = new Map<string, { token: number; node: string; supersedes: readonly string[] }>()
  readonly #onBroken: (error: Error) => void
  readonly #onApplied: (applied: Applied) => void
  /** What is promised where outcomes are handed on to. */
  outlets: Pick<OutletSide, 'check' | 'checkState'> | undefined
  /** By index; `by`: the greatest term in which anybody led by then, as that of its entry may be an earlier one. */
  readonly #committed: { term: number; crc: number; by: number }[] = []
  readonly #digests: number[] = []
  readonly #leaders = new Map<number, MemberId>()
  #lastTerm = 1
  readonly #votes = new Map<string, MemberId>()
  /** Ends of the logs with which members stood for election, what their disks do not have yet included. */
  readonly #ends = new Map<string, { index: number; term: number }>()
  readonly #entries = new Map<string, string>()
  /** Last change of the membership that a leader began, by term. */
  readonly #changes = new Map<number, number>()
  readonly #tokens = new Map<string, number>()
  /** Greatest token that came in at an executor, by run and shard. */
  readonly #arrived = new Map<string, number>()
  /** Attempts that an executor began, and those of which is recorded that nobody did. */
  readonly #begun = new Set<string>()
  readonly #refused = new Set<string>()
  /** Attempts of which an executor said that they succeeded. */
  readonly #succeeded = new Set<string>()
  /** The greatest commit that anybody spoke of. */
  #spoken = 1

  constructor(onBroken: (error: Error) => void, onApplied: (applied: Applied) => void) {
    this.#onBroken = onBroken
    this.#onApplied = onApplied
    pass(this.reference, { index: 1, term: 1 })
    this.#committed[1] = { term: 1, crc: 0, by: 1 }
    this.#digests[1] = this.reference.digest
  }

  fail(promise: string, detail: string): void {
    this.#onBroken(new BrokenPromise(promise, detail))
  }

  /** What a new process finds on its disk, or somebody has applied. */
  recovered(commit: number): void {
    this.#spoken = Math.max(this.#spoken, commit)
  }

  sent(from: Observed, message: Message): void {
    switch (message.type) {
      case 'append':
        this.#leads(from, message.term)
        this.#matches(from, message)
        this.#mayCommit(from, message)
        return
      case 'heartbeat':
        this.#leads(from, message.term)
        this.#mayCommit(from, message)
        return
      case 'snapshot':
        this.#leads(from, message.term)
        return
      case 'vote':
        this.#ends.set(`${from.id}/${message.term}`, { index: message.index, term: message.logTerm })
        return
      case 'append-response':
        if (!message.rejected) this.#hasDurably(from, message)
        return
      case 'vote-response':
        if (!message.rejected) this.#voted(from, message)
        return
      default:
    }
  }

  /** Entries that a node has made durable; they replace what it had from the first of them on. */
  durable(node: Observed, entries: readonly Entry[]): void {
    const first = entries[0]
    if (first !== undefined && first.index <= node.applied) {
      this.fail('no committed entry lost', `${node.name} writes over ${first.index}, it has applied ${node.applied}`)
    }
  }

  /** A node has applied an entry. */
  applied(node: Observed, entry: Entry, digest: number): void {
    const { index, term } = entry
    if (index !== node.applied + 1) {
      this.fail('each entry is applied once, in order', `${node.name} applies ${index} after ${node.applied}`)
    }
    node.applied = index
    const crc = crc32(encodeEntry(entry))
    const known = this.#committed[index]
    if (known === undefined) this.#commit(entry, crc)
    else if (known.term !== term || known.crc !== crc) {
      this.fail('no committed entry changed', `${node.name} applies ${index} of term ${term}, others of ${known.term}`)
    }
    this.agrees(node.name, index, digest)
  }

  /** The state of a node at an index is that of all others. */
  agrees(name: string, index: number, digest: number): void {
    const known = this.#digests[index]
    if (known !== digest) this.fail('applied states are equal', `${name} at ${index}: ${digest}, others ${known}`)
  }

  /** A node says that it leads. */
  tookOffice(node: Observed, term: number, state: Pick<State, 'term'>): void {
    if (state.term === term) return
    this.fail('a leader works only after its own entry', `${node.name} leads ${term}, and has applied ${state.term}`)
  }

  /** A node hands the first byte of a call to the network. */
  leaves(node: string, attempt: string): void {
    const sender = this.reference.nodes.get(node)
    if (sender === undefined || sender.down === true) {
      this.fail('a node that was given up sends nothing', `${node} sent ${attempt}`)
    }
  }

  /** A call of a node has come in at an executor. */
  arrived(node: string, { attempt, token, to, taken, polled }: Arrival): void {
    const known = this.started.get(attempt)
    if (known === undefined || known.node !== node || String(known.token) !== token) {
      this.fail('no attempt before its commit', `${attempt} with token ${token}`)
    }
    if (known === undefined) return
    const shard = attempt.slice(0, attempt.lastIndexOf('-'))
    const last = this.#arrived.get(shard) ?? 0
    if (taken === 'begun' && known.token < last && !polled) {
      this.fail('fencing never falls at arrival', `${attempt} comes to ${to.who} with ${token} after ${last}`)
    }
    this.#arrived.set(shard, Math.max(last, known.token))
    if (taken === 'begun') this.#begun.add(attempt)
    this.#isCertain(attempt)
    const handled =
      taken === 'begun' && to.sdk ? known.supersedes.find((earlier) => to.handled.has(earlier)) : undefined
    if (handled !== undefined) {
      this.fail('a redispatch is handled once', `${to.who} runs ${attempt}, and has run ${handled} before`)
    }
  }

  /** What is recorded as refused was begun by nobody: it is given to others without a second thought. */
  #isCertain(attempt: string): void {
    if (!this.#refused.has(attempt) || !this.#begun.has(attempt)) return
    this.fail('what was refused was never begun', attempt)
  }

  /** An executor says how an attempt ended. */
  answered(attempt: string, outcome: 'succeeded' | 'failed'): void {
    if (outcome === 'succeeded') this.#succeeded.add(attempt)
  }

  #leads(node: Observed, term: number): void {
    const leader = this.#leaders.get(term)
    if (leader === node.id) return
    if (leader !== undefined) this.fail('at most one leader per term', `${leader} and ${node.id} in term ${term}`)
    this.#leaders.set(term, node.id)
    this.#lastTerm = Math.max(this.#lastTerm, term)
    this.#votes.set(`${node.id}/${term}`, node.id)
    let last = this.#committed.length - 1
    while (last > 1 && this.#committed[last]!.by >= term) last--
    const { wal } = node
    if (wal === undefined || node.applied >= last) return
    const own = wal.termAt(last)
    const end = this.#ends.get(`${node.id}/${term}`)
    const committed = this.#committed[last]!
    // Its disk may be behind its memory; what it says of its end is held against the rest by log matching.
    if (own === undefined && end !== undefined && end.index >= last && end.term >= committed.term) return
    if (own !== committed.term) {
      this.fail('no committed entry lost', `${node.name} leads term ${term} with term ${own} at ${last}`)
    }
  }

  #matches(from: Observed, { index, logTerm, entries }: MessageOf<'append'>): void {
    let before = logTerm
    for (const [at, entry] of entries.entries()) {
      const key = `${entry.index}/${entry.term}`
      const value = `${before} ${crc32(encodeEntry(entry))}`
      const known = this.#entries.get(key)
      if (known === undefined) {
        this.#entries.set(key, value)
        if (entry.kind !== 'normal') this.#changesOnce(from, entry)
      } else if (known !== value || entry.index !== index + 1 + at)
        this.fail('log matching', `${key}: ${known}, ${value}`)
      before = entry.term
    }
  }

  /** A leader begins a change of the membership only once it has applied the last one. */
  #changesOnce({ applied, name }: Observed, { index, term }: Entry): void {
    const last = this.#changes.get(term)
    if (last !== undefined && last < index && last > applied) {
      this.fail('one change of membership at a time', `${name} adds ${index} while ${last} is not applied in ${term}`)
    }
    this.#changes.set(term, Math.max(last ?? 0, index))
  }

  /** A leader commits by counting only what is of its own term. */
  #mayCommit({ wal, name }: Observed, { term, commit }: MessageOf<'append' | 'heartbeat'>): void {
    if (commit <= this.#spoken) return
    this.#spoken = commit
    const own = wal?.termAt(commit)
    if (own !== undefined && own !== term) {
      this.fail('only entries of its own term are counted', `${name} commits ${commit} of term ${own} in term ${term}`)
    }
  }

  #hasDurably({ wal, name }: Observed, { index, term }: MessageOf<'append-response'>): void {
    if (wal === undefined || (wal.lastIndex >= index && wal.hardState.term >= term)) return
    this.fail('nothing is said before it is durable', `${name} has ${wal.lastIndex}, and says that it has ${index}`)
  }

  #voted({ id, name, wal }: Observed, { to, term }: MessageOf<'vote-response' | 'pre-vote-response'>): void {
    const key = `${id}/${term}`
    const vote = this.#votes.get(key)
    if (vote !== undefined && vote !== to) {
      this.fail('a vote never changes', `${name} votes for ${vote} and ${to} in term ${term}`)
    }
    this.#votes.set(key, to)
    const durable = wal?.hardState
    // A later term on disk keeps it from voting otherwise in this one just as well.
    if (durable !== undefined && (durable.term < term || (durable.term === term && durable.vote !== voteText(to)))) {
      this.fail('nothing is said before it is durable', `${name} votes in ${term}, and has written ${durable.term}`)
    }
  }

  #commit(entry: Entry, crc: number): void {
    const { index, term } = entry
    if (index !== this.reference.index + 1) {
      this.fail('each entry is applied once, in order', `${index} follows ${this.reference.index}`)
      return
    }
    this.#committed[index] = { term, crc, by: Math.max(term, this.#lastTerm) }
    this.recovered(index)
    const command = commandOf(entry)
    if (command === undefined) pass(this.reference, { index, term })
    else {
      const applied = apply(this.reference, { index, term, command })
      this.#noteStarts(applied)
      this.#hold(() => this.promises.checkEntry({ index, term, command }, applied, this.reference))
      this.outlets?.check({ index, term, command }, applied, this.reference)
      this.#onApplied(applied)
    }
    if (index % LOOK_EVERY === 0) {
      this.#hold(() => this.promises.checkState(this.reference))
      this.outlets?.checkState(this.reference)
    }
    this.#digests[index] = this.reference.digest
  }

  #noteStarts({ events }: Applied): void {
    for (const event of events) {
      if (event.type === 'attempt-ended' && event.attempt.outcome === 'refused') {
        this.#refused.add(event.attempt.id)
        this.#isCertain(event.attempt.id)
      }
      if (event.type === 'attempt-ended' && event.attempt.outcome === 'succeeded') {
        const { id, executor } = event.attempt
        if (!this.#succeeded.has(id))
          this.fail('success is the word of an executor', `${executor} did not say it of ${id}`)
      }
      if (event.type !== 'attempt-started') continue
      const { id, fencingToken, node, supersedes } = event.attempt
      this.started.set(id, { token: fencingToken, node, supersedes })
      const job = this.reference.runs.get(event.run)?.job
      const key = `${job}/${event.shard}`
      if ((this.#tokens.get(key) ?? 0) >= fencingToken) {
        this.fail('fencing tokens never fall', `${id} has ${fencingToken} after ${this.#tokens.get(key)}`)
      }
      this.#tokens.set(key, fencingToken)
    }
  }

  #hold(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.fail('runs, slots and the ledger are as promised', (error as Error).message)
    }
  }
}

function commandOf(entry: Entry) {
  const bytes = entry.kind === 'normal' ? entry.data : entry.change!.context
  return bytes.length === 0 ? undefined : decodeCommand(Uint8Array.from(bytes))
}

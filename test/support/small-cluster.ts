import { EMPTY_MEMBERSHIP } from '../../control-plane/src/raft/membership.ts'
import { Raft } from '../../control-plane/src/raft/raft.ts'
import type {
  Entry,
  HardState,
  Index,
  MemberId,
  Membership,
  MembershipChange,
  Message,
  MessageOf,
  MessageType,
  RaftOptions,
  ReadState,
  Snapshot,
  Term,
} from '../../control-plane/src/raft/types.ts'
import { MemoryStorage } from './memory-storage.ts'

export type MemberOptions = Partial<Omit<RaftOptions, 'id' | 'storage'>>

export const ELECTION_TICKS = 10

/** A member that stores at once, applies at once and keeps count of what it was handed. */
export class Member {
  readonly id: MemberId
  readonly storage: MemoryStorage
  raft: Raft
  /** Payloads as they were applied since the last start. */
  applied: string[] = []
  reads: ReadState[] = []
  /** Snapshots that were received and installed. */
  installed: Snapshot[] = []
  readonly #options: MemberOptions

  constructor(id: MemberId, storage: MemoryStorage, options: MemberOptions) {
    this.id = id
    this.storage = storage
    this.#options = options
    this.raft = this.#start()
  }

  /** Loses everything that is not stored. */
  restart(changed: MemberOptions = {}): void {
    this.applied = []
    this.reads = []
    this.raft = this.#start(changed)
  }

  /** Does what the core asks for until it asks for nothing, and gives what is to be sent. */
  work(): Message[] {
    const sent: Message[] = []
    while (this.raft.hasReady()) {
      const ready = this.raft.ready()
      if (ready.hardState !== undefined) this.storage.hardState = ready.hardState
      if (ready.snapshot !== undefined) {
        this.storage.install(ready.snapshot)
        this.installed.push(ready.snapshot)
      }
      this.storage.append(ready.entries)
      this.reads.push(...ready.readStates)
      for (const entry of ready.committed) this.#apply(entry)
      sent.push(...ready.messages)
      this.raft.advance(ready)
    }
    return sent
  }

  /** Takes messages in, and gives what it sends thereupon. */
  hear(...messages: Message[]): Message[] {
    for (const message of messages) this.raft.step(message)
    return this.work()
  }

  tick(ticks = 1): Message[] {
    for (let passed = 0; passed < ticks; passed++) this.raft.tick()
    return this.work()
  }

  get log(): string[] {
    return this.storage.all().map(({ term, index }) => `${term}/${index}`)
  }

  #apply(entry: Entry): void {
    if (entry.change !== undefined) this.raft.applyChange(entry.change)
    else if (entry.data.length > 0) this.applied.push(new TextDecoder().decode(entry.data))
  }

  #start(changed: MemberOptions = {}): Raft {
    return new Raft({
      electionTicks: ELECTION_TICKS,
      heartbeatTicks: 1,
      random: () => 0,
      ...this.#options,
      ...changed,
      id: this.id,
      storage: this.storage,
    })
  }
}

/** A member with a log made up for the test, in a cluster of which it may be the only one there. */
export function memberWith(start: {
  id?: MemberId
  membership?: Partial<Membership>
  terms?: Term[]
  hardState?: Partial<HardState>
  options?: MemberOptions
}): Member {
  const storage = new MemoryStorage()
  storage.take({ index: 0, term: 0, membership: { ...EMPTY_MEMBERSHIP, voters: [1, 2, 3], ...start.membership } })
  storage.append((start.terms ?? []).map((term, at) => entry(term, at + 1)))
  storage.hardState = { term: start.terms?.at(-1) ?? 0, vote: 0, commit: 0, ...start.hardState }
  return new Member(start.id ?? 1, storage, { preVote: false, checkQuorum: false, ...start.options })
}

/** Members with a network between them that delivers in order, loses what it is told to, and nothing else. */
export class SmallCluster {
  readonly members: Member[]
  /** What is lost on the way. */
  loses: (message: Message) => boolean = () => false
  /** What is kept back until it is released. */
  holds: (message: Message) => boolean = () => false
  /** Everything that was sent, lost or not. */
  sent: Message[] = []
  readonly held: Message[] = []
  readonly #queue: Message[] = []

  /** @param absent members of the network that no configuration names yet, with the same beginning. */
  constructor(membership: Partial<Membership>, options: MemberOptions = {}, absent: MemberId[] = []) {
    const { voters = [], learners = [] } = membership
    this.members = [...voters, ...learners, ...absent].map((id) =>
      memberWith({ id, membership, options: { preVote: true, checkQuorum: true, ...options } }),
    )
  }

  member(id: MemberId): Member {
    return this.members.find((member) => member.id === id) as Member
  }

  raft(id: MemberId): Raft {
    return this.member(id).raft
  }

  /** Nothing comes from or to these, until `heal`. */
  isolate(...ids: MemberId[]): void {
    this.loses = ({ from, to }) => ids.includes(from) !== ids.includes(to) || (ids.includes(from) && from !== to)
  }

  heal(): void {
    this.loses = () => false
  }

  send(messages: readonly Message[]): void {
    this.sent.push(...messages)
    for (const message of messages) {
      if (this.loses(message)) continue
      if (this.holds(message)) this.held.push(message)
      else this.#queue.push(message)
    }
  }

  /** Lets what was held back arrive now. */
  release(): void {
    this.holds = () => false
    this.#queue.push(...this.held.splice(0))
    this.settle()
  }

  /** Works and delivers until nothing moves. */
  settle(): void {
    for (let rounds = 0; rounds < 10_000; rounds++) {
      for (const member of this.members) this.send(member.work())
      const message = this.#queue.shift()
      if (message === undefined) return
      this.members.find(({ id }) => id === message.to)?.raft.step(message)
    }
    throw new Error('the members never come to rest')
  }

  /** Time passes for one member, or for all. */
  tick(ticks: number, ...ids: MemberId[]): void {
    for (let passed = 0; passed < ticks; passed++) {
      for (const { id, raft } of this.members) if (ids.length === 0 || ids.includes(id)) raft.tick()
      this.settle()
    }
  }

  elect(id: MemberId): void {
    this.raft(id).campaign()
    this.settle()
    if (this.leader() !== id) throw new Error(`${id} was not elected`)
  }

  /** Elects another while the old leader may still believe in itself; the others have waited long enough. */
  takeOver(id: MemberId): void {
    for (const member of this.members) member.raft.forgetLeader()
    this.elect(id)
  }

  /** Who leads in the highest term. */
  leader(): MemberId | undefined {
    const leaders = this.members.filter(({ raft }) => raft.state.role === 'leader')
    return leaders.sort((a, b) => b.raft.state.term - a.raft.state.term)[0]?.id
  }

  propose(id: MemberId, ...texts: string[]) {
    const outcome = this.raft(id).propose(texts.map(bytes))
    this.settle()
    return outcome
  }

  change(id: MemberId, change: MembershipChange) {
    const outcome = this.raft(id).proposeChange(change)
    this.settle()
    return outcome
  }

  /** Makes the state at what is applied now the one to send, and drops the log up to there. */
  compact(id: MemberId): Index {
    const { raft, storage } = this.member(id)
    const index = raft.status().applied
    storage.take({ index, term: storage.term(index) as Term, membership: raft.status().membership })
    storage.compact(index)
    return index
  }

  sentOf<T extends MessageType>(type: T): MessageOf<T>[] {
    return ofType(this.sent, type)
  }
}

export function ofType<T extends MessageType>(messages: readonly Message[], type: T): MessageOf<T>[] {
  return messages.filter((message): message is MessageOf<T> => message.type === type)
}

export function entry(term: Term, index: Index, text = `${term}/${index}`): Entry {
  return { term, index, kind: 'normal', data: bytes(text) }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A change by its steps: `v4`, `l2`, `r1`; without steps it leaves a joint configuration. */
export function change(steps: string, transition: MembershipChange['transition'] = 'auto'): MembershipChange {
  const words = { v: 'add-voter', l: 'add-learner', r: 'remove', u: 'update' } as const
  return {
    transition,
    context: new Uint8Array(),
    steps: steps
      .split(' ')
      .filter((step) => step !== '')
      .map((step) => ({ do: words[step[0] as keyof typeof words], member: Number(step.slice(1)) })),
  }
}

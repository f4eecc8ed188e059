import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { Consensus, Leadership, MembersView, MemberStep, Outcome, PeerProgress } from './consensus.ts'
import { Members } from './members.ts'
import { Observer } from './observer.ts'

export const OWN_ID = '1'.repeat(16)
export const CLUSTER_KEY = Buffer.alloc(32, 5)

export interface LeadingDeps {
  clock: Clock
  random: Random
  state: State
  run(command: Command): Outcome
}

/** Fixture: the consensus as the one that leads sees it; the others are what a test says of them. */
export class Leading {
  readonly #deps: LeadingDeps
  readonly view: MembersView = { voters: [OWN_ID], learners: [], outgoing: [] }
  /** What the leader knows of others, by id. */
  readonly peers = new Map<string, PeerProgress>()
  readonly steps: MemberStep[][] = []
  /** Requests to others, and what they answer. */
  readonly asked: { to: number; kind: string }[] = []
  answer: (kind: string, body: Uint8Array) => Promise<Uint8Array> = () => Promise.reject(new Error('unreachable'))
  leader: string | undefined = OWN_ID
  readonly #listeners = new Set<(leadership: Leadership) => void>()
  readonly members: Members
  readonly observer: Observer

  constructor(deps: LeadingDeps) {
    this.#deps = deps
    const { clock, random, state, run } = deps
    const network = {
      request: (to: number, kind: string, body: Uint8Array) => {
        this.asked.push({ to, kind })
        return this.answer(kind, body)
      },
    }
    const consensus = this.consensus
    const node = OWN_ID
    const removed = new Promise<void>(() => undefined)
    const alike = { clock, random, node, state: () => state, consensus, network }
    this.members = new Members({ ...alike, clusterKey: CLUSTER_KEY, removed })
    this.observer = new Observer({
      clock,
      node,
      about: { version: '0.0.0-test', clusterVersion: 1, tzdata: '2026b' },
      startedAt: clock.now(),
      state: () => state,
      consensus,
      network,
      digests: { entries: () => [] },
      hashes: { at: () => Promise.resolve({ hash: 'ab'.repeat(32), rows: 7 }) },
      log: { bytes: 1024, firstIndex: 1 },
      compact: () => Promise.resolve(),
      databaseBytes: () => Promise.resolve(4096),
      submit: (command) => Promise.resolve(run(command)),
    })
  }

  get consensus(): Omit<Consensus, 'readIndex' | 'stop'> {
    const { state, run } = this.#deps
    return {
      propose: (command) => Promise.resolve(run(command)),
      membership: () => structuredClone(this.view),
      leadership: () => this.#leadership(),
      inTouch: () => this.leader !== undefined,
      waitApplied: () => Promise.resolve(),
      change: (steps, command) => this.#change(steps, command),
      transfer: (to) => {
        const target = to ?? this.view.voters.find((id) => id !== OWN_ID)
        if (target === undefined) return Promise.reject(new Problem('member-change-refused', 'There is no other voter'))
        this.lead(target)
        return Promise.resolve()
      },
      status: () => ({
        role: this.leader === OWN_ID ? 'leader' : 'follower',
        term: 1,
        leader: this.leader,
        commit: state.index,
        applied: state.index,
        firstIndex: 1,
        lastIndex: state.index,
        leaderChanges: 1,
        elections: 1,
        peers: [...this.peers.values()],
      }),
      onLeadership: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    }
  }

  /** Somebody else, nobody, or this node leads from now on. */
  lead(leader: string | undefined): void {
    this.leader = leader
    for (const listener of this.#listeners) listener(this.#leadership())
  }

  /** The leader has heard of a member just now; it lacks so many entries. */
  hears(member: string, lag = 0): void {
    const match = this.#deps.state.index - lag
    const learner = this.view.learners.includes(member)
    this.peers.set(member, { member, state: 'replicate', match, learner, silentMs: 10 })
  }

  #leadership(): Leadership {
    const isLeader = this.leader === OWN_ID
    return { term: 1, leader: this.leader, isLeader, signal: new AbortController().signal }
  }

  #change(steps: MemberStep[], command: Command | undefined): Promise<Outcome> {
    this.steps.push(steps)
    for (const { do: what, member } of steps) {
      for (const list of [this.view.voters, this.view.learners]) {
        const at = list.indexOf(member)
        if (at >= 0) list.splice(at, 1)
      }
      if (what === 'add-voter') this.view.voters.push(member)
      if (what === 'add-learner') this.view.learners.push(member)
    }
    const { run, state } = this.#deps
    return Promise.resolve(command ? run(command) : { kind: 'applied', index: state.index, value: {} })
  }
}

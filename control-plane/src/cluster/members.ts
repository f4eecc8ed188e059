import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import { pause } from '../runtime/pause.ts'
import type { Random } from '../runtime/random.ts'
import { memberNamed } from '../state/members.ts'
import type { Member, State } from '../state/state.ts'
import { type Consensus, NotCommitted, type Outcome } from './consensus.ts'
import { encodeJoinToken, JOIN_TOKEN_MS, joinSecret } from './join-token.ts'
import { raftId } from './member-id.ts'
import { decodeMemberReply, encodeMemberRequest, type MemberAnswer, type MemberRequest } from './member-request.ts'
import { checkAdd, checkPromote, checkRemove, checkReplace, type Membership, memberOf } from './member-rules.ts'
import { type Network, PeerUnreachable } from './network.ts'

/** How long the leader may take to answer another member, and a member to apply what it answered. */
const FORWARD_TIMEOUT_MS = 20_000
const APPLY_TIMEOUT_MS = 5000
/** How long is waited for somebody to lead. */
const HAND_OVER_MS = 5000
const LOOK_MS = 50

export interface MembersDeps {
  clock: Clock
  random: Random
  node: string
  clusterKey: Buffer
  state(): State
  consensus: Pick<Consensus, 'leadership' | 'membership' | 'change' | 'propose' | 'transfer' | 'status' | 'waitApplied'>
  network: Pick<Network, 'request'>
  /** Resolves when this node has learned that it is no member any more. */
  removed: Promise<void>
}

/** Changes who the members of the cluster are: done here by the leader, handed to it by everybody else. */
export class Members {
  readonly #deps: MembersDeps

  constructor(deps: MembersDeps) {
    this.#deps = deps
  }

  /** Does it, wherever the leader is; when it is done, this node has applied it. Throws a `Problem` or `NotCommitted`. */
  async ask(request: MemberRequest): Promise<MemberAnswer> {
    const { clock, consensus } = this.#deps
    const until = clock.monotonic() + HAND_OVER_MS
    const never = new AbortController().signal
    for (;;) {
      try {
        if (consensus.leadership().isLeader) return await this.handle(request)
        const answer = await this.#forwardOwnRemoval(request, this.#forward(request))
        await consensus.waitApplied(answer.index, APPLY_TIMEOUT_MS).catch(() => undefined)
        return answer
      } catch (error) {
        // Certainly not done: there is no leader, it has not taken office yet, or it has handed over because of this.
        const isRefused = error instanceof Problem && error.code === 'not-leader'
        if (!isRefused || clock.monotonic() > until) throw error
      }
      await pause(clock, LOOK_MS, never)
    }
  }

  /** Does it here; to be called on the leader. */
  handle(request: MemberRequest): Promise<MemberAnswer> {
    switch (request.do) {
      case 'add':
        return this.#add(request.name, request.learner)
      case 'promote':
        return this.promote(request.member)
      case 'remove':
        return this.#remove(request.member)
      case 'replace':
        return this.#replace(request.member, request.by)
      case 'update':
        return this.#update(request)
      case 'transfer':
        return this.#transfer(request.to)
    }
  }

  async promote(name: string): Promise<MemberAnswer> {
    const member = this.#member(name)
    checkPromote(this.#now(), member)
    const { consensus } = this.#deps
    return this.#done(await consensus.change([{ do: 'add-voter', member: member.id }]), member.id)
  }

  async #add(name: string, learner: boolean): Promise<MemberAnswer> {
    const { clock, consensus, state, clusterKey } = this.#deps
    checkAdd(this.#now(), name)
    const at = clock.now()
    const expiresAt = at + JOIN_TOKEN_MS
    const id = this.#newId()
    const member: Member = {
      id,
      name,
      address: '',
      addedAt: at,
      joinBy: expiresAt,
      ...(learner ? { staysLearner: true } : {}),
    }
    const outcome = await consensus.change([{ do: 'add-learner', member: id }], { kind: 'member-put', at, member })
    const there = [...state().members.values()].filter(({ address }) => address !== '')
    const token = encodeJoinToken({
      cluster: state().cluster,
      member: id,
      addresses: there.map(({ address }) => address),
      names: there.map((one) => one.name),
      secret: joinSecret(clusterKey, id, expiresAt),
      expiresAt,
    })
    return { ...this.#done(outcome, id), token }
  }

  async #remove(name: string): Promise<MemberAnswer> {
    const { clock, consensus, node } = this.#deps
    const member = this.#member(name)
    checkRemove(this.#now(), member)
    if (member.id === node) return this.#handOver()
    const command = { kind: 'member-delete' as const, at: clock.now(), member: member.id }
    return this.#done(await consensus.change([{ do: 'remove', member: member.id }], command), member.id)
  }

  async #replace(name: string, by: string): Promise<MemberAnswer> {
    const { clock, consensus, node } = this.#deps
    const [old, next] = [this.#member(name), this.#member(by)]
    checkReplace(this.#now(), old, next)
    if (old.id === node) return this.#handOver()
    const steps = [
      { do: 'add-voter' as const, member: next.id },
      { do: 'remove' as const, member: old.id },
    ]
    await consensus.change(steps)
    await this.#settled()
    // Only now: while both halves decide together, the one that goes has to be reached still.
    const command = { kind: 'member-delete' as const, at: clock.now(), member: old.id }
    return this.#done(await consensus.propose(command), next.id)
  }

  /** Waits until no change of the membership is under way. */
  async #settled(): Promise<void> {
    const { clock, consensus } = this.#deps
    const until = clock.monotonic() + HAND_OVER_MS
    while (consensus.membership().outgoing.length > 0) {
      if (clock.monotonic() > until) throw new NotCommitted('The change has begun, and has not come to its end in time')
      await pause(clock, LOOK_MS, new AbortController().signal)
    }
  }

  async #update({ member: nameOrId, name, address }: MemberRequest & { do: 'update' }): Promise<MemberAnswer> {
    const { clock, consensus } = this.#deps
    const { id } = this.#member(nameOrId)
    const change = { ...(name === undefined ? {} : { name }), ...(address === undefined ? {} : { address }) }
    return this.#done(await consensus.propose({ kind: 'member-update', at: clock.now(), member: id, change }), id)
  }

  async #transfer(to: string | undefined): Promise<MemberAnswer> {
    const { consensus, state } = this.#deps
    const target = to === undefined ? undefined : this.#member(to)
    if (target && !consensus.membership().voters.includes(target.id))
      throw new Problem('member-change-refused', `${target.name} does not vote and cannot lead`)
    await consensus.transfer(target?.id)
    return { index: state().index, ...(target ? { member: target } : {}) }
  }

  #done(outcome: Outcome, id: string): MemberAnswer {
    if (outcome.kind === 'rejected') throw new Problem(outcome.rejection.code, outcome.rejection.detail)
    const member = this.#deps.state().members.get(id)
    return { index: outcome.index, ...(member ? { member } : {}) }
  }

  /** A leader that goes could not say that it is done: it hands over, and whoever asked asks the next one. */
  async #handOver(): Promise<never> {
    await this.#deps.consensus.transfer()
    throw new Problem('not-leader', 'The leader has handed over, because it is to be removed; ask the next one')
  }

  /** The others hang up on a member that they have removed, sometimes before they have answered it. */
  async #forwardOwnRemoval(request: MemberRequest, answer: Promise<MemberAnswer>): Promise<MemberAnswer> {
    const { clock, state, removed, node } = this.#deps
    if (request.do !== 'remove' || this.#member(request.member).id !== node) return answer
    try {
      return await answer
    } catch (error) {
      if (!(error instanceof NotCommitted)) throw error
      const late = pause(clock, HAND_OVER_MS, new AbortController().signal).then(() => Promise.reject(error))
      await Promise.race([removed, late])
      return { index: state().index }
    }
  }

  async #forward(request: MemberRequest): Promise<MemberAnswer> {
    const { consensus, network, node } = this.#deps
    const { leader } = consensus.leadership()
    if (leader === undefined || leader === node)
      throw new Problem('not-leader', 'There is no leader at the moment; try again shortly')
    try {
      const reply = await network.request(raftId(leader), 'api', encodeMemberRequest(request), FORWARD_TIMEOUT_MS)
      return decodeMemberReply(reply)
    } catch (error) {
      if (error instanceof Problem || error instanceof NotCommitted) throw error
      if (error instanceof PeerUnreachable) throw new Problem('not-leader', 'The leader cannot be reached; try again')
      throw new NotCommitted('The leader did not answer: the change may or may not have been made', { cause: error })
    }
  }

  #now(): Membership {
    const { node, state, consensus } = this.#deps
    return { self: node, members: state().members, view: consensus.membership(), status: consensus.status() }
  }

  #member(nameOrId: string): Member {
    return memberOf(this.#deps.state(), nameOrId)
  }

  #newId(): string {
    const { random, state } = this.#deps
    const taken = new Set([...state().members.keys()].map(raftId))
    for (;;) {
      const id = Buffer.from(random.bytes(8)).toString('hex')
      if (!id.startsWith('0'.repeat(13)) && !taken.has(raftId(id)) && !memberNamed(state(), id)) return id
    }
  }
}

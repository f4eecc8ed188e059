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
    if (consensus.leadership().isLeader) {
      if (!this.#isAboutItself(request)) return this.handle(request)
      await consensus.transfer()
    }
    const answer = await this.#forwardUntil(until, request)
    await consensus.waitApplied(answer.index, APPLY_TIMEOUT_MS).catch(() => undefined)
    return answer
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
    const token = encodeJoinToken({
      cluster: state().cluster,
      member: id,
      addresses: this.#addresses(),
      secret: joinSecret(clusterKey, id, expiresAt),
      expiresAt,
    })
    return { ...this.#done(outcome, id), token }
  }

  async #remove(name: string): Promise<MemberAnswer> {
    const { clock, consensus, node } = this.#deps
    const { id } = this.#member(name)
    checkRemove(this.#now(), this.#member(name))
    // Somebody else has to do it: a leader that is not a member any more could not say that it is done.
    if (id === node) throw new Problem('not-leader', 'This node leads and is to be removed; try again shortly')
    const command = { kind: 'member-delete' as const, at: clock.now(), member: id }
    return this.#done(await consensus.change([{ do: 'remove', member: id }], command), id)
  }

  async #replace(name: string, by: string): Promise<MemberAnswer> {
    const { clock, consensus } = this.#deps
    const [old, next] = [this.#member(name), this.#member(by)]
    checkReplace(this.#now(), old, next)
    const command = { kind: 'member-delete' as const, at: clock.now(), member: old.id }
    const steps = [
      { do: 'add-voter' as const, member: next.id },
      { do: 'remove' as const, member: old.id },
    ]
    return this.#done(await consensus.change(steps, command), next.id)
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

  /** Removing or replacing the leader is done by the next one. */
  #isAboutItself(request: MemberRequest): boolean {
    if (request.do !== 'remove' && request.do !== 'replace') return false
    const member = this.#member(request.member)
    if (member.id !== this.#deps.node) return false
    if (request.do === 'remove') checkRemove(this.#now(), member)
    else checkReplace(this.#now(), member, this.#member(request.by))
    return true
  }

  /** A leader that is elected does not take orders before it has applied an entry of its own term. */
  async #forwardUntil(until: number, request: MemberRequest): Promise<MemberAnswer> {
    const { clock } = this.#deps
    const never = new AbortController().signal
    for (;;) {
      try {
        return await this.#forward(request)
      } catch (error) {
        const isRefused = error instanceof Problem && error.code === 'not-leader'
        if (!isRefused || clock.monotonic() > until) throw error
      }
      await pause(clock, LOOK_MS, never)
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

  #addresses(): string[] {
    return [...this.#deps.state().members.values()].flatMap(({ address }) => (address === '' ? [] : [address]))
  }
}

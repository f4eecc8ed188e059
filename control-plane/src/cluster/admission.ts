import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { Problem } from '../problems.ts'
import type { Command } from '../state/commands.ts'
import { joinsAgain } from '../state/members.ts'
import type { State } from '../state/state.ts'
import type { Outcome } from './consensus.ts'
import { decodeJoinRequest, encodeJoin, type JoinReply, type JoinRequest } from './join-codec.ts'
import { joinProof, joinSecret, sameProof } from './join-token.ts'
import { parsePeerAddress } from './peer-address.ts'

export interface AdmissionDeps {
  clock: Clock
  logger: Logger
  clusterKey: Buffer
  /** Version of the time zone database of this node. */
  tzdata: string
  state(): State
  /** Has the leader commit a command, wherever it is. */
  submit(command: Command): Promise<Outcome>
}

const ADD_AGAIN = 'Make another token with `cronclave member add`; if the member is listed, remove it first.'

/** Lets nodes with a join token in: any member does, and the log sees to it that each token is good once. */
export class Admission {
  readonly #deps: AdmissionDeps

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
  }

  /** The secret of the token of a member, as its TLS proves it; undefined when there is none, or it has long expired. */
  secretOf(member: string): Buffer | undefined {
    const { state, clusterKey, clock } = this.#deps
    const joinBy = state().members.get(member)?.joinBy
    // With one that was used, or has just expired, a node is told so; otherwise all it had is a handshake that fails.
    if (joinBy === undefined || clock.now() > joinBy + GRACE_MS) return undefined
    return joinSecret(clusterKey, member, joinBy)
  }

  /** Answers a request to join; throws an `Error` for anything that is none. */
  async answer(body: Uint8Array): Promise<Uint8Array> {
    return encodeJoin(await this.#decide(decodeJoinRequest(body)))
  }

  async #decide(request: JoinRequest): Promise<JoinReply> {
    const { state, clusterKey, logger, tzdata } = this.#deps
    const { members, cluster, clusterVersion } = state()
    if (request.cluster !== cluster)
      return refused(`The token is one of cluster ${request.cluster}, and this is ${cluster}.`)
    const member = members.get(request.member)
    if (!member) return refused('The member that the token is for has been removed, or its token was made elsewhere.')
    const { joinBy } = member
    if (joinBy === undefined) return refused(`The member ${member.name} began with the cluster, and joins by no token.`)
    const expected = joinProof(joinSecret(clusterKey, member.id, joinBy), request)
    if (!sameProof(request.proof, expected)) return refused('The join token is not one of this cluster.')
    if (member.joinedAt !== undefined && !joinsAgain(state(), member, request.folder))
      return refused(`The join token of member ${member.name} was used already.`)
    if (!parsePeerAddress(request.address))
      return refused(`"${request.address}" is no address that members could reach.`)
    if (request.clusterVersion < clusterVersion) return tooOld(request, clusterVersion)
    if (request.tzdata < tzdata)
      logger.warn({ member: member.name, its: request.tzdata, ours: tzdata }, 'a new member has older time zone data')
    return this.#commit(request)
  }

  async #commit({ member, address, apiUrl, folder }: JoinRequest): Promise<JoinReply> {
    const { clock, state, submit, clusterKey, logger } = this.#deps
    const change = { address, ...(apiUrl === undefined ? {} : { apiUrl }) }
    try {
      const outcome = await submit({ kind: 'member-join', at: clock.now(), member, change, from: folder })
      if (outcome.kind === 'rejected') return refused(`${sentence(outcome.rejection.detail)}.`)
    } catch (error) {
      if (error instanceof Problem) return { kind: 'later', why: error.message }
      // If it was made, the same node may ask again until it has come up.
      return { kind: 'later', why: 'it is not known whether the change was made' }
    }
    const { members } = state()
    const name = members.get(member)?.name ?? member
    logger.info({ member: name, address }, 'a node has joined')
    const known = [...members.values()].filter((one) => one.address !== '')
    return {
      kind: 'joined',
      name,
      clusterKey: clusterKey.toString('base64'),
      members: known.map(({ id, name: called, address: at }) => ({ id, name: called, address: at })),
    }
  }
}

const GRACE_MS = 60_000

function refused(why: string): JoinReply {
  return { kind: 'refused', why, next: ADD_AGAIN }
}

function tooOld({ version, clusterVersion }: JoinRequest, needed: number): JoinReply {
  return {
    kind: 'refused',
    why: `This build of Cronclave (${version}) knows cluster versions up to ${clusterVersion}, and the cluster is at ${needed}.`,
    next: 'Start the new node with a build at least as new as the oldest of the other members.',
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

import { Packr } from 'msgpackr'
import { Problem } from '../problems.ts'
import type { Consensus } from './consensus.ts'
import { raftId } from './member-id.ts'
import { type Network, PeerFault, PeerLost, PeerUnreachable } from './network.ts'

/** How long the leader may take to answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 1500

const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)

export interface LeaderDeps {
  /** Id of this member. */
  node: string
  consensus: Pick<Consensus, 'leadership'>
  network: Pick<Network, 'request'>
}

/** Something that only the leader knows. */
export interface LeaderQuestion<T> {
  mark: string
  /** What is asked for, as in `did not say …`. */
  what: string
  /** Of this node; undefined unless it leads. */
  own(): T | undefined
}

/** What the leader answers, wherever it is: `leader` is the member that said so. A Problem when there is none. */
export async function askLeader<T>(
  { node, consensus, network }: LeaderDeps,
  { mark, what, own }: LeaderQuestion<T>,
): Promise<{ leader: string; answer: T }> {
  const answer = own()
  if (answer !== undefined) return { leader: node, answer }
  const { leader } = consensus.leadership()
  if (leader === undefined || leader === node) {
    throw new Problem('not-leader', 'There is no leader at the moment; try again shortly')
  }
  try {
    const reply = await network.request(raftId(leader), 'api', packr.pack([mark]), ANSWER_TIMEOUT_MS)
    return { leader, answer: packr.unpack(reply) as T }
  } catch (error) {
    if (!(error instanceof PeerUnreachable) && !(error instanceof PeerLost) && !(error instanceof PeerFault))
      throw error
    throw new Problem('not-leader', `The leader did not say ${what}; try again`)
  }
}

/** Another member asks this one; undefined when the body is another question. */
export function answerQuestion(body: Uint8Array, { mark, own }: LeaderQuestion<unknown>): Uint8Array | undefined {
  const value: unknown = packr.unpack(body)
  if (!Array.isArray(value) || value[0] !== mark) return undefined
  const answer = own()
  if (answer === undefined) throw new Error('it does not lead')
  return packr.pack(answer)
}

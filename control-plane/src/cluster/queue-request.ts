import { Packr } from 'msgpackr'
import { Problem } from '../problems.ts'
import type { QueueFigures } from '../scheduler/queue-figures.ts'
import type { Consensus } from './consensus.ts'
import { raftId } from './member-id.ts'
import { type Network, PeerFault, PeerLost, PeerUnreachable } from './network.ts'

/** How long the leader may take to say what it has to schedule, in milliseconds. */
const QUEUES_TIMEOUT_MS = 1500

const MARK = 'queues'
const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)

export interface QueuesDeps {
  /** Id of this member. */
  node: string
  consensus: Pick<Consensus, 'leadership'>
  network: Pick<Network, 'request'>
  /** Of this node; undefined unless it leads. */
  own(): QueueFigures | undefined
}

/** What the leader has to schedule, wherever it is: `leader` is the member that said so. */
export async function queuesOfLeader(deps: QueuesDeps): Promise<{ leader: string; figures: QueueFigures }> {
  const { node, consensus, network, own } = deps
  const figures = own()
  if (figures) return { leader: node, figures }
  const { leader } = consensus.leadership()
  if (leader === undefined || leader === node) {
    throw new Problem('not-leader', 'There is no leader at the moment; try again shortly')
  }
  try {
    const reply = await network.request(raftId(leader), 'api', packr.pack([MARK]), QUEUES_TIMEOUT_MS)
    return { leader, figures: packr.unpack(reply) as QueueFigures }
  } catch (error) {
    if (!(error instanceof PeerUnreachable) && !(error instanceof PeerLost) && !(error instanceof PeerFault))
      throw error
    throw new Problem('not-leader', 'The leader did not say what it has to schedule; try again')
  }
}

/** Another member asks what this one has to schedule; undefined when the body is about something else. */
export function answerQueues(body: Uint8Array, own: QueuesDeps['own']): Uint8Array | undefined {
  const value: unknown = packr.unpack(body)
  if (!Array.isArray(value) || value[0] !== MARK) return undefined
  const figures = own()
  if (!figures) throw new Error('it does not lead')
  return packr.pack(figures)
}

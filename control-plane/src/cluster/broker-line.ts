import { Packr } from 'msgpackr'
import { Problem } from '../problems.ts'
import type { Ask, BrokerPort, Delivery, Handed, Plan } from '../scheduler/evaluation.ts'
import { HOLD_MS } from '../scheduler/pollers.ts'
import type { Consensus } from './consensus.ts'
import type { MemberId } from '../raft/types.ts'
import { raftId } from './member-id.ts'
import { type Network, PeerLost } from './network.ts'

/** How much longer than the leader lets a worker wait its answer may take, in milliseconds. */
const MARGIN_MS = 1000
/** How long a plan may take until it is committed, in milliseconds. */
const HAND_TIMEOUT_MS = 5000

const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)

export interface BrokerLineDeps {
  /** Id of this member. */
  node: string
  consensus: Pick<Consensus, 'leadership'>
  network: Pick<Network, 'request'>
  /** Where workers get work while this node leads. */
  own: BrokerPort
}

/** The leader's broker, wherever it is: a call of a function here, a request to another member else. */
export function brokerLine(deps: BrokerLineDeps): BrokerPort {
  return {
    async ask(ask) {
      if (deps.consensus.leadership().isLeader) return deps.own.ask(ask)
      return readWork(await request(deps, { ask }, HOLD_MS + MARGIN_MS)) as Delivery
    },
    async hand(plan) {
      if (deps.consensus.leadership().isLeader) return deps.own.hand(plan)
      return readWork(await request(deps, { plan }, HAND_TIMEOUT_MS)) as Handed
    },
  }
}

/** Another member's worker asks, or hands a plan back; each in its own name only. */
export async function answerWorker(from: MemberId, body: Uint8Array, own: BrokerPort): Promise<Uint8Array> {
  const question = readWork(body) as Question
  const { node } = 'ask' in question ? question.ask : question.plan
  if (raftId(node) !== from) throw new Error(`${node} is somebody else`)
  return packr.pack('ask' in question ? await own.ask(question.ask) : await own.hand(question.plan))
}

/** What workers and the leader say to each other: a question, a delivery, or what became of a plan. */
export function readWork(bytes: Uint8Array): unknown {
  return packr.unpack(bytes)
}

type Question = { ask: Ask } | { plan: Plan }

/** The leader's answer; rejects as soon as somebody else leads. */
function request({ consensus, network }: BrokerLineDeps, question: Question, timeoutMs: number): Promise<Uint8Array> {
  const { leader, signal } = consensus.leadership()
  if (leader === undefined) return Promise.reject(new Problem('not-leader', 'There is no leader at the moment'))
  const reply = network.request(raftId(leader), 'work', packr.pack(question), timeoutMs)
  return new Promise((resolve, reject) => {
    const deposed = () => reject(new PeerLost('it does not lead any more'))
    signal.addEventListener('abort', deposed)
    reply.then(resolve, reject).finally(() => signal.removeEventListener('abort', deposed))
  })
}

import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Command } from '../state/commands.ts'
import { type Consensus, NotCommitted, type Outcome } from './consensus.ts'
import { raftId } from './member-id.ts'
import { type Network, PeerFault, PeerLost, PeerUnreachable } from './network.ts'
import { decodeOutcome, encodeSubmit } from './submit-codec.ts'

/** How long a change that was handed to the leader waits for its answer, in milliseconds. */
export const FORWARD_TIMEOUT_MS = 10_000
/** How much longer it waits for one who leads no more: one that hands leadership over answers, one that died does not. */
export const DEPOSED_MS = 1000

export interface ForwardDeps {
  clock: Clock
  /** Id of this member. */
  node: string
  consensus: Pick<Consensus, 'leadership' | 'onLeadership'>
  network: Pick<Network, 'request'>
}

/**
 * Has the leader make a change: asks once, and never again by itself. Rejects with a `Problem` when it has certainly not
 * been made, and with `NotCommitted` when nobody knows here.
 */
export async function forward(deps: ForwardDeps, command: Command): Promise<Outcome> {
  const { node, consensus, network } = deps
  const { leader } = consensus.leadership()
  if (leader === undefined || leader === node) {
    throw new Problem('not-leader', 'There is no leader at the moment; try again shortly')
  }
  const body = encodeSubmit({ command, withinMs: FORWARD_TIMEOUT_MS })
  const reply = network.request(raftId(leader), 'submit', body, FORWARD_TIMEOUT_MS)
  try {
    return decodeOutcome(await whileItLeads(deps, leader, reply))
  } catch (error) {
    if (error instanceof PeerUnreachable) throw new Problem('not-leader', 'The leader cannot be reached; try again')
    if (!(error instanceof PeerLost) && !(error instanceof PeerFault)) throw error
    throw new NotCommitted('The leader did not answer', { cause: error })
  }
}

/** A reply of the leader, or `PeerLost` when it has not come soon after that one does not lead any more. */
function whileItLeads({ clock, consensus }: ForwardDeps, leader: string, reply: Promise<Uint8Array>) {
  return new Promise<Uint8Array>((resolve, reject) => {
    let cancel: (() => void) | undefined
    const stopListening = consensus.onLeadership((now) => {
      if (now.leader === leader) {
        cancel?.()
        cancel = undefined
      } else cancel ??= clock.after(DEPOSED_MS, () => end(() => reject(new PeerLost('it does not lead any more'))))
    })
    const end = (settle: () => void) => {
      stopListening()
      cancel?.()
      settle()
    }
    reply.then(
      (bytes) => end(() => resolve(bytes)),
      (error: Error) => end(() => reject(error)),
    )
  })
}

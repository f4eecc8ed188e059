import type { Clock } from '../runtime/clock.ts'
import type { State } from '../state/state.ts'
import type { Consensus } from './consensus.ts'

export interface FoundingDeps {
  clock: Clock
  state: State
  consensus: Pick<Consensus, 'propose'>
  /** Id that the cluster gets. */
  cluster: string
  /** With whom it begins; a member that joins one founds none. */
  begin: 'join' | { members: readonly { id: string; name: string; address: string }[] }
  namespaceSlots: number
}

/** The first entries of a cluster: its members, and its id. Of a cluster that has been founded nothing is proposed. */
export async function foundCluster(deps: FoundingDeps): Promise<void> {
  const { clock, state, consensus, cluster, begin, namespaceSlots } = deps
  for (const { id, name, address } of begin === 'join' ? [] : begin.members) {
    if (state.cluster !== '' || state.members.has(id)) continue
    const at = clock.now()
    await consensus.propose({ kind: 'member-put', at, member: { id, name, address, addedAt: at, joinedAt: at } })
  }
  if (state.cluster !== '') return
  await consensus.propose({ kind: 'cluster-init', at: clock.now(), cluster, namespaceSlots })
}

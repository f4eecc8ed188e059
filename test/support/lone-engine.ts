import { type Engine, type EngineDeps, startEngine } from '../../control-plane/src/cluster/engine.ts'
import { noNetwork } from '../../control-plane/src/cluster/no-network.ts'
import { timingOf } from '../../control-plane/src/cluster/ticker.ts'
import type { Replaceable } from '../../control-plane/src/store/switchable-store.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** What an engine of one member needs besides disk, clock and chance. */
export function loneDeps(node: string) {
  return {
    logger: quiet,
    node,
    begin: { cluster: 'c'.repeat(16), members: [{ id: node, name: 'n1', address: '127.0.0.1:7421' }] },
    timing: timingOf(50, 500),
    connect: () => noNetwork,
    onRequest: () => Promise.reject(new Error('there is nobody else')),
    onEvent: () => undefined,
    onReplaced: () => undefined,
    onFatal(error: Error) {
      throw error
    },
  }
}

/** Starts an engine and waits until it leads. */
export async function startLone<S extends Replaceable>(deps: EngineDeps<S>): Promise<Engine<S>> {
  const engine = await startEngine(deps)
  if (!engine.consensus.leadership().isLeader) {
    await new Promise<void>((resolve) => engine.consensus.onLeadership(({ isLeader }) => isLeader && resolve()))
  }
  return engine
}

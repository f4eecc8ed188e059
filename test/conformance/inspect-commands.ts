import { isVoter } from '../../control-plane/src/raft/membership.ts'
import { Malformed, bareNumbers } from './arguments.ts'
import { type Command, CommandError, nodeOf } from './command.ts'
import type { Environment } from './environment.ts'
import type { Node } from './node.ts'
import { ROLE_NAMES, describeEntries, describeStatus } from './render.ts'

/** What can be asked without moving anything, and the compaction that shows what it leaves. */
export const INSPECT_COMMANDS: Readonly<Record<string, Command>> = {
  status: (environment, given) =>
    environment.output.print(describeStatus(nodeOf(environment, given).raft.status().peers)),

  'raft-state': (environment) => {
    for (const { raft } of environment.nodes) {
      const { id, softState, hardState, membership } = raft.status()
      const voice = isVoter(membership, id) ? 'Voter' : 'Non-Voter'
      environment.output.print(
        `${id}: ${ROLE_NAMES[softState.role]} (${voice}) Term:${hardState.term} Lead:${softState.leader}\n`,
      )
    }
  },

  'raft-log': (environment, given) => printLog(environment, nodeOf(environment, given)),

  compact: (environment, given) => {
    const [, index] = bareNumbers(given.args)
    if (index === undefined) throw new Malformed('compact needs a node and an index')
    const node = nodeOf(environment, given)
    try {
      node.storage.compact(index)
    } catch (thrown) {
      throw new CommandError(thrown instanceof Error ? thrown.message : String(thrown))
    }
    printLog(environment, node)
  },
}

function printLog({ output }: Environment, { storage }: Node): void {
  const first = storage.firstIndex()
  const last = storage.lastIndex()
  if (last < first) output.print(`log is empty: first index=${first}, last index=${last}`)
  else output.print(describeEntries(storage.all()))
}

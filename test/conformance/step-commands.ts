import type { EntryKind, MembershipChange, Message } from '../../control-plane/src/raft/types.ts'
import { Malformed, bareNumbers, named, number, only, flag } from './arguments.ts'
import { parseSteps } from './changes.ts'
import { type Command, CommandError, nodeOf, nodesOf, orRefuse } from './command.ts'
import type { Case } from './datadriven.ts'
import { ELECTION_TICKS, HEARTBEAT_TICKS } from './node.ts'
import { describeMessage } from './render.ts'

/** What a host or the passing of time asks of one member. */
export const STEP_COMMANDS: Readonly<Record<string, Command>> = {
  campaign: (environment, given) => nodeOf(environment, given).raft.campaign(),

  'tick-election': (environment, given) => tick(nodeOf(environment, given).raft, ELECTION_TICKS),

  'tick-heartbeat': (environment, given) => tick(nodeOf(environment, given).raft, HEARTBEAT_TICKS),

  propose: (environment, given) => {
    if (given.args.length !== 2) throw new Malformed('propose needs a node and a word')
    const word = given.args[1]?.key ?? ''
    orRefuse(nodeOf(environment, given).raft.propose([new TextEncoder().encode(word)]))
  },

  'propose-conf-change': (environment, given) => {
    const { change, kind } = changeOf(given)
    orRefuse(nodeOf(environment, given).raft.proposeChange(change, kind))
  },

  'transfer-leadership': (environment, given) =>
    environment.node(number(named(given, 'from'))).raft.transferLeader(number(named(given, 'to'))),

  'forget-leader': (environment, given) => nodeOf(environment, given).raft.forgetLeader(),

  'report-unreachable': (environment, given) => {
    const [on, about, ...more] = nodesOf(environment, given)
    if (on === undefined || about === undefined || more.length > 0)
      throw new CommandError(
        'must specify exactly two node indexes: node on which to report unreachable, and node to report unreachable',
      )
    on.raft.reportUnreachable(about.id)
  },

  'send-snapshot': (environment, given) => {
    const [from, to] = bareNumbers(given.args)
    if (from === undefined || to === undefined) throw new Malformed('send-snapshot needs two nodes')
    const { raft, storage } = environment.node(from)
    const snapshot = storage.snapshot()
    if (snapshot === 'fetching') throw new Malformed('the snapshot is not there yet')
    const message: Message = { type: 'snapshot', from, to, term: raft.status().hardState.term, snapshot }
    environment.send([message])
    environment.output.print(describeMessage(message))
  },
}

function tick(raft: { tick(): void }, ticks: number): void {
  for (let passed = 0; passed < ticks; passed++) raft.tick()
}

function changeOf({ args, input }: Case): { change: MembershipChange; kind: Exclude<EntryKind, 'normal'> } {
  let kind: Exclude<EntryKind, 'normal'> = 'change'
  let transition: MembershipChange['transition'] = 'auto'
  for (const arg of args.slice(1)) {
    if (arg.key === 'v1') kind = flag(only(arg)) ? 'change-v1' : 'change'
    else if (arg.key === 'transition') transition = transitionOf(only(arg))
    else throw new CommandError(`unknown command ${arg.key}`)
  }
  const steps = parseSteps(input)
  if (kind === 'change-v1' && (steps.length > 1 || transition !== 'auto'))
    throw new CommandError('v1 conf change can only have one operation and no transition')
  return { change: { transition, steps, context: new Uint8Array() }, kind }
}

function transitionOf(text: string): MembershipChange['transition'] {
  if (text === 'auto' || text === 'implicit' || text === 'explicit') return text
  throw new CommandError(`unknown transition ${text}`)
}

import type { MessageType } from '../../control-plane/src/raft/types.ts'
import { Malformed, number, only } from './arguments.ts'
import { type Command, nodesOf } from './command.ts'
import type { Case } from './datadriven.ts'
import type { Environment, Recipient } from './environment.ts'
import type { Node } from './node.ts'
import { MESSAGE_NAMES } from './render.ts'
import { setLevel } from './setup-commands.ts'

/** What moves a cluster on: Ready, messages, and the two threads of the storage. */
export const WORK_COMMANDS: Readonly<Record<string, Command>> = {
  'deliver-msgs': (environment, given) => {
    const { recipients, type } = deliveryOf(given)
    if (environment.deliver(recipients, type) === 0) environment.output.print('no messages\n')
  },

  'process-ready': eachNode('handling Ready', (environment, node) => environment.processReady(node)),

  'process-append-thread': eachNode('processing append thread', (environment, node) =>
    environment.processAppendThread(node),
  ),

  'process-apply-thread': eachNode('processing apply thread', (environment, node) =>
    environment.processApplyThread(node),
  ),

  stabilize: (environment, given) => {
    const level = given.args.find(({ key }) => key === 'log-level')
    const before = environment.output.level
    const nodes = nodesOf(environment, given)
    try {
      if (level !== undefined) setLevel(environment.output, only(level))
      environment.stabilize(nodes.length > 0 ? nodes : environment.nodes)
    } finally {
      environment.output.level = before
    }
  },
}

/** The same for each node that is named; with a title each when they are several. */
function eachNode(title: string, work: (environment: Environment, node: Node) => void): Command {
  return (environment, given) => {
    const nodes = nodesOf(environment, given)
    for (const node of nodes) {
      if (nodes.length === 1) work(environment, node)
      else environment.output.section(`> ${node.id} ${title}`, () => work(environment, node))
    }
  }
}

function deliveryOf({ args }: Case): { recipients: Recipient[]; type: MessageType | undefined } {
  const recipients: Recipient[] = []
  let type: MessageType | undefined
  for (const arg of args) {
    if (arg.values.length === 0) recipients.push({ id: number(arg.key), drop: false })
    else if (arg.key === 'drop') recipients.push(...arg.values.map((id) => ({ id: number(id), drop: true })))
    else if (arg.key === 'type') type = typeOf(only(arg))
    else throw new Malformed(`unknown argument ${arg.key}`)
  }
  const dropped = recipients.filter(({ drop }) => drop)
  const both = dropped.find(({ id }) => recipients.some((other) => other.id === id && !other.drop))
  if (both !== undefined) throw new Malformed(`can't both deliver and drop msgs to ${both.id}`)
  return { recipients, type }
}

function typeOf(name: string): MessageType {
  const found = Object.entries(MESSAGE_NAMES).find(([, shown]) => shown === name)
  if (found === undefined) throw new Malformed(`unknown message type ${name}`)
  return found[0] as MessageType
}

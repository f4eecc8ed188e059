import type { Snapshot } from '../../control-plane/src/raft/types.ts'
import { Malformed, firstNumber, flag, named, number, only } from './arguments.ts'
import { type Command, CommandError, nodeOf } from './command.ts'
import type { Argument } from './datadriven.ts'
import { EMPTY_SNAPSHOT, type NodeOptions, startNode } from './node.ts'
import { LEVELS } from './output.ts'

/** How a cluster is set up, and how it is told what to show. */
export const SETUP_COMMANDS: Readonly<Record<string, Command>> = {
  'add-nodes': (environment, given) => {
    const count = firstNumber(given)
    const { snapshot, options } = startOf(given.args.slice(1))
    for (let added = 0; added < count; added++) {
      environment.nodes.push(startNode(environment.nodes.length + 1, snapshot, options))
    }
  },

  'log-level': (environment, { args }) => setLevel(environment.output, args[0]?.key ?? ''),

  'set-randomized-election-timeout': (environment, given) => {
    nodeOf(environment, given).raft.state.electionTimeoutTicks = number(named(given, 'timeout'))
  },

  _breakpoint: () => undefined,
}

/** Sets what is shown; the spelling of a level in any case. */
export function setLevel(output: { level: (typeof LEVELS)[number] }, name: string): void {
  const level = LEVELS.find((level) => level === name.toLowerCase())
  if (level === undefined) throw new CommandError(`log levels must be either of [${LEVELS.join(' ')}]`)
  output.level = level
}

const MEMBERSHIP = ['voters', 'learners'] as const

/** How each argument that sets an option reads. */
const OPTIONS: Readonly<Record<string, (text: string) => NodeOptions>> = {
  inflight: (text) => ({ inflightMax: number(text) }),
  index: (text) => ({ applied: number(text) }),
  'async-storage-writes': (text) => ({ asyncStorageWrites: flag(text) }),
  prevote: (text) => ({ preVote: flag(text) }),
  checkquorum: (text) => ({ checkQuorum: flag(text) }),
  'max-committed-size-per-ready': (text) => ({ committedBytesMax: number(text) }),
  'disable-conf-change-validation': (text) => ({ changeValidationOff: flag(text) }),
  'step-down-on-removal': (text) => ({ stepDownOnRemoval: flag(text) }),
  'read-only': (text) => ({ reads: readsOf(text) }),
}

/** What every node that is added starts from: a state at an index of term 1, or nothing. */
function startOf(args: readonly Argument[]): { snapshot: Snapshot; options: NodeOptions } {
  const membership = { voters: [] as number[], learners: [] as number[] }
  let snapshot = EMPTY_SNAPSHOT
  let options: NodeOptions = {}
  for (const arg of args) {
    const members = MEMBERSHIP.find((name) => name === arg.key)
    const option = OPTIONS[arg.key]
    if (members !== undefined) membership[members] = arg.values.map(number)
    else if (arg.key === 'content') snapshot = { ...snapshot, data: new TextEncoder().encode(only(arg)) }
    else if (option !== undefined) options = { ...options, ...option(only(arg)) }
    else throw new Malformed(`unknown argument ${arg.key}`)
  }
  const index = options.applied ?? 0
  const empty =
    index === 0 && membership.voters.length + membership.learners.length + (snapshot.data?.length ?? 0) === 0
  if (empty) return { snapshot: EMPTY_SNAPSHOT, options }
  if (index <= 1) throw new CommandError('index must be specified as > 1 due to bootstrap')
  return { snapshot: { ...snapshot, index, term: 1, membership: { ...snapshot.membership, ...membership } }, options }
}

function readsOf(text: string): 'quorum' | 'lease' {
  if (text === 'safe') return 'quorum'
  if (text === 'lease-based') return 'lease'
  throw new CommandError(`invalid read-only option ${text}`)
}

import type { Refusal } from '../../control-plane/src/raft/types.ts'
import { bareNumbers, firstNumber } from './arguments.ts'
import type { Case } from './datadriven.ts'
import type { Environment } from './environment.ts'
import type { Node } from './node.ts'
import { describeRefusal } from './render.ts'

/** Does what one command of a transcript says; what it prints goes to the environment's output. */
export type Command = (environment: Environment, given: Case) => void

/** What a command could not do: part of what is printed and expected. */
export class CommandError extends Error {}

/** The nodes that a command names by bare numbers, in its order. */
export function nodesOf(environment: Environment, { args }: Case): Node[] {
  return bareNumbers(args).map((id) => environment.node(id))
}

/** The node that a command names first. */
export function nodeOf(environment: Environment, given: Case): Node {
  return environment.node(firstNumber(given))
}

/** Prints why the core did not take something in. */
export function orRefuse(outcome: Refusal | object | undefined): void {
  if (outcome !== undefined && 'kind' in outcome) throw new CommandError(describeRefusal(outcome))
}

/** What a client asked of a key. `expect` is the mod index that must still be there; 0 says that there must be nothing. */
export type Input =
  | { kind: 'get' }
  | { kind: 'put'; value: string }
  | { kind: 'cas'; expect: number; value: string }
  | { kind: 'delete' }

/** What the client was told. An index is the place of the write in the log: it grows with every write. */
export type Output =
  | { kind: 'value'; value: string; index: number }
  | { kind: 'absent' }
  | { kind: 'written'; index?: number }
  | { kind: 'mismatch' }
  | { kind: 'deleted'; index?: number; existed?: boolean }

/**
 * A call of a client. `call` and `return` are places in one order of all events of the history (a counter, not a wall
 * clock). Without `output` the outcome is unknown: the call may have taken effect at any time after `call`, or never.
 */
export interface Operation {
  key: string
  client: number
  input: Input
  call: number
  return?: number
  output?: Output
}

/** What the checker says. `unknown` is no pass: the budget ran out before there was an answer. */
export type Verdict =
  | { kind: 'linearizable'; steps: number }
  | { kind: 'not-linearizable'; steps: number; why: string }
  | { kind: 'unknown'; steps: number }

/** An operation as a person reads it. */
export function described({ client, input, output, call, return: end }: Operation): string {
  const asked =
    input.kind === 'cas'
      ? `cas(${input.expect} → ${input.value})`
      : input.kind === 'put'
        ? `put(${input.value})`
        : input.kind
  return `client ${client} [${call}, ${output ? end : '?'}] ${asked}: ${told(output)}`
}

function told(output: Output | undefined): string {
  if (output === undefined) return 'unknown'
  if (output.kind === 'value') return `${output.value} @${output.index}`
  if (output.kind === 'written') return `written @${output.index ?? '?'}`
  if (output.kind === 'deleted') return `deleted${output.existed === false ? ' nothing' : ''} @${output.index ?? '?'}`
  return output.kind
}

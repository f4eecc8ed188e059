import type { Input, Operation, Output } from './history.ts'

/**
 * A history as people write it, a call per line: client, from-to, what was asked, what was answered.
 *
 * ```
 * A 0-1 put a = 5          B 2-3 get = a@5         B 2-3 get = nothing
 * A 4-5 cas 5 b = 6        A 4-5 cas 0 b = mismatch
 * A 6-? delete             A 6-7 delete = 7 existed
 * ```
 */
export function written(text: string): Operation[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(operation)
}

function operation(line: string): Operation {
  const [left = '', right] = line.split(' = ')
  const [client = '', span = '', kind = '', ...args] = left.split(' ')
  const [call, end] = span.split('-')
  const known = end !== '?'
  if (known !== (right !== undefined)) throw new Error(`an answer and an end go together: ${line}`)
  return {
    key: 'k',
    client: client.charCodeAt(0),
    input: input(kind, args),
    call: Number(call),
    ...(known ? { return: Number(end), output: output(kind, right ?? '') } : {}),
  }
}

function input(kind: string, [first = '', second = '']: string[]): Input {
  if (kind === 'get' || kind === 'delete') return { kind }
  if (kind === 'put') return { kind, value: first }
  if (kind === 'cas') return { kind, expect: Number(first), value: second }
  throw new Error(`nothing is called ${kind}`)
}

function output(kind: string, answer: string): Output {
  if (answer === 'mismatch') return { kind: 'mismatch' }
  if (kind === 'get') {
    if (answer === 'nothing') return { kind: 'absent' }
    const [value = '', index] = answer.split('@')
    return { kind: 'value', value, index: Number(index) }
  }
  const [index, existed] = answer.split(' ')
  const at = index === '?' ? {} : { index: Number(index) }
  if (kind !== 'delete') return { kind: 'written', ...at }
  return { kind: 'deleted', ...at, ...(existed === undefined ? {} : { existed: existed === 'existed' }) }
}

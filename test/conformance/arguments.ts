import type { Argument, Case } from './datadriven.ts'

/** A transcript that asks for what the interpreter does not know: its author's mistake, not the core's. */
export class Malformed extends Error {}

/** Bare words that are numbers, in order. */
export function bareNumbers(args: readonly Argument[]): number[] {
  return args.filter(({ values }) => values.length === 0).map(({ key }) => number(key))
}

/** The first bare word of a command as a number. */
export function firstNumber({ command, args }: Case): number {
  const first = args[0]
  if (first === undefined || first.values.length > 0) throw new Malformed(`${command} needs a number`)
  return number(first.key)
}

/** The only value of a named argument. */
export function only({ key, values }: Argument): string {
  const [value] = values
  if (value === undefined || values.length > 1) throw new Malformed(`${key} needs one value`)
  return value
}

export function named({ command, args }: Case, name: string): string {
  const found = args.find(({ key }) => key === name)
  if (found === undefined) throw new Malformed(`${command} needs ${name}=`)
  return only(found)
}

export function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new Malformed(`not a number: ${text}`)
  return Number(text)
}

/** Spellings of true and false as Go takes them. */
export function flag(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  throw new Malformed(`neither true nor false: ${text}`)
}

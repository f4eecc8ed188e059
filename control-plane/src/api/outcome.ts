import type { Outcome } from '../cluster/consensus.ts'
import { Problem } from '../problems.ts'
import type { Command } from '../state/commands.ts'
import type { ApiContext } from './context.ts'

type Value = NonNullable<Extract<Outcome, { kind: 'applied' }>['value']>

/** Submits a command and answers what it made; a rejection becomes the Problem of the same code. */
export async function submit(context: ApiContext, command: Command): Promise<Value> {
  const outcome = await context.submit(command)
  if (outcome.kind === 'rejected') throw new Problem(outcome.rejection.code, outcome.rejection.detail)
  return outcome.value ?? {}
}

/** The version that `If-Match` asks for; absent when it is, or when it is `*`. */
export function ifVersion(header: { 'If-Match'?: string }): { ifVersion?: number } {
  const text = header['If-Match']
  return text === undefined || text === '*' ? {} : { ifVersion: Number(text.slice(1, -1)) }
}

/** The same of a change that `If-None-Match: *` lets make something, and not replace what is there. */
export function ifVersionOrNew(
  header: { 'If-Match'?: string; 'If-None-Match'?: '*' },
  present: boolean,
  what: string,
): { ifVersion?: number | 'new' } {
  if (header['If-None-Match'] === undefined) return ifVersion(header)
  if (present) throw new Problem('version-mismatch', `${what} exists already`)
  return { ifVersion: 'new' }
}

/** Refuses a change of something that is not there when the caller says that it read it. */
export function refuseAbsent(header: { 'If-Match'?: string }, present: boolean, what: string): void {
  if (header['If-Match'] !== undefined && !present) throw new Problem('version-mismatch', `${what} does not exist`)
}

export function etag(version: number): { etag: string } {
  return { etag: `"${version}"` }
}

import { isDeepStrictEqual } from 'node:util'
import type { Answer, Call, Subject } from './caller.ts'
import { send } from './caller.ts'

/** One thing that an executor has to do. */
export interface Check {
  name: string
  /** `should`: an executor that does not is still correct, or loses only comfort. @default must */
  level?: 'must' | 'should'
  /** Rejects with a `Wrong` that says what was found. */
  run: (subject: Subject) => Promise<void>
}

/** What a check found. */
export interface Finding {
  name: string
  level: 'must' | 'should'
  ok: boolean
  /** What was expected, and what came; absent when all is well. */
  found?: string
}

/** What is wrong with an answer, in words. */
class Wrong extends Error {}

/** Runs one check; never rejects but for an abort. */
export async function runCheck({ name, level = 'must', run }: Check, subject: Subject): Promise<Finding> {
  try {
    await run(subject)
    return { name, level, ok: true }
  } catch (error) {
    subject.signal.throwIfAborted()
    return { name, level, ok: false, found: error instanceof Wrong ? error.message : `no answer: ${causeOf(error)}` }
  }
}

/** Sends a call that has to be answered 200 by a signed reply of a type, and gives what the reply holds. */
export async function accepted(subject: Subject, call: Call, type: string): Promise<Record<string, unknown>> {
  const answer = await send(subject, call)
  if (answer.status !== 200) throw new Wrong(`expected 200, got ${shown(answer)}`)
  if (!answer.signed) throw new Wrong(`the reply is not signed as one to this call: ${answer.fault}`)
  expectEqual('type', answer.json['type'], type)
  return Object(answer.json['data']) as Record<string, unknown>
}

/** Sends a call that has to be answered with one of some statuses. */
export async function refused(subject: Subject, call: Call, ...statuses: number[]): Promise<void> {
  const answer = await send(subject, call)
  if (!statuses.includes(answer.status)) throw new Wrong(`expected ${statuses.join(' or ')}, got ${shown(answer)}`)
}

export function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Wrong(`${what} is ${brief(found)}, expected ${brief(expected)}`)
}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Wrong(otherwise)
}

function shown({ status, text }: Answer): string {
  return text === '' ? String(status) : `${status} ${text.slice(0, 200)}`
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  return (text ?? 'absent').slice(0, 200)
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}, ${cause.message}` : message
}

import { Packr } from 'msgpackr'
import { type Fault, Problem, type ProblemCode, PROBLEMS } from '../problems.ts'
import type { Command } from '../state/commands.ts'
import { NotCommitted, type Outcome } from './consensus.ts'

const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)

/** What became of a command that another member was asked to propose. */
type Reply =
  | { outcome: Outcome }
  | { problem: { code: string; detail: string; errors: readonly Fault[] } }
  | { unknown: string }

/** A command that another member is asked to propose. */
export interface Submit {
  command: Command
  /** How long the asker waits, in milliseconds: later than that it is not to be proposed any more. */
  withinMs: number
}

export function encodeSubmit(submit: Submit): Uint8Array {
  return packr.pack(submit)
}

export function decodeSubmit(body: Uint8Array): Submit {
  return packr.unpack(body) as Submit
}

export function encodeOutcome(outcome: Outcome): Uint8Array {
  return packr.pack({ outcome } satisfies Reply)
}

/** What a proposal was refused with, so that it can be thrown again where the caller is. */
export function encodeFailure(error: unknown): Uint8Array {
  const reply: Reply =
    error instanceof Problem
      ? { problem: { code: error.code, detail: error.message, errors: error.errors } }
      : { unknown: error instanceof Error ? error.message : String(error) }
  return packr.pack(reply)
}

/** The outcome, or throws what the proposal was refused with. */
export function decodeOutcome(body: Uint8Array): Outcome {
  const reply = packr.unpack(body) as Reply
  if ('outcome' in reply) return reply.outcome
  if ('unknown' in reply) throw new NotCommitted(reply.unknown)
  const { code, detail, errors } = reply.problem
  throw isCode(code) ? new Problem(code, detail, errors) : new NotCommitted(`${code}: ${detail}`)
}

function isCode(code: string): code is ProblemCode {
  return code in PROBLEMS
}

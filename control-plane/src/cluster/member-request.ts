import { Packr } from 'msgpackr'
import { type Fault, Problem, type ProblemCode, PROBLEMS } from '../problems.ts'
import type { Member } from '../state/state.ts'
import { NotCommitted } from './consensus.ts'

const options = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(options)

/** What can be done about the members of a cluster; members by name or id. Only the leader does it. */
export type MemberRequest =
  | { do: 'add'; name: string; learner: boolean }
  | { do: 'promote'; member: string }
  | { do: 'remove'; member: string }
  | { do: 'replace'; member: string; by: string }
  | { do: 'update'; member: string; name?: string; address?: string }
  | { do: 'transfer'; to?: string }

/** What came of it: the index at which it holds, the member as it is then, and a join token if one was made. */
export interface MemberAnswer {
  index: number
  member?: Member
  token?: string
}

type Reply =
  | { kind: 'done'; answer: MemberAnswer }
  | { kind: 'problem'; code: string; detail: string; errors: readonly Fault[] }
  | { kind: 'unknown'; why: string }

const MARK = 'members'

export function encodeMemberRequest(request: MemberRequest): Uint8Array {
  return packr.pack([MARK, request])
}

/** The request that another member forwards; undefined for one that is about something else. */
export function decodeMemberRequest(body: Uint8Array): MemberRequest | undefined {
  const value: unknown = packr.unpack(body)
  return Array.isArray(value) && value[0] === MARK ? (value[1] as MemberRequest) : undefined
}

/** Does it, and writes down what came of it, faults included. */
export async function memberReply(work: Promise<MemberAnswer>): Promise<Uint8Array> {
  return packr.pack(await work.then((answer): Reply => ({ kind: 'done', answer }), replyOf))
}

/** The answer, or throws the fault as it was thrown where the leader is. */
export function decodeMemberReply(body: Uint8Array): MemberAnswer {
  const reply = packr.unpack(body) as Reply
  if (reply.kind === 'done') return reply.answer
  if (reply.kind === 'problem' && reply.code in PROBLEMS)
    throw new Problem(reply.code as ProblemCode, reply.detail, reply.errors)
  throw new NotCommitted(reply.kind === 'unknown' ? reply.why : reply.detail)
}

function replyOf(error: unknown): Reply {
  if (error instanceof Problem)
    return { kind: 'problem', code: error.code, detail: error.message, errors: error.errors }
  return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) }
}

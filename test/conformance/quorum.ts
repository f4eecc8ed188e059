import { committedIndex, voteResult, type VoteResult } from '../../control-plane/src/raft/quorum.ts'
import type { Index, MemberId } from '../../control-plane/src/raft/types.ts'
import { Malformed, number } from './arguments.ts'
import type { Case } from './datadriven.ts'

const VOTE_NAMES: Readonly<Record<VoteResult, string>> = { won: 'VoteWon', lost: 'VoteLost', pending: 'VotePending' }

interface Question {
  voters: MemberId[]
  outgoing: MemberId[]
  /** A joint configuration was asked for, be its outgoing half empty. */
  joint: boolean
  /** One word per voter, `_` for nothing known. */
  words: string[]
}

/** Answers `committed` and `vote`. What can be computed another way is, and a difference is printed. */
export function answerQuorum({ command, args }: Case): string {
  const list = (name: string) => args.find(({ key }) => key === name)?.values
  for (const { key } of args)
    if (!['cfg', 'cfgj', 'idx', 'votes'].includes(key)) throw new Malformed(`unknown argument ${key}`)
  const cfgj = list('cfgj')
  const question: Question = {
    voters: unique((list('cfg') ?? []).map(number)),
    outgoing: cfgj?.[0] === 'zero' ? [] : unique((cfgj ?? []).map(number)),
    joint: cfgj !== undefined,
    words: list(command === 'vote' ? 'votes' : 'idx') ?? [],
  }
  const everybody = union(question)
  if (everybody.length !== question.words.length)
    return `error: mismatched input (explicit or _) for voters [${everybody.join(' ')}]: [${question.words.join(' ')}]`
  if (command === 'committed') return answerCommitted(question)
  if (command === 'vote') return answerVote(question)
  throw new Malformed(`unknown command ${command}`)
}

function answerCommitted(question: Question): string {
  const { voters, outgoing, joint } = question
  const known = saidBy(question, (word) => {
    if (number(word) === 0) throw new Malformed('cannot use 0 as idx')
    return number(word)
  })
  const index = committedIndex(voters, joint ? outgoing : [], (id) => known.get(id))
  const others: [Index, string][] = joint
    ? [[committedIndex(outgoing, voters, (id) => known.get(id)), 'via symmetry']]
    : otherWays(voters, known, index)
  const warnings = others.filter(([other]) => other !== index).map(([other, way]) => `${shown(other)} <-- ${way}\n`)
  return `${drawing(union(question), known)}${warnings.join('')}${shown(index)}\n`
}

function otherWays(voters: MemberId[], known: ReadonlyMap<MemberId, Index>, index: Index): [Index, string][] {
  const given = (id: MemberId) => known.get(id)
  const lowered = voters.flatMap((id): [Index, string][] => {
    const own = known.get(id) ?? 0
    if (own <= 0 || index <= own) return []
    return [own - 1, 0].map((lower) => [
      committedIndex(voters, [], (voter) => (voter === id ? lower : known.get(voter))),
      `overlaying ${id}->${lower}`,
    ])
  })
  return [
    [bySorting(voters, known), 'via alternative computation'],
    [committedIndex([], voters, given), 'via zero-joint quorum'],
    [committedIndex(voters, voters, given), 'via self-joint quorum'],
    ...lowered,
  ]
}

/** The naive twin: the smallest of the best majority. */
function bySorting(voters: MemberId[], known: ReadonlyMap<MemberId, Index>): Index {
  if (voters.length === 0) return Number.POSITIVE_INFINITY
  const falling = voters.map((id) => known.get(id) ?? 0).sort((a, b) => b - a)
  return falling[Math.floor(voters.length / 2)] as Index
}

function answerVote(question: Question): string {
  const { voters, outgoing, joint } = question
  const votes = saidBy(question, (word) => {
    if (word !== 'y' && word !== 'n') throw new Malformed(`unknown vote ${word}`)
    return word === 'y'
  })
  const result = voteResult(voters, joint ? outgoing : [], (id) => votes.get(id))
  const mirrored = voteResult(joint ? outgoing : [], voters, (id) => votes.get(id))
  const warning = mirrored === result ? '' : `${VOTE_NAMES[mirrored]} <-- via symmetry\n`
  return `${warning}${VOTE_NAMES[result]}\n`
}

/** A row per voter: `?` for nothing known, else as many `x` as voters are behind it, and its index. */
function drawing(voters: MemberId[], known: ReadonlyMap<MemberId, Index>): string {
  if (voters.length === 0) return '<empty majority quorum>'
  const index = (id: MemberId) => known.get(id) ?? 0
  const rows = voters.map((id) => {
    const behind = voters.filter((other) => index(other) < index(id)).length
    const head = known.has(id) ? `${'x'.repeat(behind)}>` : '?'
    return `${head.padEnd(voters.length + 1)} ${String(index(id)).padStart(5)}    (id=${id})\n`
  })
  return `${' '.repeat(voters.length)}    idx\n${rows.join('')}`
}

/** Words belong to voters in the order in which both halves name them, without repetition. */
function saidBy<T>({ voters, outgoing, words }: Question, read: (word: string) => T): Map<MemberId, T> {
  const known = new Map<MemberId, T>()
  const order = unique([...voters, ...outgoing])
  order.forEach((id, at) => {
    const word = words[at]
    if (word !== undefined && word !== '_') known.set(id, read(word))
  })
  return known
}

function union({ voters, outgoing }: Question): MemberId[] {
  return unique([...voters, ...outgoing]).sort((a, b) => a - b)
}

function unique(ids: MemberId[]): MemberId[] {
  return [...new Set(ids)]
}

function shown(index: Index): string {
  return Number.isFinite(index) ? String(index) : '∞'
}

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Malformed } from './arguments.ts'
import { type Difference, firstDifference } from './compare.ts'
import { confchangeInterpreter } from './confchange.ts'
import { type Case, parseTranscript } from './datadriven.ts'
import { interactionInterpreter } from './interaction.ts'
import { answerQuorum } from './quorum.ts'

/** How the commands of one transcript are answered; what they leave behind is theirs until its end. */
export type Interpreter = () => (given: Case) => string

/** A transcript with what answers it. */
export interface Transcript {
  /** Within the folder. */
  name: string
  path: string
  interpreter: Interpreter
}

export interface Verdict {
  cases: number
  /** Cases that were answered otherwise, or not at all after a crash. */
  failed: number
  first?: Difference & { line: number; command: string }
}

const LAYOUT: readonly { folder: string; interpreter: Interpreter }[] = [
  { folder: 'testdata', interpreter: interactionInterpreter },
  { folder: 'confchange/testdata', interpreter: confchangeInterpreter },
  { folder: 'quorum/testdata', interpreter: () => answerQuorum },
]

export const WHERE_TO_GET_THEM =
  'The transcripts are data files of github.com/etcd-io/raft (Apache License 2.0): put its testdata, ' +
  'confchange/testdata and quorum/testdata into a folder, and name that folder in RAFT_TESTDATA.'

/** The folder of the public transcripts, if it is there. */
export function publicFolder(): string | undefined {
  const folder = process.env['RAFT_TESTDATA'] ?? join(import.meta.dirname, '../../../shared/raft-testdata')
  return existsSync(folder) ? folder : undefined
}

/** The transcripts in a folder laid out as that of the project they come from. */
export function transcriptsIn(root: string): Transcript[] {
  return LAYOUT.filter(({ folder }) => existsSync(join(root, folder))).flatMap(({ folder, interpreter }) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.txt'))
      .sort()
      .map((file) => ({ name: `${folder}/${file}`, path: join(root, folder, file), interpreter })),
  )
}

/** Answers every case of a transcript. After a crash nothing that follows can be right, so nothing does. */
export function judge(text: string, interpreter: Interpreter): Verdict {
  const cases = parseTranscript(text)
  const answer = interpreter()
  const verdict: Verdict = { cases: cases.length, failed: 0 }
  for (const [at, given] of cases.entries()) {
    const { difference, crashed } = compare(given, answer)
    if (difference === undefined) continue
    const command = [given.command, ...given.args.map(({ key }) => key)].join(' ')
    verdict.failed += crashed ? cases.length - at : 1
    verdict.first ??= { line: given.line, command, ...difference }
    if (crashed) break
  }
  return verdict
}

export function judgeFile({ path, interpreter }: Transcript): Verdict {
  try {
    return judge(readFileSync(path, 'utf8'), interpreter)
  } catch (thrown) {
    const got = thrown instanceof Error ? thrown.message : String(thrown)
    return { cases: 1, failed: 1, first: { line: 1, command: 'reading', expected: 'a transcript', got } }
  }
}

function compare(
  given: Case,
  answer: (given: Case) => string,
): { difference?: Difference | undefined; crashed: boolean } {
  try {
    return { difference: firstDifference(given.expected, answer(given)), crashed: false }
  } catch (thrown) {
    const got = thrown instanceof Malformed ? thrown.message : ((thrown as Error).stack ?? String(thrown))
    return { difference: { expected: given.expected.split('\n')[0] ?? '', got }, crashed: true }
  }
}

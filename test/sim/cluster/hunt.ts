import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SOURCE_MUTANTS } from '../mutants/mutants.ts'
import type { Score } from '../mutants/score.ts'
import type { Played } from './cluster.ts'
import { crew } from './crew.ts'
import { FAULTS } from './faults.ts'
import { NO_OUTLETS, type OutletCounts } from './outlet-side.ts'
import type { Task } from './worker.ts'

export interface HuntOptions {
  first: number
  count: number
  steps: number
  nodes: '1' | '3' | '5' | 'mix'
  workers: number
  /** A line per seed that was played. */
  out?: string
}

type Line = Played | { seed: number; broken: string; message: string }

/** What has to happen as well for a hunt to count. */
const RUN_COUNTS = [
  'split',
  'takenOver',
  'children',
  'reruns',
  'backfilled',
  'failing',
  'shut',
  'foretold',
  'turnsKept',
] as const
/** Seeds from which on every fault must have struck. */
const ENOUGH_SEEDS = 500
const PROGRESS_EVERY = 100

/** Plays whole clusters, those seeds that were not played before; whether all held and every fault struck. */
export async function huntClusters({ first, count, steps, nodes, workers, out }: HuntOptions): Promise<boolean> {
  const commit = commitOf()
  const file = out ?? join(tmpdir(), 'cronclave-sim', `${commit}-${steps}-${nodes}.jsonl`)
  const lines = played(file, first, count)
  const before = lines.size
  if (before > 0) console.log(`${before} seeds were played before: ${file}`)
  const since = performance.now()
  const size = nodes === 'mix' ? nodes : (Number(nodes) as 1 | 3 | 5)
  function* tasks(): Generator<Task, undefined> {
    for (let seed = first; seed < first + count; seed++)
      if (!lines.has(seed)) yield { do: 'play', options: { seed, steps, nodes: size } }
    return undefined
  }
  await crew<Line>(Math.min(workers, count), tasks(), (task, answer, error) => {
    const seed = task.do === 'play' ? task.options.seed : 0
    const line = answer ?? { seed, broken: 'error', message: error ?? '' }
    lines.set(seed, line)
    appendFileSync(file, `${JSON.stringify(line)}\n`)
    if ('broken' in line) console.log(`seed ${seed} at ${commit}: ${line.message}`)
    if (lines.size % PROGRESS_EVERY === 0) console.log(`${lines.size} of ${count} seeds`)
  })
  return summed([...lines.values()], commit, (performance.now() - since) / 1000, lines.size - before)
}

/** Plants every mistake; whether each was noticed within its budget. */
export async function scoreMutants(options: HuntOptions & { seeds?: number | undefined }): Promise<boolean> {
  const { workers, steps, seeds } = options
  let held = true
  const tasks = SOURCE_MUTANTS.map((_, mutant): Task => ({ do: 'score', mutant, steps, seeds }))
  console.log('| mistake | promise that breaks | seeds that notice | first | budget |')
  console.log('| --- | --- | --- | --- | --- |')
  await crew<Score>(workers, tasks[Symbol.iterator](), (task, score, error) => {
    const { mistake, breaks, budget } = SOURCE_MUTANTS[task.do === 'score' ? task.mutant : 0]!
    if (score?.first === undefined || score.first > budget) {
      held = false
      console.log(`SURVIVED: ${mistake}: ${error ?? `${score?.broken} seeds broke ${score?.others.join(', ')}`}`)
      return
    }
    const share = ((100 * score.noticed) / score.seeds).toFixed(1)
    console.log(`| ${mistake} | ${breaks} | ${share} % of ${score.seeds} | ${score.first} | ${budget} |`)
  })
  return held
}

function summed(lines: readonly Line[], commit: string, wallSeconds: number, fresh: number): boolean {
  const broken = lines.filter((line) => 'broken' in line)
  const held = lines.filter((line): line is Played => !('broken' in line))
  const sum = (of: (line: Played) => number) => held.reduce((total, line) => total + of(line), 0)
  const steps = sum((line) => line.steps)
  const missing: string[] = []
  console.log('\n| fault | struck |\n| --- | --- |')
  for (const name of FAULTS) {
    const struck = sum((line) => line.faults[name] ?? 0)
    if (struck === 0) missing.push(name)
    console.log(`| ${name} | ${struck} |`)
  }
  const hours = (sum((line) => line.seconds) / 3600).toFixed(1)
  const speed = Math.round((steps * fresh) / Math.max(1, lines.length) / Math.max(0.001, wallSeconds))
  console.log(`\ncommit ${commit}, ${lines.length} seeds, ${steps} steps, ${hours} simulated hours`)
  console.log(`${fresh} seeds in ${Math.round(wallSeconds)} s, ${speed} steps per second`)
  console.log(
    `${sum((line) => line.entries)} entries, ${sum((line) => line.attempts)} attempts, ${sum((line) => line.writes)} writes and ${sum((line) => line.reads)} reads answered, ${sum((line) => line.undecided)} keys undecided`,
  )
  const runs = RUN_COUNTS.map((name) => {
    const count = sum((line) => line.runs[name])
    if (count === 0) missing.push(name)
    return count
  })
  console.log(
    `${runs[0]} runs split, ${runs[1]} shards given up after others were asked, ${runs[2]} children, ${runs[3]} reruns, ${runs[4]} runs of backfills, ${runs[5]} jobs paused for failing`,
  )
  console.log(
    `${runs[6]} circuit breakers opened; ${runs[7]} runs were where it was their turn, ${runs[8]} of them under another leader than the one before`,
  )
  const outlets = (Object.keys(NO_OUTLETS) as (keyof OutletCounts)[]).map((name) => {
    const count = sum((line) => line.outlets[name])
    if (count === 0) missing.push(name)
    return count
  })
  console.log(
    `${outlets[0]} rows delivered, ${outlets[1]} of them again, ${outlets[2]} given up; ${outlets[3]} alerts in ${outlets[4]} messages, ${outlets[5]} of them summaries, ${outlets[6]} came in again`,
  )
  console.log(`${held.length} seeds held, ${broken.length} broke a promise`)
  if (lines.length < ENOUGH_SEEDS || missing.length === 0) return broken.length === 0
  console.log(`never struck, so this does not count: ${missing.join(', ')}`)
  return false
}

function played(file: string, first: number, count: number): Map<number, Line> {
  const lines = new Map<number, Line>()
  mkdirSync(dirname(file), { recursive: true })
  if (!existsSync(file)) return lines
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    if (!text.endsWith('}')) continue
    const line = JSON.parse(text) as Line
    if (line.seed >= first && line.seed < first + count) lines.set(line.seed, line)
  }
  return lines
}

/** What is played: the commit, and the time where something was changed since. */
function commitOf(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).trim()
  try {
    const changed = git('status', '--porcelain', '--', '../../../control-plane/src', '..') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? `+${Date.now()}` : ''}`
  } catch {
    return `none+${Date.now()}`
  }
}

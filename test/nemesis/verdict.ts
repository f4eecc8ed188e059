import type { Attempt } from '@cronclave/openapi'
import { faultsOfCalls, faultsOfJob } from '../e2e/ledger-checker.ts'
import { checkHistory, type CheckOptions } from '../linearizability/check.ts'
import type { Operation } from '../linearizability/history.ts'
import type { Handled, Seen } from '../support/executor.ts'
import type { JobRecords } from './jobs.ts'

/** The ledger of every node, read when nothing was open any more. */
export type Ledgers = ReadonlyMap<string, ReadonlyMap<string, JobRecords>>

/** Every due fire has exactly one record, on the first node; the others are held against it by `differences`. */
export function faultsOfFires(fires: ReadonlyMap<string, readonly number[]>, ledgers: Ledgers): string[] {
  const [ledger] = ledgers.values()
  return [...fires].flatMap(([job, due]) => {
    const records = ledger?.get(job)
    if (!records) return [`${job}: the ledger was not read`]
    return faultsOfJob({ job, fires: due }, { ...records, attempts: [] })
  })
}

/** What two nodes say of one job must be the same to the letter. */
export function differences(ledgers: Ledgers): string[] {
  const [[first, reference] = ['', new Map<string, JobRecords>()], ...others] = ledgers
  return others.flatMap(([name, ledger]) =>
    [...reference]
      .filter(([job, records]) => JSON.stringify(records) !== JSON.stringify(ledger.get(job)))
      .map(([job, records]) => `${job}: ${first} and ${name} differ: ${difference(records, ledger.get(job))}`),
  )
}

function difference(one: JobRecords, other: JobRecords | undefined): string {
  const mine = [...one.runs, ...one.stretches].map((row) => JSON.stringify(row))
  const theirs = new Set([...(other?.runs ?? []), ...(other?.stretches ?? [])].map((row) => JSON.stringify(row)))
  return mine.find((row) => !theirs.has(row)) ?? `${mine.length} rows against ${theirs.size}`
}

/** No request without a committed start, no attempt handled twice, no token that falls. */
export function faultsOfExecutor(seen: Seen, attempts: readonly Attempt[]): string[] {
  return [...faultsOfCalls(seen, attempts), ...fallingTokens(seen.handled)]
}

/** The handler of a job must see tokens that only grow, unless its runs may overlap: then within each run, which `faultsOfCalls` looks at. */
export function fallingTokens(handled: readonly Handled[]): string[] {
  const last = new Map<string, number>()
  const faults: string[] = []
  for (const { job, token, attempt, params } of handled) {
    if (params['overlaps'] === true) continue
    const before = last.get(job) ?? 0
    if (token <= before) faults.push(`${job}: the handler was called with token ${token} (${attempt}) after ${before}`)
    last.set(job, Math.max(before, token))
  }
  return faults
}

/** Keys whose history has no order that explains it, and keys on which the checker gave up, which is no pass either. */
export function faultsOfHistory(history: readonly Operation[], options: CheckOptions = {}): string[] {
  return [...checkHistory(history, options)].flatMap(([key, verdict]) => {
    if (verdict.kind === 'linearizable') return []
    return [
      `${key}: ${verdict.kind}${verdict.kind === 'unknown' ? ` after ${verdict.steps} steps` : `: ${verdict.why}`}`,
    ]
  })
}

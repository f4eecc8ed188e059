import type { Fire, ManifestReport, PlannedJob } from '@cronclave/openapi'
import type { Output } from './output.ts'

/** Characters of a value that is shown. */
const VALUE_MAX = 60
/** Actions that change nothing. */
const IDLE: ReadonlySet<PlannedJob['action']> = new Set(['none', 'absent', 'detached'])

/** Whether anything would be changed. */
export function differs({ jobs }: Pick<ManifestReport, 'jobs'>): boolean {
  return jobs.some(({ action }) => !IDLE.has(action))
}

/** What is done to each job, what changes in it, and which fires do. */
export function showReport(output: Output, report: ManifestReport): void {
  if (output.format !== 'table') return output.data(report)
  const shown = report.jobs.filter(({ action }) => action !== 'none')
  for (const job of shown) for (const line of linesOf(job)) output.line(line)
  const same = report.jobs.length - shown.length
  if (same > 0) output.note(`${same} ${same === 1 ? 'job is' : 'jobs are'} as the code says.`)
  if (report.outcome === 'planned') output.note('Nothing was changed.')
}

const WORDS: Record<PlannedJob['action'], [mark: string, words: string]> = {
  create: ['+', 'is new'],
  update: ['~', 'changes'],
  adopt: ['~', 'is taken over by the code'],
  none: [' ', 'stays'],
  detached: ['!', 'was detached from its code, and stays (--adopt takes it back)'],
  absent: ['!', 'is absent from code, and stays (--prune deletes it)'],
  pause: ['-', 'is absent from code, and is paused: it runs, or another job starts it'],
  delete: ['-', 'is absent from code, and is deleted'],
}

function linesOf({ name, action, changes = [], fires }: PlannedJob): string[] {
  const [mark, words] = WORDS[action]
  const lines = [`${mark} ${name} ${words}`]
  for (const { pointer, from, to } of changes) lines.push(`    ${pointer}: ${valueText(from)} → ${valueText(to)}`)
  if (fires) lines.push(...fireLines(fires))
  return lines
}

/** The fires that go and those that come, as they follow each other. */
function fireLines({ before, after }: NonNullable<PlannedJob['fires']>): string[] {
  const was = new Set(before.map(({ fireTime }) => fireTime))
  const will = new Set(after.map(({ fireTime }) => fireTime))
  const gone = before.filter(({ fireTime }) => !will.has(fireTime)).map((fire) => [fire, '-'] as const)
  const come = after.filter(({ fireTime }) => !was.has(fireTime)).map((fire) => [fire, '+'] as const)
  const all = [...gone, ...come].sort(([a], [b]) => (a.fireTime < b.fireTime ? -1 : 1))
  return all.map(([fire, mark]) => `    ${mark} fires ${localText(fire)}`)
}

function localText({ local }: Fire): string {
  return local.replace('T', ' ')
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)'
  const text = JSON.stringify(value)
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text
}

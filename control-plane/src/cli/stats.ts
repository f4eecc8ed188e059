import type { RunCounts, Stats, TopJob } from '@cronclave/openapi'
import { type Command, Option } from 'commander'
import { formatInstant } from '../runtime/instant.ts'
import { timeOrAge, wholeNumber } from './arguments.ts'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'
import type { Column } from './output.ts'
import { shortDuration } from './phrases.ts'

type Step = Stats['step']
type Period = 'today' | 'week' | 'month' | 'all'
type By = 'failure-rate' | 'lateness' | 'duration-trend'

interface WindowOptions {
  period?: Period
  from?: number
  to?: number
  zone?: string
  allNamespaces?: boolean
}

/** `cronclave stats …` */
export function statsCommands(program: Command, io: Io): void {
  const description = 'what ended, how late it began and how long it took; of a namespace, or of one job'
  const stats = program.command('stats').description(description)
  const command = stats
    // The name may be left out.
    .command('show', { isDefault: true })
    .description(description)
    .argument('[job]')
    .addOption(new Option('--by <width>', 'a line for each').choices(['hour', 'day', 'week', 'month']))
  windowOptions(command, io).action(async (job: string | undefined, options: WindowOptions & { by?: Step }) => {
    const { client, output, namespace } = sessionOf(io, command)
    const { by: step, ...window } = options
    const query = { ...queryOf(window), ...(step === undefined ? {} : { step }) }
    const found = await client.ask(
      job !== undefined
        ? client.api.GET('/v1/namespaces/{namespace}/jobs/{job}/stats', { params: { path: { namespace, job }, query } })
        : options.allNamespaces
          ? client.api.GET('/v1/stats', { params: { query } })
          : client.api.GET('/v1/namespaces/{namespace}/stats', { params: { path: { namespace }, query } }),
    )
    if (output.format !== 'table') return output.data(found)
    output.list(found.series, seriesColumns(found), 'Nothing was counted.')
    output.line('')
    output.one(found, totalsOf(found))
  })
  topCommand(stats, io)
  examples(
    command,
    'cronclave stats --period week --zone Asia/Shanghai',
    'cronclave stats nightly-report --by day --from 30d',
    'cronclave stats --all-namespaces --period all',
  )
}

function topCommand(stats: Command, io: Io): void {
  const command = stats
    .command('top')
    .description('the jobs that fail most, are latest, or take longer than before; the worst first')
    .addOption(
      new Option('--by <figure>', 'what they are compared by')
        .choices(['failure-rate', 'lateness', 'duration-trend'])
        .default('failure-rate'),
    )
    .option('--min-runs <number>', 'leave out jobs with fewer runs', wholeNumber(1, 1_000_000), 5)
    .option('--limit <number>', 'jobs at most', wholeNumber(1, 100), 20)
  windowOptions(command, io).action(async (options: WindowOptions & { by: By; minRuns: number; limit: number }) => {
    const { client, output, namespace } = sessionOf(io, command)
    const { by, minRuns, limit, ...window } = options
    const query = { ...queryOf(window), by, minRuns, limit }
    const top = await client.ask(
      options.allNamespaces
        ? client.api.GET('/v1/stats/top', { params: { query } })
        : client.api.GET('/v1/namespaces/{namespace}/stats/top', { params: { path: { namespace }, query } }),
    )
    if (output.format !== 'table') return output.data(top)
    output.note(`From ${top.from} to ${top.to}, jobs with at least ${top.minRuns} runs:`)
    output.list(top.items, topColumns(options.allNamespaces ?? false), NOTHING[by])
  })
  examples(command, 'cronclave stats top --period today', 'cronclave stats top --by lateness --from 7d --min-runs 20')
}

const NOTHING: Record<By, string> = {
  'failure-rate': 'No job failed.',
  lateness: 'No job ran so often.',
  'duration-trend': 'No job takes longer than before.',
}

function windowOptions(command: Command, io: Io): Command {
  const time = timeOrAge(() => io.clock.now())
  return command
    .addOption(
      new Option('--period <period>', 'this day, week or month, or everything').choices([
        'today',
        'week',
        'month',
        'all',
      ]),
    )
    .option('--from <time>', 'in place of a period: a time, or an age such as 30d', time)
    .option('--to <time>', 'a time, or an age; now when absent', time)
    .option('--zone <zone>', 'whose clocks say when days, weeks and months begin; UTC when absent')
    .option('--all-namespaces', 'the whole cluster')
}

function queryOf({ period, from, to, zone }: WindowOptions) {
  return {
    ...(period === undefined ? {} : { period }),
    ...(from === undefined ? {} : { from: formatInstant(from) }),
    ...(to === undefined ? {} : { to: formatInstant(to) }),
    ...(zone === undefined ? {} : { zone }),
  }
}

type Point = Stats['series'][number]

function seriesColumns({ step, zone }: Stats): Column<Point>[] {
  return [
    { head: step, of: ({ at }) => pointText(at, step, zone) },
    ...countColumns<Point>(({ runs }) => runs),
    { head: 'late p95', of: ({ latenessP95Ms }) => milliseconds(latenessP95Ms) },
    { head: 'took p50', of: ({ durationP50Ms }) => milliseconds(durationP50Ms) },
    { head: 'took p95', of: ({ durationP95Ms }) => milliseconds(durationP95Ms) },
  ]
}

function countColumns<T>(runsOf: (row: T) => RunCounts): Column<T>[] {
  return [
    { head: 'succeeded', of: (row) => runsOf(row).succeeded },
    { head: 'failed', of: (row) => runsOf(row).failed },
    { head: 'timed out', of: (row) => runsOf(row)['timed-out'] },
    { head: 'lost', of: (row) => runsOf(row).lost },
    { head: 'cancelled', of: (row) => runsOf(row).cancelled },
    { head: 'skipped', of: (row) => runsOf(row).skipped },
  ]
}

function totalsOf({ totals, open }: Stats): Record<string, string | number> {
  const { runs } = totals
  const failed = runs.failed + runs['timed-out'] + runs.lost
  const judged = runs.succeeded + failed
  return {
    succeeded: runs.succeeded,
    failed,
    'failure rate': judged === 0 ? '-' : percent(failed / judged),
    cancelled: runs.cancelled,
    'skipped runs': runs.skipped,
    'skipped fires': totals.skippedFires,
    attempts: totals.attempts,
    'open now': `${open.running} running, ${open.queued} queued`,
  }
}

function topColumns(allNamespaces: boolean): Column<TopJob>[] {
  return [
    ...(allNamespaces ? [{ head: 'namespace', of: ({ namespace }: TopJob) => namespace }] : []),
    { head: 'job', of: ({ job }) => job },
    { head: 'state', of: ({ state }) => state, state: true },
    { head: 'runs', of: ({ runs }) => runs },
    { head: 'succeeded', of: ({ succeeded }) => succeeded },
    { head: 'failed', of: ({ failed }) => failed },
    { head: 'rate', of: ({ failureRate }) => percent(failureRate) },
    { head: 'late p95', of: ({ latenessP95Ms }) => milliseconds(latenessP95Ms) },
    { head: 'took', of: ({ durationMeanMs }) => milliseconds(durationMeanMs) },
    { head: 'before', of: ({ durationMeanBeforeMs }) => milliseconds(durationMeanBeforeMs) },
    { head: 'trend', of: ({ durationTrend }) => durationTrend && `x${durationTrend.toFixed(2)}` },
  ]
}

/** A point by the clocks of the zone that its width was asked in. */
function pointText(at: string, step: Step, zone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    ...(step === 'month' ? {} : { day: '2-digit' }),
    ...(step === 'hour' ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : {}),
  })
  return format.format(Date.parse(at)).replace(',', '')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

function milliseconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : shortDuration(ms)
}

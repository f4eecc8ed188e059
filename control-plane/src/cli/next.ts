import { type Command, Option } from 'commander'
import { localText } from '../api/times.ts'
import type { ScheduleSpec } from '../jobs/job.ts'
import { compileSchedule, type NextFire, previewFires, ScheduleFault } from '../jobs/schedule.ts'
import { formatInstant } from '../runtime/instant.ts'
import { timeOrAge, wholeNumber } from './arguments.ts'
import { examples, outputOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

interface NextOptions {
  tz: string
  count: number
  from?: number
  gap: ScheduleSpec['gap']
  fold: ScheduleSpec['fold']
  quartz?: boolean
  seed: number
}

/** `cronclave next`: when an expression fires, without any server. */
export function nextCommand(program: Command, io: Io): void {
  const command = program
    .command('next')
    .description('when a cron expression fires next, with what daylight saving does to it; needs no server')
    .argument('<cron>', 'expression of 5 to 7 fields, @hourly and its kin, or @every 90s')
    .option('--tz <zone>', 'IANA time zone', 'UTC')
    .option('-n, --count <number>', 'how many', wholeNumber(1, 1000), 10)
    .option(
      '--from <time>',
      'fires after this time instead of now',
      timeOrAge(() => io.clock.now()),
    )
    .addOption(
      new Option('--gap <policy>', 'a wall time that does not exist').choices(['next', 'skip']).default('next'),
    )
    .addOption(
      new Option('--fold <policy>', 'a wall time that exists twice')
        .choices(['first', 'last', 'both'])
        .default('first'),
    )
    .option('--quartz', 'weekday numbers as Quartz has them: 1 is Sunday')
    .option(
      '--seed <number>',
      'what H fields are drawn from; a saved job has its own',
      wholeNumber(0, 4_294_967_295),
      0,
    )
    .action((cron: string, options: NextOptions) => {
      const schedule = compiled(cron, options)
      const after = options.from ?? io.clock.now()
      const origin = { after, spread: options.seed, fireCount: 0, createdAt: after }
      const zone = 'zone' in schedule ? schedule.zone : options.tz
      const fires = previewFires([schedule], origin, options.count)
      const rows = fires.map((fire, index) => ({
        number: index + 1,
        local: localText(fire.fireTime, zone),
        utc: formatInstant(fire.fireTime),
        label: labelOf(fire),
      }))
      const columns = [
        { head: '#', of: (row: (typeof rows)[0]) => row.number },
        { head: zone === 'UTC' ? 'time' : zone, of: (row: (typeof rows)[0]) => row.local.replace('T', ' ') },
        { head: 'utc', of: (row: (typeof rows)[0]) => row.utc.replace('T', ' ').replace('.000', '') },
        { head: 'note', of: (row: (typeof rows)[0]) => (row.label === '' ? ' ' : row.label) },
      ]
      outputOf(io, command).list(rows, columns, 'It never fires again within 28 years.')
    })
  examples(
    command,
    'cronclave next "0 9 * * 1-5" --tz Asia/Shanghai',
    'cronclave next "30 2 * * *" --tz America/New_York --from 2027-03-12T00:00:00Z -n 4',
    'cronclave next "0 0 L * ?" -o json',
  )
}

function compiled(cron: string, { tz, gap, fold, quartz, seed }: NextOptions) {
  try {
    const spec: ScheduleSpec = {
      id: 'cron',
      cron,
      zone: tz,
      gap,
      fold,
      jitterMs: 0,
      ...(quartz ? { quartzWeekdays: true } : {}),
    }
    return compileSchedule(spec, seed)
  } catch (error) {
    if (!(error instanceof ScheduleFault)) throw error
    const place = error.pointer === '/zone' ? 'The time zone' : 'The expression'
    throw new CommandFault(EXIT.usage, `${place} is not valid: ${error.detail}`)
  }
}

const MOVED = {
  'gap-next': 'moved: the clocks skip the hour (DST)',
  'fold-first': 'first of two: the clocks go back (DST)',
  'fold-last': 'last of two: the clocks go back (DST)',
  'fold-both': 'one of two: the clocks go back (DST)',
} as const

function labelOf({ moved, skip }: NextFire): string {
  if (skip !== undefined) return 'skipped: the clocks skip the hour (DST)'
  return moved === undefined ? '' : MOVED[moved]
}

import type { Fault } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { JOB_LIMITS, JOB_RULES, NAME } from './defaults.ts'
import { Fields } from './fields.ts'
import type { ScheduleSpec } from './job.ts'
import { compileSchedule, ScheduleFault } from './schedule.ts'

const RULES = JOB_RULES.schedule

/** The schedules at `pointer` with their defaults, compiled once to find what is wrong in them. Faults go to `faults`. */
export function readSchedules(list: readonly unknown[], pointer: string, faults: Fault[]): ScheduleSpec[] {
  if (list.length > JOB_LIMITS.schedules) {
    faults.push({ pointer, detail: `has ${list.length} items, more than ${JOB_LIMITS.schedules}` })
    return []
  }
  const schedules = list.map((item, position) => readSchedule(item, position, `${pointer}/${position}`, faults))
  const ids = new Set<string>()
  for (const [position, { id }] of schedules.entries()) {
    if (ids.has(id))
      faults.push({ pointer: `${pointer}/${position}/id`, detail: `"${id}" is the id of another schedule` })
    ids.add(id)
  }
  return schedules
}

function readSchedule(value: unknown, position: number, pointer: string, faults: Fault[]): ScheduleSpec {
  const before = faults.length
  const fields = new Fields(value, pointer, faults)
  const optional = {
    cron: fields.text('cron', { max: 500, pattern: /./ }),
    quartzWeekdays: fields.boolean('quartzWeekdays') === true ? true : undefined,
    everyMs: fields.duration('every', RULES.intervalMs),
    afterMs: fields.duration('after', RULES.intervalMs),
    at: fields.instant('at'),
    startAt: fields.instant('startAt'),
    endAt: fields.instant('endAt'),
    maxFires: fields.integer('maxFires', RULES.maxFires),
  }
  const spec: ScheduleSpec = {
    id: fields.text('id', NAME) ?? String(position),
    zone: fields.text('zone', { max: 64 }) ?? RULES.zone,
    gap: fields.choice('gap', ['next', 'skip']) ?? RULES.gap,
    fold: fields.choice('fold', ['first', 'last', 'both']) ?? RULES.fold,
    jitterMs: fields.duration('jitter', RULES.jitterMs) ?? RULES.jitterMs.default,
    ...present(optional),
  }
  fields.close()
  if (faults.length === before) compile(spec, pointer, faults)
  return spec
}

function compile(spec: ScheduleSpec, pointer: string, faults: Fault[]): void {
  try {
    compileSchedule(spec, 0)
  } catch (error) {
    if (!(error instanceof ScheduleFault)) throw error
    faults.push({ pointer: pointer + error.pointer, detail: error.detail })
  }
}

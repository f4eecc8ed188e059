import type { FirePreview } from '@cronclave/openapi'
import type { ScheduleSpec } from '../jobs/job.ts'
import { readSchedules } from '../jobs/schedule-definition.ts'
import {
  compileSchedule,
  type CompiledSchedule,
  type FireOrigin,
  type NoFire,
  previewFires,
  whyNoFire,
} from '../jobs/schedule.ts'
import { originOf } from '../jobs/upcoming.ts'
import { type Fault, Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { fireView, isBusy, stretchView } from './job-view.ts'
import { jobAt } from './lookup.ts'
import { PAGE } from './pages.ts'
import { instantOf, optionalInstant, timeText } from './times.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

type Operations = 'getNextFires' | 'previewSchedules' | 'explainJob' | 'listStretches'

const COUNT = 10
/** Later than every fire: the year 10000. */
const TIME_END = 253_402_300_800_000

export function scheduleHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  return {
    getNextFires({ path, query }) {
      const job = jobAt(state(), path)
      if (job.state !== 'active') return { status: 200, body: { items: [], note: `The job is ${job.state}.` } }
      const origin = originOf(job, Math.max(job.progress.decidedUpTo, clock.now()), isBusy(state(), job))
      return { status: 200, body: preview(job.spec.schedules, job.schedules, origin, query.count ?? COUNT) }
    },

    previewSchedules({ body }) {
      const after = optionalInstant(body.from, '/from') ?? clock.now()
      const faults = scheduleFaults(body)
      if (faults.length > 0) throw new Problem('invalid-schedule', undefined, faults)
      const spread = body.seed ?? 0
      const specs = readSchedules(body.schedules, '/schedules', faults)
      const compiled = specs.map((spec) => compileSchedule(spec, spread))
      const origin = { after, spread, fireCount: 0, createdAt: after }
      return { status: 200, body: preview(specs, compiled, origin, body.count ?? COUNT) }
    },

    async explainJob({ path, query }) {
      const job = jobAt(state(), path)
      const at = instantOf(query.at, '?at')
      const { fireTime, stretch, before, after, ...rest } = await context.explain(job, at)
      return {
        status: 200,
        body: {
          at: timeText(at),
          ...rest,
          ...(fireTime === undefined ? {} : { fireTime: timeText(fireTime) }),
          ...(stretch === undefined ? {} : { stretch: stretchView(stretch) }),
          ...(before === undefined ? {} : { before: timeText(before) }),
          ...(after === undefined ? {} : { after: timeText(after) }),
        },
      }
    },

    async listStretches({ path, query }) {
      const job = jobAt(state(), path)
      const limit = query.limit ?? PAGE
      const open = query.cursor === undefined && job.progress.stretch ? [job.progress.stretch] : []
      const to = query.cursor === undefined ? TIME_END : Number(decodeCursor('stretches', query.cursor, ['number'])[0])
      const wanted = limit - open.length
      const rows = await context.ledger.stretches({ job: job.uid, from: 0, to, newestFirst: true, limit: wanted + 1 })
      const closed = rows.slice(0, wanted)
      const last = closed.at(-1)?.from ?? to
      const next = rows.length > wanted ? { nextCursor: encodeCursor('stretches', [last]) } : {}
      return { status: 200, body: { items: [...open, ...closed].map(stretchView), ...next } }
    },
  }
}

/** Everything that is wrong in the schedules of a preview. */
export function scheduleFaults(body: { schedules: readonly unknown[] }): Fault[] {
  const faults: Fault[] = []
  readSchedules(body.schedules, '/schedules', faults)
  return faults
}

function preview(
  specs: readonly ScheduleSpec[],
  schedules: readonly CompiledSchedule[],
  origin: FireOrigin,
  count: number,
): FirePreview {
  const fires = previewFires(schedules, origin, count)
  const items = fires.map((fire) => fireView(fire, specs))
  if (items.length === count) return { items }
  const last = fires.at(-1)
  const busy = origin.busy === true || last !== undefined
  const after = last?.fireTime ?? origin.after
  const fireCount = origin.fireCount + fires.length
  return { items, note: NOTES[whyNoFire(schedules, { ...origin, after, fireCount, busy })] }
}

const NOTES: Record<NoFire, string> = {
  manual: 'It runs by hand or API only.',
  ended: 'Its schedules have come to their end.',
  waiting: 'A fixed delay counts from the end of the last run, which is not known yet.',
  never: 'No further time within 28 years.',
}

import type { Backfill as BackfillView, BackfillRequest, Fire } from '@cronclave/openapi'
import { pastFires, type PastFires } from '../jobs/backfill-fires.ts'
import type { Job } from '../jobs/job.ts'
import { Problem } from '../problems.ts'
import { type Backfill, BACKFILL_FIRES_MAX } from '../runs/backfill.ts'
import { requestedRunId } from '../runs/ids.ts'
import type { Millis } from '../runtime/clock.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { fireView } from './job-view.ts'
import { jobAt } from './lookup.ts'
import { submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { refuseUnfitRun } from './params-fit.ts'
import { chosenExecutor, idempotencyOf, madeBefore, paramsOver, replayed } from './run-requests.ts'
import { instantOf, optionalInstant, timeText } from './times.ts'

type Operations = 'listBackfills' | 'createBackfill' | 'previewBackfill' | 'getBackfill' | 'cancelBackfill'

const NEWEST: Order<Backfill> = { name: 'backfills:ns', key: ({ sequence, id }) => [sequence, id], descending: true }

export function backfillHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, random } = context

  function backfillAt(job: Job, id: string): Backfill {
    const backfill = state().backfills.get(id)
    if (backfill?.job !== job.uid) throw new Problem('backfill-not-found', `job ${job.name} has no backfill ${id}`)
    return backfill
  }

  return {
    async listBackfills({ path, query }) {
      const job = jobAt(state(), path)
      const page = await pageOf(state().backfills.values(), (each) => each.job === job.uid, NEWEST, query)
      return { status: 200, body: { ...page, items: page.items.map((backfill) => viewOf(backfill, job)) } }
    },

    previewBackfill({ path, body }) {
      const job = jobAt(state(), path)
      const { fires, more } = firesOf(job, body, clock.now())
      const items: Fire[] = fires.map((fire) => fireView(fire, job.spec.schedules))
      return { status: 200, body: { items, more } }
    },

    async createBackfill({ path, header, body, principal }) {
      const job = jobAt(state(), path)
      const repeatable = idempotencyOf(header['Idempotency-Key'], principal, 'createBackfill', job.uid, body)
      const before = madeBefore(context, job.namespace, repeatable)
      if (before !== undefined) return replayed(viewOf(backfillAt(job, before), job))
      const params = paramsOver(job.spec.params, body.params)
      refuseUnfitRun(state(), job, job.spec.params, params)
      const { range, fires: found, more, max } = firesOf(job, body, clock.now())
      const fires = found.filter(({ skip }) => skip === undefined)
      if (more) throw invalid('/from', `the range holds more than ${max} fires: take a shorter one, or raise max`)
      if (fires.length === 0) throw invalid('/from', 'no schedule of the job was due in the range')
      const made = await submit(context, {
        kind: 'backfill-start',
        at: clock.now(),
        backfill: requestedRunId(random.bytes(16)),
        job: job.uid,
        ...range,
        fires: fires.map(({ fireTime, schedules }) => ({ fireTime, schedules })),
        parallel: body.parallel ?? 1,
        ...(body.overlap === undefined ? {} : { overlap: body.overlap }),
        ...(params === undefined ? {} : { params }),
        ...chosenExecutor(state(), job, body.executor),
        by: principal.name,
        ...repeatable,
      })
      const view = viewOf(backfillAt(job, made.run ?? ''), job)
      if (made.replayed) return replayed(view)
      const location = `/v1/namespaces/${path.namespace}/jobs/${job.name}/backfills/${view.id}`
      return { status: 201, body: view, headers: { location } }
    },

    getBackfill({ path }) {
      const job = jobAt(state(), path)
      return { status: 200, body: viewOf(backfillAt(job, path.backfill), job) }
    },

    async cancelBackfill({ path, principal }) {
      const job = jobAt(state(), path)
      const { id } = backfillAt(job, path.backfill)
      await submit(context, { kind: 'backfill-cancel', at: clock.now(), backfill: id, by: principal.name })
      return { status: 200, body: viewOf(backfillAt(job, id), job) }
    },
  }
}

interface Asked extends PastFires {
  range: { from: Millis; to: Millis }
  max: number
}

function firesOf(job: Job, body: BackfillRequest, now: Millis): Asked {
  const from = instantOf(body.from, '/from')
  const to = optionalInstant(body.to, '/to') ?? now
  const max = body.max ?? BACKFILL_FIRES_MAX
  if (to > now) throw invalid('/to', 'lies in the future: a backfill is for what has been')
  if (from >= to) throw invalid('/from', 'is not before the end of the range')
  return { range: { from, to }, max, ...pastFires(job, from, to, max) }
}

function viewOf(backfill: Backfill, job: Job): BackfillView {
  const { params, executor, overlap, endedAt } = backfill
  return {
    id: backfill.id,
    job: job.name,
    from: timeText(backfill.from),
    to: timeText(backfill.to),
    state: backfill.state,
    total: backfill.total,
    waiting: backfill.waiting.length,
    open: backfill.open.length,
    ended: backfill.ended,
    parallel: backfill.parallel,
    ...(overlap === undefined ? {} : { overlap }),
    ...(params === undefined ? {} : { params }),
    ...(executor === undefined ? {} : { executor }),
    createdBy: backfill.by,
    createdAt: timeText(backfill.createdAt),
    ...(endedAt === undefined ? {} : { endedAt: timeText(endedAt) }),
  }
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid-request', undefined, [{ pointer, detail }])
}

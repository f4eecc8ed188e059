import type { Job } from '../jobs/job.ts'
import { requestedRunId } from '../runs/ids.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { resume } from './job-resume.ts'
import { jobInFull } from './job-view.ts'
import { jobAt } from './lookup.ts'
import { etag, ifVersion, submit } from './outcome.ts'
import { chosenExecutor, idempotencyOf, madeBefore, paramsOver, replayed, traceOf } from './run-requests.ts'
import { refuseUnfitRun } from './params-fit.ts'
import { findRun } from './runs.ts'
import { optionalInstant } from './times.ts'

type Operations = 'pauseJob' | 'resumeJob' | 'triggerJob'

export function jobControlHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, random } = context

  function shown(job: Job) {
    return { status: 200 as const, body: jobInFull(state(), job), headers: etag(job.version) }
  }

  return {
    async pauseJob({ path, header, principal }) {
      const job = jobAt(state(), path)
      await submit(context, {
        kind: 'job-pause',
        at: clock.now(),
        job: job.uid,
        by: principal.name,
        ...ifVersion(header),
      })
      return shown(jobAt(state(), path))
    },

    async resumeJob({ path, header, principal }) {
      const job = jobAt(state(), path)
      await resume(context, job, principal.name, ifVersion(header))
      return shown(jobAt(state(), path))
    },

    async triggerJob({ path, header, body, principal, request }) {
      const job = jobAt(state(), path)
      const repeatable = idempotencyOf(header['Idempotency-Key'], principal, 'triggerJob', job.uid, body)
      const before = madeBefore(context, job.namespace, repeatable)
      if (before !== undefined) return replayed(await findRun(context, path.namespace, before))
      const params = paramsOver(job.spec.params, body?.params)
      refuseUnfitRun(state(), job, job.spec.params, params)
      const fireTime = optionalInstant(body?.fireTime, '/fireTime')
      const made = await submit(context, {
        kind: 'run-request',
        at: clock.now(),
        job: job.uid,
        run: requestedRunId(random.bytes(16)),
        cause: principal.by === 'session' ? 'manual' : 'api',
        by: principal.name,
        ...traceOf(request),
        ...(params === undefined ? {} : { params }),
        ...(fireTime === undefined ? {} : { fireTime }),
        ...chosenExecutor(state(), job, body?.executor),
        ...repeatable,
      })
      const run = await findRun(context, path.namespace, made.run ?? '')
      if (made.replayed) return replayed(run)
      return { status: 201, body: run, headers: { location: `/v1/namespaces/${path.namespace}/runs/${run.id}` } }
    },
  }
}

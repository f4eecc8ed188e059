import { createHash } from 'node:crypto'
import type { TriggerRequest } from '@cronclave/openapi'
import { JOB_LIMITS } from '../jobs/defaults.ts'
import type { Job, Json } from '../jobs/job.ts'
import { checkJson } from '../jobs/params.ts'
import { Problem } from '../problems.ts'
import { requestedRunId } from '../runs/ids.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { resume } from './job-resume.ts'
import { jobView } from './job-view.ts'
import { jobAt } from './lookup.ts'
import { etag, ifVersion, submit } from './outcome.ts'
import { findRun } from './runs.ts'
import { optionalInstant } from './times.ts'

type Operations = 'pauseJob' | 'resumeJob' | 'triggerJob'

export function jobControlHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, random } = context

  function shown(job: Job) {
    return { status: 200 as const, body: jobView(state(), job), headers: etag(job.version) }
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

    async triggerJob({ path, header, body, principal }) {
      const job = jobAt(state(), path)
      const params = paramsOf(job, body)
      const fireTime = optionalInstant(body?.fireTime, '/fireTime')
      const key = header['Idempotency-Key']
      const made = await submit(context, {
        kind: 'run-request',
        at: clock.now(),
        job: job.uid,
        run: requestedRunId(random.bytes(16)),
        cause: principal.by === 'session' ? 'manual' : 'api',
        by: principal.name,
        ...(params === undefined ? {} : { params }),
        ...(fireTime === undefined ? {} : { fireTime }),
        ...(key === undefined ? {} : { idempotency: { key, principal: principal.token, bodyHash: hashOf(job, body) } }),
      })
      const run = await findRun(context, path.namespace, made.run ?? '')
      if (made.replayed) return { status: 200, body: run, headers: { 'idempotent-replayed': 'true' } }
      return { status: 201, body: run, headers: { location: `/v1/namespaces/${path.namespace}/runs/${run.id}` } }
    },
  }
}

function paramsOf(job: Job, body: TriggerRequest | undefined): { [key: string]: Json } | undefined {
  if (body?.params === undefined) return undefined
  const params = body.params as { [key: string]: Json }
  const merged = { ...job.spec.params, ...params }
  const count = Object.keys(merged).length
  const objection =
    count > JOB_LIMITS.paramsEntries
      ? `has ${count} entries with the job's own, more than ${JOB_LIMITS.paramsEntries}`
      : checkJson(merged)
  if (objection !== undefined) {
    throw new Problem('invalid-request', undefined, [{ pointer: '/params', detail: objection }])
  }
  return params
}

/** What a repeat under the same key must agree in: the job, and the body with its fields in order. */
function hashOf(job: Job, body: TriggerRequest | undefined): string {
  return createHash('sha256')
    .update(`triggerJob ${job.uid} ${canonical(body ?? {})}`)
    .digest('base64url')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`
}

import type { JobDefinition } from '@cronclave/openapi'
import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { Problem } from '../problems.ts'
import { findJob } from '../state/jobs.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { checkTarget, drawSpread, planJob } from './job-plan.ts'
import { jobView } from './job-view.ts'
import { jobAt, namespaceNamed } from './lookup.ts'
import { pausedFires, resume } from './job-resume.ts'
import { nameInPath } from './names.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'

type Operations = 'listJobs' | 'createJob' | 'getJob' | 'putJob' | 'deleteJob'

export function jobHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  async function put(namespace: string, name: string, body: JobDefinition, condition: Condition, by: string) {
    const resolved = resolveJob(body)
    if (!resolved.ok) throw new Problem('invalid-job', undefined, resolved.faults)
    const { uid } = namespaceNamed(state(), namespace)
    checkTarget(state(), uid, resolved.spec, context.egress)
    const present = findJob(state(), uid, name)
    const at = Math.max(clock.now(), state().now)
    const plan = planJob(state(), resolved.spec, present, at, drawSpread(context.random))
    // A quarantined job has schedules that cannot be evaluated.
    const fires = present?.state === 'paused' ? await pausedFires(present, at) : undefined
    const paused = resolved.paused === undefined ? {} : { paused: resolved.paused }
    const command = {
      kind: 'job-put' as const,
      at,
      namespace: uid,
      name,
      spec: resolved.spec,
      ...plan,
      ...paused,
      by,
      ...(fires ? { fires } : {}),
    }
    // A job that is not there yet must not appear meanwhile: the schedules are compiled with the seed of a new one.
    await submit(context, { ...command, ...(present ? condition : { ifVersion: 'new' as const }) })
    const job = jobAt(state(), { namespace, job: name })
    return { job, present: present !== undefined, paused: resolved.paused }
  }

  function shown(job: Job) {
    return { body: jobView(state(), job), headers: etag(job.version) }
  }

  return {
    async listJobs({ path, query }) {
      const namespace = namespaceNamed(state(), path.namespace)
      const page = await pageOf(state().jobs.values(), filterOf(namespace.uid, query), orderOf(query.sort), query)
      return { status: 200, body: { ...page, items: page.items.map((job) => jobView(state(), job)) } }
    },

    async createJob({ path, body, principal }) {
      const namespace = namespaceNamed(state(), path.namespace)
      if (findJob(state(), namespace.uid, body.name))
        throw new Problem('already-exists', `job ${body.name} exists already`)
      const { job } = await put(path.namespace, body.name, body, {}, principal.name)
      const made = shown(job)
      return { status: 201, ...made, headers: { ...made.headers, location: addressOf(path.namespace, job.name) } }
    },

    getJob: ({ path }) => ({ status: 200, ...shown(jobAt(state(), path)) }),

    async putJob({ path, header, body, principal }) {
      const name = nameInPath(body.name, path.job)
      const known = findJob(state(), namespaceNamed(state(), path.namespace).uid, name)
      refuseAbsent(header, known !== undefined, `job ${name}`)
      if (known && header['If-None-Match'] !== undefined) {
        throw new Problem('version-mismatch', `job ${name} exists already`)
      }
      const { job, present, paused } = await put(path.namespace, name, body, ifVersion(header), principal.name)
      if (paused === false && job.state === 'paused') await resume(context, job, principal.name)
      const made = shown(job)
      if (present) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: addressOf(path.namespace, name) } }
    },

    async deleteJob({ path, query, header }) {
      const { uid } = jobAt(state(), path)
      const at = clock.now()
      await submit(context, { kind: 'job-delete', at, job: uid, force: query.force ?? false, ...ifVersion(header) })
      return { status: 204 }
    },
  }
}

type Condition = { ifVersion?: number }
type Filters = Call<'listJobs'>['query']

function filterOf(namespace: number, query: Filters): (job: Job) => boolean {
  const name = query.name?.toLowerCase()
  const labels = (query.label ?? []).map((text) => {
    const at = text.indexOf('=')
    return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) }
  })
  return (job) =>
    job.namespace === namespace &&
    (name === undefined || job.name.toLowerCase().includes(name)) &&
    (query.state === undefined || query.state.length === 0 || query.state.includes(job.state)) &&
    (query.creator === undefined || job.createdBy === query.creator) &&
    (query.service === undefined || job.spec.target.service === query.service) &&
    labels.every(({ key, value }) => {
      const present = Object.hasOwn(job.spec.labels, key) ? job.spec.labels[key] : undefined
      return present !== undefined && (value === undefined || present === value)
    })
}

/** Later than every time: jobs without a next fire come last, whichever way the list is read. */
const NEVER = Number.MAX_SAFE_INTEGER

function orderOf(sort: Filters['sort'] = 'name'): Order<Job> {
  const descending = sort.startsWith('-')
  const none = descending ? -1 : NEVER
  switch (sort) {
    case 'name':
    case '-name':
      return { name: `jobs${sort}:ss`, descending, key: (job) => [job.name, ''] }
    case 'created':
    case '-created':
      return { name: `jobs${sort}:ns`, descending, key: (job) => [job.createdAt, job.name] }
    case 'updated':
    case '-updated':
      return { name: `jobs${sort}:ns`, descending, key: (job) => [job.updatedAt, job.name] }
    case 'next':
    case '-next':
      return { name: `jobs${sort}:ns`, descending, key: (job) => [job.progress.nextFire?.fireTime ?? none, job.name] }
  }
}

function addressOf(namespace: string, job: string): string {
  return `/v1/namespaces/${namespace}/jobs/${job}`
}

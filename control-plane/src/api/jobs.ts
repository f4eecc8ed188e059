import type { JobDefinition } from '@cronclave/openapi'
import { resolveJob } from '../jobs/definition.ts'
import { refuseCodes, refuseKept } from '../manifests/refuse-edits.ts'
import type { Job, JobSpec } from '../jobs/job.ts'
import { Problem } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import type { JobPut } from '../state/commands.ts'
import { jobNamesOf } from '../state/job-order.ts'
import { findJob } from '../state/jobs.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { checkChildren, checkTarget, drawSpread, planJob } from './job-plan.ts'
import { jobInFull, jobView } from './job-view.ts'
import { labelFilter } from './label-filter.ts'
import { jobAt, namespaceNamed } from './lookup.ts'
import { resume, unservedFires } from './job-resume.ts'
import { nameInPath } from './names.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageInOrder, pageOf } from './pages.ts'
import { refuseUnfitJob } from './params-fit.ts'

type Operations = 'listJobs' | 'createJob' | 'getJob' | 'putJob' | 'deleteJob'

export function jobHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  /**
   * Computed from the job as it is here, and so valid for that version alone: when another change came in between, it is
   * computed again, unless the caller named the version.
   */
  async function put(namespace: string, name: string, body: JobDefinition, wishes: Wishes, by: string) {
    const { detach = false, ...condition } = wishes
    const resolved = resolveJob(body)
    if (!resolved.ok) throw new Problem('invalid-job', undefined, resolved.faults)
    const { uid } = namespaceNamed(state(), namespace)
    for (let tries = 1; ; tries++) {
      const present = findJob(state(), uid, name)
      if (present && !detach) refuseCodes(state(), present, resolved.spec)
      const command = await commandOf({ ...resolved, namespace: uid, name, present, by, detach })
      // A job that is not there yet must not appear meanwhile: the schedules are compiled with the seed of a new one.
      const outcome = await context.submit({
        ...command,
        ifVersion: 'new',
        ...(present && { ifVersion: present.version }),
        ...condition,
      })
      if (outcome.kind === 'applied') {
        const job = jobAt(state(), { namespace, job: name })
        return { job, present: present !== undefined, paused: resolved.paused }
      }
      // What it names as children was changed meanwhile: looking again says where.
      const { code } = outcome.rejection
      const again = (code === 'version-mismatch' && condition.ifVersion === undefined) || code === 'invalid-job'
      if (!again || tries === TRIES_MAX) throw new Problem(outcome.rejection.code, outcome.rejection.detail)
    }
  }

  async function commandOf({
    namespace,
    name,
    present,
    spec,
    paused,
    by,
    detach,
  }: Wanted): Promise<JobPut & { at: Millis }> {
    checkTarget(state(), namespace, spec, context.egress)
    checkChildren(state(), namespace, name, spec)
    refuseUnfitJob(state(), namespace, spec)
    const at = Math.max(clock.now(), state().now)
    const plan = planJob(state(), spec, present, at, drawSpread(context.random))
    const fires = await unservedFires(present, at)
    const command = { kind: 'job-put' as const, at, namespace, name, spec, ...plan, by }
    const keeping = detach && present?.keeping ? { keeping: { ...present.keeping, detached: true as const } } : {}
    return { ...command, ...keeping, ...(paused === undefined ? {} : { paused }), ...(fires ? { fires } : {}) }
  }

  function jobIn(namespace: string, name: string): Job | undefined {
    return findJob(state(), namespaceNamed(state(), namespace).uid, name)
  }

  function shown(job: Job) {
    return { body: jobInFull(state(), job), headers: etag(job.version) }
  }

  return {
    async listJobs({ path, query }) {
      const namespace = namespaceNamed(state(), path.namespace)
      const [matches, order] = [filterOf(namespace.uid, query), orderOf(query.sort)]
      const page = await (order === BY_NAME
        ? pageInOrder((name) => jobsFrom(state(), namespace.uid, name), matches, order, query)
        : pageOf(state().jobs.values(), matches, order, query))
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

    async putJob({ path, query, header, body, principal }) {
      const name = nameInPath(body.name, path.job)
      const known = jobIn(path.namespace, name)
      refuseAbsent(header, known !== undefined, `job ${name}`)
      if (known && header['If-None-Match'] !== undefined) {
        throw new Problem('version-mismatch', `job ${name} exists already`)
      }
      const { job, present, paused } = await put(
        path.namespace,
        name,
        body,
        { ...ifVersion(header), ...query },
        principal.name,
      )
      if (paused === false && job.state === 'paused') await resume(context, job, principal.name)
      const made = shown(job)
      if (present) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: addressOf(path.namespace, name) } }
    },

    async deleteJob({ path, query, header }) {
      const job = jobAt(state(), path)
      if (!query.detach) refuseKept(state(), job)
      const at = clock.now()
      await submit(context, { kind: 'job-delete', at, job: job.uid, force: query.force ?? false, ...ifVersion(header) })
      return { status: 204 }
    },
  }
}

/** How often a definition is computed again because others changed the job meanwhile. */
const TRIES_MAX = 10

interface Wishes {
  ifVersion?: number
  detach?: boolean
}

interface Wanted {
  namespace: number
  name: string
  present: Job | undefined
  spec: JobSpec
  paused?: boolean
  by: string
  detach: boolean
}

type Filters = Call<'listJobs'>['query']

function filterOf(namespace: number, query: Filters): (job: Job) => boolean {
  const name = query.name?.toLowerCase()
  const labels = labelFilter(query.label)
  return (job) =>
    job.namespace === namespace &&
    (name === undefined || job.name.toLowerCase().includes(name)) &&
    (query.state === undefined || query.state.length === 0 || query.state.includes(job.state)) &&
    (query.creator === undefined || job.createdBy === query.creator) &&
    (query.service === undefined || job.spec.target.service === query.service) &&
    labels(job.spec.labels)
}

/** Later than every time: jobs without a next fire come last, whichever way the list is read. */
const NEVER = Number.MAX_SAFE_INTEGER

const BY_NAME: Order<Job> = { name: 'jobsname:ss', key: (job) => [job.name, ''] }

/** The jobs of a namespace by name, from this one on. */
function* jobsFrom(state: State, namespace: number, from: string): Generator<Job> {
  for (const name of jobNamesOf(state, namespace).from(from)) {
    const job = findJob(state, namespace, name)
    if (job) yield job
  }
}

function orderOf(sort: Filters['sort'] = 'name'): Order<Job> {
  const descending = sort.startsWith('-')
  const none = descending ? -1 : NEVER
  switch (sort) {
    case 'name':
      return BY_NAME
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

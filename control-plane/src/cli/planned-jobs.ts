import type { Fire, ManifestReport, PlannedJob } from '@cronclave/openapi'
import { describeJob, resolveJob } from '../jobs/definition.ts'
import { type Change, changes } from '../jobs/diff.ts'
import { apply, jobNamed, type Named } from './apply.ts'
import type { Session } from './command.ts'
import type { Job } from './replies.ts'

/** Fires that are compared. */
const FIRES = 5

/** What applying definitions would do; nothing is sent that changes anything. */
export async function planJobs(session: Session, jobs: readonly Named[]): Promise<ManifestReport> {
  const planned: PlannedJob[] = []
  for (const named of jobs) planned.push(await plan(session, named))
  return { outcome: 'planned', hash: '', jobs: planned }
}

/** Brings jobs to their definitions, one after the other. */
export async function applyJobs(session: Session, jobs: readonly Named[]): Promise<ManifestReport> {
  const done: PlannedJob[] = []
  for (const named of jobs) {
    const { outcome } = await apply(session, named, false)
    done.push({ name: named.name, action: ACTIONS[outcome] })
  }
  return { outcome: done.every(({ action }) => action === 'none') ? 'unchanged' : 'applied', hash: '', jobs: done }
}

const ACTIONS = { created: 'create', updated: 'update', unchanged: 'none' } as const

async function plan(session: Session, named: Named): Promise<PlannedJob> {
  const { client, namespace } = session
  const { name, definition } = named
  const present = await jobNamed(client, { namespace, job: name })
  const found = present ? differences(definition, present) : []
  if (present && found.length === 0) return { name, action: 'none' }
  const moves = !present || found.some(({ pointer }) => pointer.startsWith('/schedules') || pointer === '/paused')
  const fires = moves ? await firesOf(session, named, present) : undefined
  return { name, action: present ? 'update' : 'create', changes: found, ...(fires ? { fires } : {}) }
}

/** As the server would find them, defaults filled in on both sides. */
function differences(definition: Named['definition'], present: Job): Change[] {
  const [wanted, had] = [resolveJob(definition), resolveJob(present.definition)]
  if (!wanted.ok || !had.ok) return [{ pointer: '' }]
  const found = changes(describeJob(had.spec), describeJob(wanted.spec))
  const was = present.state === 'paused'
  if (wanted.paused === undefined || wanted.paused === was) return found
  return [...found, { pointer: '/paused', from: was, to: wanted.paused }]
}

async function firesOf(
  { client, namespace }: Session,
  { name, definition }: Named,
  present: Job | undefined,
): Promise<PlannedJob['fires']> {
  const { schedules = [], paused = present?.state === 'paused' } = definition
  const path = { namespace, job: name }
  const asked = { params: { path, query: { count: FIRES } } }
  const next = () => client.ask(client.api.GET('/v1/namespaces/{namespace}/jobs/{job}/next', asked))
  const before = present ? (await next()).items : []
  const body = { schedules, count: FIRES }
  const isSilent = paused || schedules.length === 0
  const after = isSilent ? [] : (await client.ask(client.api.POST('/v1/schedules/preview', { body }))).items
  const times = (fires: readonly Fire[]) => fires.map(({ fireTime }) => fireTime).join()
  return times(before) === times(after) ? undefined : { before, after }
}

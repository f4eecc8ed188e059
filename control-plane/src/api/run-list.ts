import { type EndedRunState, ENDED_STATES, type OpenRun } from '../runs/run.ts'
import type { Job } from '../jobs/job.ts'
import type { Namespace } from '../state/state.ts'
import { findJob } from '../state/jobs.ts'
import { Problem } from '../problems.ts'
import type { RunsQuery } from '../store/ledger.ts'
import type { ApiContext } from './context.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Call, Reply } from './handlers.ts'
import { type Order, PAGE, pageOf } from './pages.ts'
import { findRuns } from './run-history.ts'
import { runSummary } from './run-view.ts'
import { optionalInstant } from './times.ts'

type Query = Call<'listRuns'>['query']
type RunPage = Extract<Reply<'listRuns'>, { status: 200 }>['body']

const OPEN_NEWEST: Order<OpenRun> = {
  name: 'open-runs:ns',
  key: ({ fireTime, id }) => [fireTime, id],
  descending: true,
}
const ENDED = 'ended-runs'

/** A page of the runs of a namespace: those that are open, from memory, then those that ended, from the ledger. */
export async function listRuns(context: ApiContext, namespace: Namespace, query: Query): Promise<RunPage> {
  const limit = query.limit ?? PAGE
  const filter = filterOf(context, namespace, query)
  const page: RunPage = { items: [], source: 'ledger' }
  const inLedger = ledgerCursor(query.cursor)
  if (inLedger === undefined && filter.open) {
    const found = await openPage(context, filter, limit, query.cursor)
    page.items = found.items.map((run) => runSummary(run, { namespace: namespace.name, job: jobName(context, run) }))
    if (found.nextCursor !== undefined) return { ...page, nextCursor: found.nextCursor }
    if (page.items.length === limit) {
      return filter.endedStates ? { ...page, nextCursor: encodeCursor(ENDED, ['']) } : page
    }
  }
  if (!filter.endedStates) return page
  const rest = await findRuns(context, {
    namespace: namespace.uid,
    newestFirst: true,
    limit: limit - page.items.length,
    states: filter.endedStates,
    ...filter.fields,
    ...(inLedger ? { cursor: inLedger } : {}),
  })
  const ended = rest.rows.map((run) => runSummary(run, { namespace: namespace.name, job: run.jobName }))
  page.items = [...page.items, ...ended]
  page.source = rest.source
  if (rest.incomplete !== undefined) page.incomplete = rest.incomplete
  return rest.next === undefined ? page : { ...page, nextCursor: encodeCursor(ENDED, [rest.next]) }
}

interface Filter {
  job?: Job
  open?: (run: OpenRun) => boolean
  /** Absent: none is asked for. Empty: all. */
  endedStates?: EndedRunState[]
  fields: Pick<RunsQuery, 'job' | 'causes' | 'from' | 'to' | 'origin'>
}

function filterOf(context: ApiContext, namespace: Namespace, query: Query): Filter {
  const from = optionalInstant(query.from, '?from')
  const to = optionalInstant(query.to, '?to')
  const job = query.job === undefined ? undefined : findJob(context.state(), namespace.uid, query.job)
  if (query.job !== undefined && !job) throw new Problem('job-not-found', `there is no job ${query.job}`)
  const origin = originOf(query)
  const states = query.state ?? []
  const causes = query.cause ?? []
  const endedStates = ENDED_STATES.filter((state) => states.includes(state))
  const wantsOpen = states.length === 0 || states.length > endedStates.length
  const open = (run: OpenRun) =>
    run.namespace === namespace.uid &&
    (states.length === 0 || states.includes(run.state)) &&
    (causes.length === 0 || causes.includes(run.cause)) &&
    (origin === undefined || cameOf(run, origin)) &&
    (from === undefined || run.fireTime >= from) &&
    (to === undefined || run.fireTime < to)
  return {
    ...(job ? { job } : {}),
    ...(wantsOpen ? { open } : {}),
    ...(states.length === 0 ? { endedStates: [] } : endedStates.length > 0 ? { endedStates } : {}),
    fields: {
      ...(job ? { job: job.uid } : {}),
      ...(causes.length > 0 ? { causes } : {}),
      ...(origin === undefined ? {} : { origin }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    },
  }
}

type Origin = NonNullable<RunsQuery['origin']>

function originOf({ parent, rerunOf, backfill }: Query): Origin | undefined {
  const given = Object.entries({ parent, rerunOf, backfill }).filter(([, id]) => id !== undefined)
  if (given.length > 1) {
    const faults = given.map(([of]) => ({ pointer: `?${of}`, detail: 'one of parent, rerunOf and backfill at a time' }))
    throw new Problem('invalid-request', undefined, faults)
  }
  const [of, id] = given[0] ?? []
  return id === undefined ? undefined : { of: of as Origin['of'], id }
}

function cameOf(run: OpenRun, { of, id }: Origin): boolean {
  return (of === 'parent' ? run.cause === 'child' && run.parent?.run : run[of]) === id
}

async function openPage(context: ApiContext, { job, open }: Filter, limit: number, cursor: string | undefined) {
  const { runs } = context.state()
  const candidates = job ? job.openRuns.flatMap((id) => runs.get(id) ?? []) : runs.values()
  return pageOf(candidates, open ?? (() => false), OPEN_NEWEST, { limit, cursor })
}

/** The ledger's own cursor: '' is its beginning, undefined says that open runs come first. */
function ledgerCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  try {
    const [position = ''] = decodeCursor(ENDED, cursor, ['string'])
    return String(position)
  } catch {
    return undefined
  }
}

function jobName(context: ApiContext, run: OpenRun): string {
  return context.state().jobs.get(run.job)?.name ?? ''
}

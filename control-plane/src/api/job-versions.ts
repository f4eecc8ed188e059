import type { DefinitionChange, JobVersion } from '@cronclave/openapi'
import { type Change, changes } from '../jobs/diff.ts'
import { describeJob } from '../jobs/definition.ts'
import type { DefinitionRow, Job } from '../jobs/job.ts'
import { Problem } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { DEFINITIONS_MAX } from '../state/definitions.ts'
import type { ApiContext } from './context.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Handlers } from './handlers.ts'
import { jobAt } from './lookup.ts'
import { PAGE } from './pages.ts'
import { timeText } from './times.ts'

/** Changes of one version that are shown at most. */
const CHANGES_MAX = 200
/** Characters of a value, as JSON, that a list shows. */
const LISTED_VALUE_MAX = 1000

export function jobVersionHandlers(context: ApiContext): Pick<Handlers, 'listJobVersions' | 'getJobVersion'> {
  const { state, ledger } = context

  return {
    async listJobVersions({ path, query }) {
      const job = jobAt(state(), path)
      const limit = query.limit ?? PAGE
      const [before] =
        query.cursor === undefined ? [] : (decodeCursor('versions', query.cursor, ['number']) as number[])
      // One more, to compare the last one with.
      const rows = await ledger.definitions(job.uid, limit + 1, before)
      const items = rows.slice(0, limit).map((row, at) => {
        const { version, ...rest } = versionView(row, rows[at + 1], job)
        return { ...rest, version, changes: rest.changes.map(listed) }
      })
      const last = rows[limit - 1]
      const next = last && rows.length > limit ? { nextCursor: encodeCursor('versions', [last.ordinal]) } : {}
      return { status: 200, body: { items, ...next } }
    },

    async getJobVersion({ path }) {
      const job = jobAt(state(), path)
      const rows = await ledger.definitions(job.uid, DEFINITIONS_MAX)
      const at = rows.findIndex(({ version }) => version <= path.version)
      const row = rows[at]
      if (!row || path.version > job.version) {
        throw new Problem('definition-not-found', `there is no definition of version ${path.version}`)
      }
      const definition = describeJob(row.spec, { name: job.name })
      return { status: 200, body: { ...versionView(row, rows[at + 1], job), definition } }
    },
  }
}

function versionView(row: DefinitionRow, before: DefinitionRow | undefined, { name }: Job): JobVersion {
  const described = (one: DefinitionRow) => describeJob(one.spec, { name })
  const found = before ? changes(described(before), described(row)) : []
  const { version, at, by, revision } = row
  return { version, at: timeText(at), by, ...present({ revision }), changes: found.slice(0, CHANGES_MAX) }
}

function listed(change: Change): DefinitionChange {
  const { pointer, from, to } = change
  const long = (value: unknown) => value !== undefined && JSON.stringify(value).length > LISTED_VALUE_MAX
  return long(from) || long(to) ? { pointer, large: true } : change
}

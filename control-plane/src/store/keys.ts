/**
 * Every key in the store. Keys are ASCII; numbers have a fixed width in base 36 (`key-number.ts`), so that keys sort as
 * the numbers do. `<n10>` has ten digits, `<n4>` four. Lower case: live things, rewritten as they change, loaded at a
 * start. Upper case: the ledger, written once, read by range, removed when its time is over.
 *
 * | key                                               | value                                                      |
 * | ------------------------------------------------- | ---------------------------------------------------------- |
 * | `a/r/<rule uid n10>`                              | alert rule                                                 |
 * | `a/c/<channel uid n10>`                           | channel                                                    |
 * | `a/s/<silence>`                                   | silence                                                    |
 * | `a/e/<episode>`                                   | episode of a rule                                          |
 * | `a/m/<serial n10>`                                | message to a channel                                       |
 * | `a/t/<rule uid>/<kind>/<id>`                      | what a rule remembers of something                         |
 * | `b/<slot>`                                        | mark of a batch: number, applied position (batch-ring.ts)  |
 * | `c/<hour n4>/<owner uid n10>`                     | counters of an hour, of a job or of a namespace            |
 * | `d/<job uid n10>`                                 | name of a job that is gone and has rows in the ledger      |
 * | `e/<service uid n10>/<executor id>`               | executor                                                   |
 * | `x/<serial n10>`                                  | notice to a service                                        |
 * | `f/<backfill>`                                    | backfill                                                   |
 * | `g/<sink uid n10>`                                | sink: a database that gets every row of the ledger         |
 * | `i/<namespace uid>/<principal>/<key>`             | idempotency record and its place in the order              |
 * | `j/<job uid n10>`                                 | definition of a job, with its compiled schedules           |
 * | `k/<namespace uid n10>/<key, percent-encoded>`    | key of a namespace: its value and indexes                  |
 * | `l/<namespace uid>/<kind>/<name>`                 | lock or election: its holder and who waits                 |
 * | `m`                                               | cluster, replicated time, last fencing token               |
 * | `h/<member>`                                      | member of the cluster                                      |
 * | `n/<namespace uid n10>`                           | namespace                                                  |
 * | `o/<node>`                                        | incarnation of a node                                      |
 * | `p/<job uid n10>`                                 | progress of a job: what moves with every fire              |
 * | `q`                                               | membership of the consensus at the applied position        |
 * | `r/<run id>`                                      | open run                                                   |
 * | `s/<service uid n10>`                             | service                                                    |
 * | `t/<token id>`                                    | token                                                      |
 * | `u/<run id>/<shard n4>`                            | part of an open run that was split                         |
 * | `v/<service uid n10>`                              | manifests of a service: the one in force, those seen       |
 * | `y/<key id>`                                      | pair of keys that signs, or signed, tokens                 |
 * | `z/<lease>`                                       | lease of keys and locks                                    |
 * | `A/<run id>/<shard n4>/<ordinal n4>`              | finished attempt                                           |
 * | `C/<day n4>/<lowest owner uid n10>`               | counters of a day, of some jobs and namespaces in a row    |
 * | `D/<job uid n10>/<ordinal n10>`                   | definition that a job has, or had                          |
 * | `L/<run id>/<index n10>/<ordinal n4>`             | late result                                                |
 * | `N/<namespace uid n10>/<state>/<place>`           | [job uid, cause] of the run that stands there              |
 * | `O/<index n10>`                                   | rows of the ledger that an entry wrote, in their order     |
 * | `P/<run id>/<n4>`                                  | how the shards of a run of many ended, some in each        |
 * | `R/<job uid n10>/<state>/<place>`                 | finished run: the primary row                              |
 * | `S/<job uid n10>/<from n10>/<index n10>/<ordinal n4>` | closed stretch of skipped fires                        |
 * | `X/<run id>`                                      | key of the primary row                                     |
 * | `Y/<run id or backfill>/<state>/<place>`          | [job uid, cause] of a run that came of it                  |
 *
 * `<place>` is `<fire time n10>/<index n10>/<ordinal n4>`: lists of runs are ordered by fire time, which is what people
 * look for, and by position in the log within one instant. `<state>` is a letter. All states of a job or a namespace
 * together are a merge of six ranges, so that a run costs three keys and an attempt one.
 */
import type { EndedRun, EndedRunState, Origin } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { DAY_MS, HOUR_MS } from '../state/counters.ts'
import { NARROW_DIGITS, narrow, WIDE_DIGITS, wide } from './key-number.ts'
import type { RangeOptions } from './store.ts'

export const META_KEY = 'm'
export const MEMBERSHIP_KEY = 'q'

export const namespaceKey = (uid: number): string => `n/${wide(uid)}`
export const serviceKey = (uid: number): string => `s/${wide(uid)}`
export const formerJobKey = (uid: number): string => `d/${wide(uid)}`
export const sinkKey = (uid: number): string => `g/${wide(uid)}`
export const executorKey = (service: number, id: string): string => `e/${wide(service)}/${id}`
export const jobKey = (uid: number): string => `j/${wide(uid)}`
export const progressKey = (uid: number): string => `p/${wide(uid)}`
export const openRunKey = (id: string): string => `r/${id}`
export const openShardKey = (run: string, shard: number): string => `u/${run}/${narrow(shard)}`
export const noticeKey = (id: number): string => `x/${wide(id)}`
export const backfillKey = (id: string): string => `f/${id}`
export const tokenKey = (id: string): string => `t/${id}`
export const signingKeyKey = (id: string): string => `y/${id}`
export const manifestKey = (service: number): string => `v/${wide(service)}`
export const memberKey = (id: string): string => `h/${id}`
export const nodeKey = (id: string): string => `o/${id}`
export const idempotencyKey = (id: string): string => `i/${id}`
/** Percent-encoded, so that it is ASCII; at most 1,536 characters. */
export const kvKey = (namespace: number, key: string): string => `k/${wide(namespace)}/${encodeURIComponent(key)}`
export const lockKey = (id: string): string => `l/${id}`
export const leaseKey = (id: string): string => `z/${id}`
export const alertRuleKey = (uid: number): string => `a/r/${wide(uid)}`
export const channelKey = (uid: number): string => `a/c/${wide(uid)}`
export const silenceKey = (id: string): string => `a/s/${id}`
export const episodeKey = (id: string): string => `a/e/${id}`
export const alertMessageKey = (id: number): string => `a/m/${wide(id)}`
/** Of a `watchKey`, percent-encoded where it is not ASCII. */
export const alertTallyKey = (id: string): string => `a/t/${encodeURI(id)}`
export const countersKey = (hour: Millis, owner: number): string => `c/${narrow(hour / HOUR_MS)}/${wide(owner)}`
/** The range of counters of hours that began before an instant. */
export const countersBefore = (at: Millis): { gte: string; lt: string } => ({
  gte: 'c/',
  lt: `c/${narrow(Math.max(0, Math.floor(at / HOUR_MS)))}/`,
})
/** Of the day, UTC, that an instant lies in. */
export const dayPrefix = (day: Millis): string => `C/${narrow(Math.floor(day / DAY_MS))}/`
export const dayKey = (day: Millis, first: number): string => dayPrefix(day) + wide(first)
/** The range of days before the one that an instant lies in. */
export const daysBefore = (at: Millis): { gte: string; lt: string } => ({ gte: 'C/', lt: dayPrefix(Math.max(0, at)) })
export const hourPrefix = (hour: Millis): string => `c/${narrow(hour / HOUR_MS)}/`

/** The ranges of live things. */
export const LIVE = {
  namespaces: under('n/'),
  services: under('s/'),
  executors: under('e/'),
  sinks: under('g/'),
  formerJobs: under('d/'),
  jobs: under('j/'),
  progress: under('p/'),
  runs: under('r/'),
  shards: under('u/'),
  backfills: under('f/'),
  notices: under('x/'),
  tokens: under('t/'),
  signingKeys: under('y/'),
  manifests: under('v/'),
  nodes: under('o/'),
  members: under('h/'),
  idempotency: under('i/'),
  kv: under('k/'),
  locks: under('l/'),
  leases: under('z/'),
  alertRules: under('a/r/'),
  channels: under('a/c/'),
  silences: under('a/s/'),
  episodes: under('a/e/'),
  alertMessages: under('a/m/'),
  alertTallies: under('a/t/'),
} as const

const STATE_LETTERS: Record<EndedRunState, string> = {
  succeeded: 's',
  failed: 'f',
  'timed-out': 't',
  cancelled: 'c',
  lost: 'l',
  skipped: 'k',
}

/** Characters of a place. */
export const PLACE_LENGTH = WIDE_DIGITS + 1 + WIDE_DIGITS + 1 + NARROW_DIGITS

/** Where a run stands in every list. */
export function placeOf(row: Pick<EndedRun, 'fireTime' | 'sequence'>): string {
  return `${wide(row.fireTime)}/${wide(row.sequence[0])}/${narrow(row.sequence[1])}`
}

/** Where a run stands among those that came of the same thing: the run it does again, a backfill, or a parent. */
export function originKey(
  row: Pick<EndedRun, 'fireTime' | 'sequence' | 'state' | Exclude<keyof Origin, 'executor'>>,
): string | undefined {
  const origin = row.rerunOf ?? row.backfill ?? row.parent?.run
  return origin === undefined ? undefined : originRunsPrefix(origin, row.state) + placeOf(row)
}

export function isPlace(text: string): boolean {
  return /^[0-9a-z]{10}\/[0-9a-z]{10}\/[0-9a-z]{4}$/.test(text)
}

export const jobRunsPrefix = (job: number, state: EndedRunState): string => `R/${wide(job)}/${STATE_LETTERS[state]}/`
export const namespaceRunsPrefix = (namespace: number, state: EndedRunState): string =>
  `N/${wide(namespace)}/${STATE_LETTERS[state]}/`
/** Runs that came of another run, or of a backfill. */
export const originRunsPrefix = (origin: string, state: EndedRunState): string => `Y/${origin}/${STATE_LETTERS[state]}/`
export const runIndexKey = (id: string): string => `X/${id}`
export const attemptsPrefix = (run: string): string => `A/${run}/`
export const shardAttemptsPrefix = (run: string, shard: number): string => `A/${run}/${narrow(shard)}/`
export const attemptKey = (run: string, shard: number, ordinal: number): string =>
  `A/${run}/${narrow(shard)}/${narrow(ordinal)}`
/** How the shards of a run of many ended, some in each value. */
export const shardEndsPrefix = (run: string): string => `P/${run}/`
export const shardEndsKey = (run: string, at: number): string => `P/${run}/${narrow(at)}`
export const lateResultsPrefix = (run: string): string => `L/${run}/`
export const lateResultKey = (run: string, [index, ordinal]: readonly [number, number]): string =>
  `L/${run}/${wide(index)}/${narrow(ordinal)}`
export const definitionsPrefix = (job: number): string => `D/${wide(job)}/`
export const definitionKey = (job: number, ordinal: number): string => `D/${wide(job)}/${wide(ordinal)}`
export const stretchesPrefix = (job: number): string => `S/${wide(job)}/`
export const stretchKey = (job: number, from: Millis, [index, ordinal]: readonly [number, number]): string =>
  `S/${wide(job)}/${wide(from)}/${wide(index)}/${narrow(ordinal)}`

/** The key of an attempt by its id, `<run id>-<shard>-<ordinal>`; undefined when it is not one. */
export function attemptKeyOf(id: string): string | undefined {
  const [, run, shard, ordinal] = /^(.+)-(\d{1,6})-(\d{1,6})$/.exec(id) ?? []
  return run === undefined ? undefined : attemptKey(run, Number(shard), Number(ordinal))
}

/** What a key of counters names. */
export function ownerOfCounters(key: string): { hour: Millis; owner: number } {
  const [, hour = '', owner = ''] = key.split('/')
  return { hour: Number.parseInt(hour, 36) * HOUR_MS, owner: Number.parseInt(owner, 36) }
}

/** All keys that begin with a prefix that ends in `/`. */
export function under(prefix: string): Pick<RangeOptions, 'gte' | 'lt'> & { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix.slice(0, -1)}0` }
}

/** The part of a `prefix` whose times lie in [from, to). */
export function between(prefix: string, from: Millis | undefined, to: Millis | undefined): { gte: string; lt: string } {
  const all = under(prefix)
  return {
    gte: from === undefined ? all.gte : prefix + wide(from),
    lt: to === undefined ? all.lt : prefix + wide(to),
  }
}

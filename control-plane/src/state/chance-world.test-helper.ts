import { drawExecutors } from './chance-executors.test-helper.ts'
import { drawManifest } from './chance-manifests.test-helper.ts'
import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { EndedRun, OpenRun } from '../runs/run.ts'
import { drawAlert } from './chance-alerts.test-helper.ts'
import type { Command } from './commands.ts'
import type { State } from './state.ts'

type Loose = { kind: Command['kind'] } & Record<string, unknown>

const HOUR = 3_600_000
const NODES = ['00000000000000aa', '00000000000000bb']
const EXECUTORS = ['e3', 'e1', 'e4', 'e2', 'e5']

/** Draws commands of every kind, most of which fit the state that they meet, and some that do not. */
export class ChanceWorld {
  #seed: number
  #serial = 0
  /** Rows of the ledger so far, as reruns and trims name them. */
  readonly rows: EndedRun[] = []

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Below `max`, whole. */
  int(max: number): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % max
  }

  draw(state: State): Loose {
    const kinds =
      this.int(10) < 7
        ? [this.#work, this.#fires]
        : [this.#places, this.#jobs, this.#members, this.#keys, this.#alerts, this.#sinks]
    return (this.#one(kinds) ?? this.#fires).call(this, state)
  }

  #one<T>(list: Iterable<T>): T | undefined {
    const items = [...list]
    return items.length === 0 ? undefined : items[this.int(items.length)]
  }

  #some<T>(list: readonly T[], fallback: T): T {
    return this.#one(list) ?? fallback
  }

  #maybe<T extends object>(more: T): T | object {
    return this.int(3) === 0 ? more : {}
  }

  #places(state: State): Loose {
    const namespace = this.#one(state.namespaces.keys()) ?? 0
    const name = this.#some(['team', 'other', 'default'], 'team')
    const service = this.#one(state.services.keys()) ?? 0
    const id = this.#some(EXECUTORS, 'e1')
    const healthCheck = { path: '/', intervalMs: 1000, timeoutMs: 1000, unhealthyAfter: 1, healthyAfter: 1 }
    const whole = { description: '', allowedHosts: [], ...(this.int(4) > 0 ? { healthCheck } : {}) }
    const scope = this.#some(['admin', `namespace:${name}`, `service:${name}/work`], 'admin')
    return this.#some<Loose>(
      [
        {
          kind: 'namespace-put',
          name,
          change: { description: '', slots: 2 + this.int(6), queuedRunsMax: this.int(9) },
        },
        { kind: 'namespace-pause', name, by: 't', paused: this.int(2) > 0 },
        { kind: 'scheduler-pause', by: 't', paused: this.int(3) === 0 },
        { kind: 'namespace-rename', name, to: this.#some(['team', 'other', 'third'], 'third') },
        { kind: 'namespace-delete', name: this.#some(['team', 'other', 'third'], 'third') },
        { kind: 'service-put', namespace, name: this.#some(['work', 'idle'], 'work'), change: whole },
        { kind: 'service-delete', service },
        ...drawExecutors(state, service, id, (max) => this.int(max)),
        ...Array.from({ length: 4 }, () => drawManifest(state, (max) => this.int(max))),
        { kind: 'token-put', id: `t${90 - this.int(60)}`, hash: `h${this.#serial++}`, scope, name: 'n', by: 't' },
        {
          kind: 'signing-key-put' as const,
          id: `k${this.int(6)}`,
          alg: 'EdDSA',
          issuer: 'i',
          x: 'x',
          sealed: `s${this.#serial++}`,
        },
        { kind: 'signing-key-activate' as const, id: `k${this.int(6)}`, force: this.int(2) > 0 },
        { kind: 'signing-key-delete' as const, id: `k${this.int(6)}`, force: this.int(2) > 0 },
        { kind: 'token-revoke', id: this.#one(state.tokens.keys()) ?? 'none' },
      ],
      { kind: 'hash-mark' },
    )
  }

  #jobs(state: State): Loose {
    const namespace = this.#one(state.namespaces.keys()) ?? 0
    const name = `j${this.int(5)}`
    const job = this.#one(state.jobs.values())
    const uid = job?.uid ?? 0
    if (this.int(10) < 6) return this.#definition(state, namespace, name)
    return this.#some<Loose>(
      [
        { kind: 'job-delete', job: uid, force: this.int(2) > 0 },
        { kind: 'job-pause', job: uid, by: 't' },
        { kind: 'job-resume', job: uid, by: 't' },
        { kind: 'job-resume', job: uid, by: 't' },
        { kind: 'job-quarantine', job: uid, version: job?.version ?? 0, fault: 'f' },
      ],
      { kind: 'hash-mark' },
    )
  }

  #definition(state: State, namespace: number, name: string): Loose {
    const own = this.int(4) === 0
    const strategy = this.#some(['round-robin', 'least-recently-used', 'sharded', 'sharded', 'broadcast'], 'random')
    const routing = own ? {} : { routing: { strategy } }
    const sharding = !own && strategy === 'sharded' ? { sharding: { count: 1 + this.int(5) } } : {}
    const children = [...state.jobs.values()]
      .filter((one) => one.namespace === namespace && one.name > name && this.int(3) === 0)
      .map((one) => ({ job: one.name, on: this.#some(['success', 'failure', 'completion'], 'success') }))
    const resolved = resolveJob({
      target: own
        ? { kind: 'http', url: 'https://a.example.com/' }
        : { kind: 'handler', service: 'work', handler: 'h' },
      overlap: this.#some(['skip', 'allow', 'allow', 'queue', 'cancel-running'], 'allow'),
      maxConcurrentRuns: this.int(3),
      whenFull: this.#some(['queue', 'queue', 'fail'], 'queue'),
      placement: own ? 'partial' : this.#some(['partial', 'partial', 'all'], 'partial'),
      failover: this.int(4) > 0,
      onUncertain: this.#some(['redispatch', 'redispatch', 'fail'], 'redispatch'),
      retry: { max: this.int(3) },
      misfire: { policy: this.#some(['run-once', 'run-all'], 'run-once') },
      pauseAfterFailures: this.int(6),
      ...(own ? {} : { notify: ['skipped', 'no-slot', 'expired'] }),
      ...routing,
      ...sharding,
      ...(children.length > 0 ? { children } : {}),
    })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
    return { kind: 'job-put', namespace, name, spec: resolved.spec, schedules: [], spread: 0, by: 't' }
  }

  #executorIds(state: State, job: Job): string[] {
    const { service } = job.spec.target
    if (service === undefined) return ['-']
    const uid = state.serviceNames.get(`${job.namespace}/${service}`) ?? -1
    return [...(state.executors.get(uid)?.keys() ?? [])].sort()
  }

  #plans(state: State, job: Job, run?: OpenRun): object[] {
    const ids = this.#executorIds(state, job)
    const bound = job.spec.routing.strategy === 'broadcast'
    if (run && run.shards.length > 0)
      return run.shards.map(({ items, bound: own }) => ({
        ...(items ? { items } : {}),
        ...(own === undefined ? { executor: this.#some(ids, 'e1') } : { executor: own, bound: true }),
      }))
    return ids.map((executor, place) => ({ items: [String(place)], executor, ...(bound ? { bound } : {}) }))
  }

  #fires(state: State): Loose {
    const job = this.#one(state.jobs.values())
    if (!job) return this.#definition(state, this.#one(state.namespaces.keys()) ?? 0, 'j1')
    const { progress, version } = job
    let fireTime = Math.max(progress.decidedUpTo + 1, state.now - 5)
    const cause = this.int(4) === 0 ? 'misfire' : 'schedule'
    const skipped = { reason: 'coalesced', from: fireTime, to: fireTime + 3, count: 4, into: 'x' }
    const skips = this.int(6) === 0
    if (skips) fireTime += 4
    const fires = Array.from({ length: 1 + this.int(2) }, () => {
      fireTime += 1
      const place = { place: [this.#some(this.#executorIds(state, job), 'e1')] }
      const split = { shards: this.#plans(state, job) }
      const plan = job.spec.routing.strategy === 'sharded' || job.spec.routing.strategy === 'broadcast' ? split : place
      const run = scheduledRunId(job.uid, fireTime)
      return { run, fireTime, dueTime: fireTime, schedules: ['s'], cause, ...(this.int(4) > 0 ? plan : {}) }
    })
    const next = { next: { fireTime: fireTime + 5, dueTime: fireTime + 5, schedules: ['s'] } }
    const decision = { job: job.uid, version, fires, ...(skips ? { skipped: [skipped] } : {}), ...this.#maybe(next) }
    return { kind: 'decide-fires', ...this.#sender(state), decisions: [decision] }
  }

  #sender(state: State): object {
    const node = this.#some(NODES, 'n')
    const desk = this.#maybe({ desk: this.#some(NODES, 'n') })
    return { node, ...desk, ...this.#maybe({ incarnation: state.nodes.get(node)?.incarnation ?? 1 }) }
  }

  #work(state: State): Loose {
    const runs = [...state.runs.values()]
    const run = this.#one(runs)
    if (!run || this.int(5) === 0) return this.#requests(state)
    const job = state.jobs.get(run.job) as Job
    const open = run.shards.filter(({ attempt }) => attempt)
    const attempt = this.#one(open)?.attempt?.id
    if (attempt === undefined || this.int(3) === 0) {
      const waiting = this.#one(run.shards.filter(({ state: its }) => its === 'waiting')) ?? run.shards[0]
      const executor = waiting?.placedOn ?? waiting?.bound ?? this.#some(this.#executorIds(state, job), 'e1')
      const place = { run: run.id, shard: waiting?.index ?? 0, attempts: waiting?.attempts ?? 0, executor }
      const split = {
        run: run.id,
        shard: -1,
        attempts: 0,
        executor: '-',
        version: job.version,
        shards: this.#plans(state, job, run),
      }
      const placements = [run.state === 'queued' && this.int(2) === 0 ? split : place]
      return { kind: 'place-shards', ...this.#sender(state), placements }
    }
    const outcome = this.#some(
      ['succeeded', 'failed', 'failed', 'refused', 'uncertain', 'timed-out', 'skipped'],
      'failed',
    )
    const finish = { attempt, job: run.job, outcome, endedAt: state.now, retryable: this.int(4) > 0, chance: 0.5 }
    const error = { code: this.#some(['e', 'no-leader', 'not-polled'], 'e'), message: 'm'.repeat(this.int(400)) }
    const status = this.#maybe({ status: this.#some([503, 500], 500) })
    const broken = outcome === 'refused' ? this.#maybe({ connectionFailed: true }) : {}
    const logs = [{ at: 1, level: 'info', message: 'l' }]
    return this.#some<Loose>(
      [
        ...Array.from({ length: 5 }, () => ({
          kind: 'attempts-finished' as const,
          finishes: [{ ...finish, ...(outcome === 'succeeded' ? {} : { error }), ...status, ...broken }],
        })),
        { kind: 'attempts-accepted', accepted: [{ attempt, leaseMs: 1000 }] },
        { kind: 'attempt-report', attempt, deadline: state.now + 9, progress: { done: this.int(9) }, logs },
        { kind: 'run-cancel', run: run.id, by: 't' },
        {
          kind: 'runs-expired',
          runs: [{ id: run.id, why: this.#some(['queue-ttl', 'run-timeout', 'no-slot'], 'no-slot') }],
        },
      ],
      { kind: 'hash-mark' },
    )
  }

  #requests(state: State): Loose {
    const job = this.#one(state.jobs.values())
    const uid = job?.uid ?? 0
    const serial = this.#serial++
    const idempotency = this.#maybe({ idempotency: { key: `k${this.int(5)}`, principal: 'p', bodyHash: 'b' } })
    const executor = job ? this.#maybe({ executor: this.#some(this.#executorIds(state, job), 'e1') }) : {}
    const original = this.#one(this.rows)
    const fires = Array.from({ length: this.int(5) }, (_, at) => ({ fireTime: serial * 10 + at, schedules: ['s'] }))
    const shards = original?.shardEnds?.slice(0, 2).map(({ items, index }) => ({
      ...(items ? { items } : {}),
      was: { index, total: 9 },
    }))
    const params = { p: serial }
    const trims = this.rows.slice(0, 3).map(({ id, job: owner, namespace, state: its, fireTime, sequence }) => ({
      job: owner,
      namespace,
      runs: [{ id, state: its, fireTime, sequence, attempts: [1] }],
      stretches: [],
    }))
    return this.#some<Loose>(
      [
        {
          kind: 'run-request',
          job: uid,
          run: `r${serial}`,
          cause: 'api',
          by: 't',
          params,
          ...executor,
          ...idempotency,
        },
        ...(original
          ? [
              {
                kind: 'run-rerun' as const,
                job: original.job,
                original,
                params,
                by: 't',
                ...(shards && shards.length > 0 ? this.#maybe({ shards }) : executor),
                ...idempotency,
              },
            ]
          : []),
        {
          kind: 'backfill-start',
          backfill: `b${serial}`,
          job: uid,
          from: 0,
          to: 9,
          fires,
          parallel: 1 + this.int(3),
          by: 't',
          ...this.#maybe({ overlap: 'allow' }),
          ...executor,
        },
        { kind: 'backfill-cancel', backfill: this.#one(state.backfills.keys()) ?? 'none', by: 't' },
        {
          kind: 'notices-sent',
          results: [{ notice: this.#one(state.notices.keys()) ?? 0, ...this.#maybe({ error: 'e' }) }],
        },
        {
          kind: 'ledger-trim',
          asOf: state.index,
          jobs: trims,
          ...this.#maybe({ days: [{ day: 0, first: 1, pack: Uint8Array.of(1) }], countedTo: 86_400_000 * serial }),
        },
      ],
      { kind: 'hash-mark' },
    )
  }

  #members(state: State): Loose {
    const node = this.#some(NODES, 'n')
    const incarnation = state.nodes.get(node)?.incarnation ?? 0
    const member = { id: node, name: node, address: 'a:1', addedAt: 1 }
    return this.#some<Loose>(
      [
        { kind: 'node-up', node, incarnation: incarnation + 1 },
        { kind: 'node-up', node, incarnation: incarnation + 1 },
        { kind: 'node-down', node, incarnation },
        { kind: 'member-put', member },
        { kind: 'member-delete', member: node },
        { kind: 'member-update', member: node, change: { address: `b:${this.int(9)}` } },
        { kind: 'member-join', member: node, change: { address: 'c:1' } },
      ],
      { kind: 'hash-mark' },
    )
  }

  #keys(state: State): Loose {
    const namespace = this.#one(state.namespaces.keys()) ?? 0
    const lease = `l${9 - this.int(9)}`
    const key = `k${9 - this.int(9)}`
    const tied = this.#maybe({ lease: this.#one(state.leases.keys()) ?? '' })
    return this.#some<Loose>(
      [
        { kind: 'kv-put', namespace, key, value: Uint8Array.of(this.int(9)), ...tied },
        { kind: 'kv-delete', namespace, key },
        { kind: 'lease-grant', namespace, lease, ttlMs: 1000, by: 't' },
        { kind: 'leases-kept', leases: [lease] },
        { kind: 'leases-expired', leases: [lease], asOf: state.index },
        {
          kind: 'lock-claim',
          namespace,
          lock: 'lock',
          name: key,
          lease,
          wait: this.int(2) > 0,
          by: 't',
          ...this.#maybe({ ttlMs: 9 }),
        },
        { kind: 'lock-release', namespace, lock: 'lock', name: key, lease },
      ],
      { kind: 'hash-mark' },
    )
  }

  #sinks(state: State): Loose {
    const sink = this.#one(state.sinks.values())
    const { uid = 0, since = 0, cursor = [0, 0], position = 0 } = sink ?? {}
    const host = this.#some(['a', 'a', 'a', 'b'], 'a')
    const connection = { kind: 'mysql', host, port: 3306, user: 'u', database: 'd', tls: 'off' }
    const password = this.#some<{ password?: string | null }>([{}, { password: 'sealed' }, { password: null }], {})
    const name = this.#some(['north', 'south', 'west'], 'north')
    const tablePrefix = this.#some([name, name, 'c_'], name)
    const moved = { cursor: [cursor[0] + this.int(40), this.int(3)], position: position + this.int(9), rows: 1 }
    return this.#some<Loose>(
      [
        { kind: 'sink-put', name, change: { connection: { ...connection, tablePrefix }, ...password }, by: 't' },
        { kind: 'sink-put', name, change: { connection: { ...connection, tablePrefix }, ...password }, by: 't' },
        { kind: 'sink-pause', sink: uid, paused: this.int(2) > 0 },
        { kind: 'sink-delete', sink: this.int(3) === 0 ? uid : 0 },
        { kind: 'sink-resend', sink: uid, from: this.#placeBefore(cursor), to: this.#placeBefore(cursor) },
        { kind: 'sinks-progress', sinks: [{ sink: uid, since, ...moved, ...this.#maybe({ error: 'down' }) }] },
        { kind: 'sinks-progress', sinks: [{ sink: uid, since, rows: 0, ...this.#maybe({ error: 'down' }) }] },
      ],
      { kind: 'hash-mark' },
    )
  }

  #placeBefore([index]: readonly [number, number]) {
    const back = this.int(40)
    return { cursor: [Math.max(0, index - back), this.int(3)], position: this.int(9) }
  }

  #alerts(state: State): Loose {
    return drawAlert(state, this.int.bind(this))
  }

  /** Milliseconds until the next entry. */
  pause(): number {
    return this.int(20) === 0 ? this.int(HOUR) : this.int(2000)
  }
}

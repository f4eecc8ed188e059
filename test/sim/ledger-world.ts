import type { Outcome } from '../../control-plane/src/cluster/consensus.ts'
import { resolveJob } from '../../control-plane/src/jobs/definition.ts'
import type { Job, RetentionRule } from '../../control-plane/src/jobs/job.ts'
import type { LaneStanding } from '../../control-plane/src/logs/sinks-port.ts'
import { scheduledRunId } from '../../control-plane/src/runs/ids.ts'
import type { EndedRun } from '../../control-plane/src/runs/run.ts'
import { StillClock } from '../../control-plane/src/runtime/still-clock.test-helper.ts'
import { LedgerKeeper, type LedgerOptions } from '../../control-plane/src/scheduler/ledger-keeper.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import { Image, loadState } from '../../control-plane/src/state/image.ts'
import { emptyState, type State } from '../../control-plane/src/state/state.ts'
import { Ledger } from '../../control-plane/src/store/ledger.ts'
import { hashState } from '../../control-plane/src/store/state-hash.ts'
import { MemoryStore } from './memory-store.ts'

export type Outcomes = 'succeeded' | 'failed'

/** A leader with its ledger, in memory: runs begin and end when the test says so, and the keeper looks after them. */
export class LedgerWorld {
  readonly clock = new StillClock()
  readonly store = new MemoryStore()
  readonly state: State = emptyState()
  readonly ledger = new Ledger(this.store)
  /** Everything that went through the log. */
  readonly log: Command[] = []
  /** Every row that was ever written. */
  readonly rows: EndedRun[] = []
  readonly #image = new Image(this.state, this.store)
  readonly #keeper: LedgerKeeper
  #fires = 0
  /** How far delivery is. */
  standings: LaneStanding[] = []
  /** Of the disk. */
  space = { ledgerBytes: 0, diskBytes: 1_000_000 }

  constructor(options: LedgerOptions) {
    const { clock, state, store } = this
    const said = () => undefined
    this.#keeper = new LedgerKeeper({
      clock,
      options,
      logger: { debug: (fields) => this.#failed(fields), info: said, warn: said, error: said },
      state: () => state,
      store: () => store,
      disk: { space: () => Promise.resolve(this.space) },
      standings: () => this.standings,
      propose: (command) => Promise.resolve(this.run(command)),
    })
    this.do({ kind: 'cluster-init', cluster: 'c'.repeat(16), namespaceSlots: 1000 })
    this.do({ kind: 'node-up', node: 'n', incarnation: 1 })
    this.do({
      kind: 'service-put',
      namespace: this.namespace,
      name: 'work',
      change: { description: '', allowedHosts: [] },
    })
    this.executor('e1')
  }

  get namespace(): number {
    return this.state.namespaceNames.get('default') ?? 0
  }

  get service(): number {
    return this.state.serviceNames.get(`${this.namespace}/work`) ?? 0
  }

  run(command: Command): Outcome {
    this.log.push(structuredClone(command))
    const index = this.state.index + 1
    const { rejection, value, changes } = apply(this.state, { index, term: 1, command })
    for (const change of changes) if (change.kind === 'ended-run') this.rows.push(change.row)
    this.#image.note(changes)
    return rejection ? { kind: 'rejected', index, rejection } : { kind: 'applied', index, value }
  }

  do(command: { kind: Command['kind'] } & Record<string, unknown>): Outcome {
    return this.run({ at: this.clock.now(), ...command } as Command)
  }

  executor(id: string, change: object = {}): void {
    const complete = { kind: 'static', url: `http://${id}`, weight: 1, slots: 0, labels: {}, status: 'online' }
    this.do({ kind: 'executor-put', service: this.service, id, change: { ...complete, ...change } })
  }

  job(name: string, retention?: RetentionRule, more: object = {}): Job {
    const resolved = resolveJob({
      target: { kind: 'handler', service: 'work', handler: 'h' },
      overlap: 'allow',
      ...more,
    })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
    const spec = { ...resolved.spec, ...(retention && { retention }) }
    this.do({ kind: 'job-put', namespace: this.namespace, name, spec, schedules: [], spread: 0, by: 't' })
    return this.state.jobs.get(this.state.jobNames.get(`${this.namespace}/${name}`) ?? 0) as Job
  }

  /** A sink that has got everything up to a place; gives its uid. */
  sink(name: string, cursor: readonly [number, number] = [0, 0]): number {
    const connection = { kind: 'mysql', host: name, port: 1, user: 'u', database: 'd', tls: 'off', tablePrefix: '' }
    this.do({ kind: 'sink-put', name, change: { connection }, by: 't' })
    const uid = this.state.index
    this.deliver(uid, cursor)
    return uid
  }

  deliver(sink: number, cursor: readonly [number, number]): void {
    const { since = 0 } = this.state.sinks.get(sink) ?? {}
    this.do({ kind: 'sinks-progress', sinks: [{ sink, since, cursor, position: 1, rows: 1 }] })
  }

  /** Starts a run of a fire; gives its id. */
  start(job: Job): string {
    const fireTime = this.clock.now() + ++this.#fires
    const run = scheduledRunId(job.uid, fireTime)
    const fire = { run, fireTime, dueTime: fireTime, schedules: ['s'], cause: 'schedule', place: ['e1'] }
    this.do({ kind: 'decide-fires', node: 'n', decisions: [{ job: job.uid, version: job.version, fires: [fire] }] })
    return run
  }

  end(run: string, outcome: Outcomes): void {
    const open = this.state.runs.get(run)
    const attempt = open?.shards[0]?.attempt?.id ?? ''
    const finish = { attempt, job: open?.job ?? 0, outcome, endedAt: this.clock.now(), retryable: false, chance: 0 }
    this.do({ kind: 'attempts-finished', finishes: [finish] })
  }

  skip(job: Job, reason: string): void {
    const at = this.clock.now() + ++this.#fires
    const skipped = [{ reason, from: at, to: at, count: 1 }]
    this.do({
      kind: 'decide-fires',
      node: 'n',
      decisions: [{ job: job.uid, version: job.version, fires: [], skipped }],
    })
  }

  /** Lets the keeper go round until a whole round has found nothing to do. */
  async keep(): Promise<void> {
    this.#keeper.start()
    for (let seen = -1; seen !== this.log.length; ) {
      seen = this.log.length
      // A round begins after ten seconds, and rests between its steps.
      for (let turn = 0; turn < 60; turn++) await this.clock.pass(1000)
    }
    this.#keeper.stop()
    await this.clock.pass(10_000)
  }

  /** Lets the keeper go round once. */
  async round(): Promise<void> {
    this.#keeper.start()
    for (let turn = 0; turn < 11; turn++) await this.clock.pass(1000)
    this.#keeper.stop()
    await this.clock.pass(1000)
  }

  /** Ids of what the lists show. */
  async kept(job?: Job): Promise<string[]> {
    const page = await this.ledger.runs({ namespace: this.namespace, job: job?.uid, newestFirst: false, limit: 10_000 })
    return page.rows.map(({ id }) => id)
  }

  keys(prefix: string): Promise<string[]> {
    return keysOf(this.store, prefix)
  }

  /** The hash of another node that applied the same log, restarting in between. */
  async replica(restartAt: number): Promise<{ own: string; other: string }> {
    const store = new MemoryStore()
    let state = emptyState()
    let image = new Image(state, store)
    for (const [at, command] of this.log.entries()) {
      image.note(apply(state, { index: at + 1, term: 1, command }).changes)
      if (at !== restartAt) continue
      await store.flush()
      state = await loadState(store)
      image = new Image(state, store)
    }
    const breathe = () => Promise.resolve()
    const [own, other] = await Promise.all([hashState(this.store, breathe), hashState(store, breathe)])
    return { own: own.hash, other: other.hash }
  }

  #failed(fields: object): void {
    throw new Error(JSON.stringify(fields))
  }
}

export async function keysOf(store: Pick<MemoryStore, 'range'>, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of store.range({ gte: prefix, lt: `${prefix}~` })) keys.push(key)
  return keys
}

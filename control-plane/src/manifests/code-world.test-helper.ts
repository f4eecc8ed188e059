import type { Outcome } from '../cluster/consensus.ts'
import type { Service } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { findJob } from '../state/jobs.ts'
import { emptyState, type State } from '../state/state.ts'
import { reconcile, type Reconciled, type ReconcileOptions, type ReconcilePort } from './reconcile.ts'

export const T0 = Date.UTC(2027, 0, 1)

/** Jobs as code has them. */
export const NIGHTLY = { schedules: [{ cron: '0 23 * * *', zone: 'Asia/Shanghai' }], retry: { max: 3 }, timeout: '10m' }
export const HOURLY = { schedules: [{ cron: '@hourly' }] }

/** A state with two services, whose programs say what they have. */
export class CodeWorld {
  readonly state: State = emptyState()
  readonly commands: Command[] = []
  now = T0
  readonly #port: ReconcilePort
  #chance = 0

  constructor() {
    this.#port = {
      clock: { now: () => this.now },
      random: { next: () => 0.5, bytes: (size) => new Uint8Array(size).fill(++this.#chance) },
      state: () => this.state,
      submit: (command) => this.submit(command),
    }
    this.run({ kind: 'cluster-init', at: this.now, cluster: 'c', namespaceSlots: 10 })
    for (const name of ['billing', 'other']) {
      const change = { description: '', allowedHosts: [] }
      this.run({ kind: 'service-put', at: this.now, namespace: this.namespace, name, change })
    }
  }

  get namespace(): number {
    return this.state.namespaceNames.get('default') ?? 0
  }

  run(command: Command): Outcome {
    this.commands.push(command)
    const index = this.state.index + 1
    const { rejection, value } = apply(this.state, { index, term: 1, command })
    if (rejection) return { kind: 'rejected', index, rejection }
    return { kind: 'applied', index, value }
  }

  submit(command: Command): Promise<Outcome> {
    return Promise.resolve(this.run(command))
  }

  /** What a person brings. */
  apply(manifest: object, options: Partial<ReconcileOptions> = {}, service = 'billing'): Promise<Reconciled> {
    return reconcile(this.#port, this.service(service), manifest, { by: 'token:ci', ...options })
  }

  /** What an executor says when it registers. */
  says(manifest: object, service = 'billing'): Promise<Reconciled> {
    const options = { by: `executor:${service}/e1`, isService: true }
    return reconcile(this.#port, this.service(service), manifest, options)
  }

  service(name = 'billing'): Service {
    const uid = this.state.serviceNames.get(`${this.namespace}/${name}`) ?? 0
    return this.state.services.get(uid) as Service
  }

  job(name: string): Job | undefined {
    return findJob(this.state, this.namespace, name)
  }

  /** Names of the jobs that there are. */
  get jobs(): string[] {
    return [...this.state.jobs.values()].map(({ name }) => name).sort()
  }

  revision(name = 'billing'): string | undefined {
    return this.state.manifests.get(this.service(name).uid)?.current?.revision
  }
}

/** A manifest with a job for each name. */
export function manifest(revision: string, jobs: Record<string, object | undefined>, more: object = {}): object {
  const handlers = Object.entries(jobs).map(([name, job]) => (job ? { name, job } : { name }))
  return { revision, ...more, handlers }
}

/** What a plan does, and to which job. */
export function actions(done: object): string[] {
  if (!('plan' in done)) return []
  const { steps } = done.plan as { steps: { name: string; action: string }[] }
  return steps.map(({ name, action }) => `${action} ${name}`)
}

import type { Outcome } from '../cluster/consensus.ts'
import type { Executor, HealthCheck } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'
import { breakersDue } from '../state/breaker.ts'
import type { Command, CommandOf } from '../state/commands.ts'
import { HEALTH_CHANGES_MAX } from '../state/health.ts'
import type { State } from '../state/state.ts'
import { createHttp, type Http, type HttpDeps } from './http.ts'
import { probe } from './probe.ts'

/** How often circuit breakers and due health checks are looked at, in milliseconds. */
const LOOK_MS = 250
/** Health checks under way at once, in all and of one namespace; the others wait for the next look. */
const PROBES_MAX = 256
const PROBES_PER_NAMESPACE_MAX = 32

export interface ExecutorWatchDeps extends Pick<HttpDeps, 'egress'> {
  clock: Clock
  random: Random
  logger: Logger
  state(): State
  propose(command: Command): Promise<Outcome>
  /** @default connections of its own behind the egress policy */
  http?: Http
}

/** What is known of an executor whose health is checked, in the leader's memory. */
interface Patient {
  namespace: number
  url: string
  dueAt: number
  /** Answers in a row that say something else than the state. */
  otherwise: number
  asked: boolean
  probe?: { abort(): void }
}

type Finding = CommandOf<'executor-health'>['executors'][number]

/**
 * The leader's eye on executors: half-opens circuit breakers when their time has come, and asks the executors of services
 * with a health check whether they are well. Only a change of what is thought of one enters the log.
 */
export class ExecutorWatch {
  readonly #deps: ExecutorWatchDeps
  readonly #http: Http
  readonly #patients = new Map<string, Patient>()
  readonly #findings = new Map<string, Finding>()
  /** How many checks are under way, by namespace. */
  readonly #probes = new Map<number, number>()
  #probesInAll = 0
  #cancel: (() => void) | undefined
  #proposing = false

  constructor(deps: ExecutorWatchDeps) {
    this.#deps = deps
    this.#http = deps.http ?? createHttp({ egress: deps.egress, connectionsPerOriginMax: 1, originsMax: PROBES_MAX })
  }

  /** Takes over: nobody's health is known yet but what the state says. */
  start(): void {
    this.#cancel ??= this.#deps.clock.after(0, this.#look)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (const [key, patient] of this.#patients) this.#dismiss(key, patient)
  }

  /** Lets go of its connections as well. */
  async close(): Promise<void> {
    this.stop()
    if (!this.#deps.http) await this.#http.close()
  }

  readonly #look = (): void => {
    this.#cancel = this.#deps.clock.after(LOOK_MS, this.#look)
    this.#visit()
    if (!this.#proposing) void this.#tell()
  }

  #visit(): void {
    const { clock, state } = this.#deps
    const now = clock.monotonic()
    const seen = new Set<string>()
    for (const { uid, healthCheck } of state().services.values()) {
      if (!healthCheck) continue
      for (const executor of state().executors.get(uid)?.values() ?? []) {
        if (executor.status === 'offline' || pulls(executor)) continue
        const key = `${uid}/${executor.id}`
        seen.add(key)
        this.#check(key, executor, healthCheck, now)
      }
    }
    for (const [key, patient] of this.#patients) if (!seen.has(key)) this.#dismiss(key, patient)
  }

  #check(key: string, executor: Executor, check: HealthCheck, now: number): void {
    let patient = this.#patients.get(key)
    if (patient?.url !== executor.url) {
      if (patient) this.#dismiss(key, patient)
      // Spread over the interval: a new leader does not ask all of them at once.
      patient = {
        namespace: executor.namespace,
        url: executor.url,
        dueAt: now + this.#deps.random.next() * check.intervalMs,
        otherwise: 0,
        asked: false,
      }
      this.#patients.set(key, patient)
    }
    if (patient.asked || now < patient.dueAt || !this.#hasRoom(patient)) return
    patient.dueAt = now + check.intervalMs
    this.#count(patient, 1)
    patient.asked = true
    const one = patient
    patient.probe = probe({ clock: this.#deps.clock, http: this.#http }, executor.url, check, (healthy) => {
      this.#count(one, -1)
      one.asked = false
      this.#note(key, one, executor, check, healthy)
    })
  }

  #note(key: string, patient: Patient, { service, id, url }: Executor, check: HealthCheck, healthy: boolean): void {
    const present = this.#deps.state().executors.get(service)?.get(id)
    if (!present || (present.health === undefined) === healthy) {
      patient.otherwise = 0
      this.#findings.delete(key)
      return
    }
    patient.otherwise += 1
    const enough = healthy ? check.healthyAfter : check.unhealthyAfter
    if (patient.otherwise >= enough) this.#findings.set(key, { service, id, url, healthy })
  }

  #dismiss(key: string, patient: Patient): void {
    if (patient.asked) {
      this.#count(patient, -1)
      patient.probe?.abort()
    }
    this.#patients.delete(key)
    this.#findings.delete(key)
  }

  #hasRoom({ namespace }: Patient): boolean {
    return this.#probesInAll < PROBES_MAX && (this.#probes.get(namespace) ?? 0) < PROBES_PER_NAMESPACE_MAX
  }

  #count({ namespace }: Patient, by: 1 | -1): void {
    this.#probesInAll += by
    const count = (this.#probes.get(namespace) ?? 0) + by
    if (count === 0) this.#probes.delete(namespace)
    else this.#probes.set(namespace, count)
  }

  async #tell(): Promise<void> {
    const { clock, logger, state, propose } = this.#deps
    const now: Millis = clock.now()
    const due = breakersDue(state(), now)
    const found = [...this.#findings].slice(0, HEALTH_CHANGES_MAX)
    if (due.length === 0 && found.length === 0) return
    this.#proposing = true
    try {
      if (due.length > 0) await propose({ kind: 'breakers-half-open', at: now, executors: due })
      if (found.length > 0) await propose({ kind: 'executor-health', at: now, executors: found.map(([, one]) => one) })
      for (const [key, finding] of found) {
        if (this.#findings.get(key) === finding) this.#findings.delete(key)
        const word = finding.healthy ? 'is well again' : 'is not well, and gets no new work'
        logger.warn({ executor: finding.id, url: finding.url }, `an executor ${word}`)
      }
    } catch (error) {
      logger.warn({ error: String(error) }, 'what is thought of executors could not be committed')
    } finally {
      this.#proposing = false
    }
  }
}

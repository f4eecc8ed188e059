import type { Consensus, Outcome } from '../cluster/consensus.ts'
import type { Executor, SealedSecret, Service } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { Http } from '../dispatch/http.ts'
import { KeyRing } from '../dispatch/prepare.ts'
import { isGojob } from '../dispatch/request.ts'
import { schemeOf, type Signing } from '../dispatch/scheme.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Command } from '../state/commands.ts'
import type { ExecutorFinding } from '../state/executor-commands.ts'
import { findExecutor } from '../state/executors.ts'
import { FOUND_MAX } from '../state/registrations.ts'
import type { State } from '../state/state.ts'
import type { Heard } from './beats.ts'
import { ping } from './ping.ts'
import { type Ward, Wards } from './wards.ts'

/** How often everybody is looked at, in milliseconds, and how soon after something changed. */
const LOOK_MS = 500
const SOON_MS = 20
/** How long an executor may take to prove itself, and one whose connection broke to say that it is there. */
const PROOF_TIMEOUT_MS = 5000
const DOUBT_TIMEOUT_MS = 900
/** One whose connection broke is asked twice, so far apart. */
const DOUBT_TRIES = 2
const DOUBT_PAUSE_MS = 1000
/** How long after it was asked one that is doubted is asked again. */
const DOUBT_AGAIN_MS = 500
/** How long one that has to prove itself is left alone after the first failure, twice as long after each, up to a limit. */
const AGAIN_MS = 500
const AGAIN_MS_MAX = 15_000
/** Pings under way at once, in all and in one namespace. */
const PINGS_MAX = 256
const PINGS_PER_NAMESPACE_MAX = 64

export interface WatchDeps {
  clock: Clock
  random: Random
  logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
  state(): State
  consensus: Pick<Consensus, 'inTouch'>
  propose(command: Command): Promise<Outcome>
  openSecret(sealed: SealedSecret): string
  http: Http
  executorTtlMs: number
  heard(executor: Executor): Heard | undefined
  /** Whether a poll of this process hangs here. */
  isPolled(executor: Executor): boolean
  forget(service: number, id: string): void
}

/**
 * The leader's eye on executors that registered themselves: has them prove that they hold the secret, takes those out that
 * do not answer once a connection broke, and those of whom nothing is heard. Only a change of status enters the log.
 */
export class RegistrationWatch {
  readonly #deps: WatchDeps
  readonly #ring: KeyRing
  readonly #wards: Wards
  readonly #findings = new Map<string, ExecutorFinding>()
  #leads = false
  #proposing = false
  #lookAt = Number.POSITIVE_INFINITY
  #lookedAt = 0
  /** Nobody's silence from before then counts. */
  #graceFrom = 0
  #cancel: () => void = () => undefined

  constructor(deps: WatchDeps) {
    this.#deps = deps
    this.#ring = new KeyRing((sealed) => deps.openSecret(sealed))
    this.#wards = new Wards({ inAll: PINGS_MAX, perNamespace: PINGS_PER_NAMESPACE_MAX })
  }

  /** Takes office: everybody has a full time to live from now on. */
  start(): void {
    this.#leads = true
    this.#graceFrom = this.#deps.clock.monotonic()
    this.#lookedAt = this.#graceFrom
    this.#lookBy(this.#graceFrom)
  }

  stop(): void {
    this.#leads = false
    this.#cancel()
    this.#lookAt = Number.POSITIVE_INFINITY
    this.#findings.clear()
    this.#wards.clear()
  }

  /** An executor may have come or changed. */
  poke(): void {
    this.#lookBy(this.#deps.clock.monotonic() + SOON_MS)
  }

  /** Connections to this origin broke, or were refused: whoever is there is asked. */
  doubt(origin: string): void {
    if (!this.#leads) return
    const now = this.#deps.clock.monotonic()
    for (const ward of this.#wards.at(origin)) {
      const executor = findExecutor(this.#deps.state(), ward)
      if (executor?.status !== 'online' || executor.bootId !== ward.boot) continue
      if (ward.isDoubted) continue
      ward.doubt(Math.max(now, ward.askedAt + DOUBT_AGAIN_MS))
      if (now >= ward.askAt) this.#ask(ward, executor, now)
      else this.#lookBy(ward.askAt)
    }
  }

  /** It said so itself. */
  onNews(executor: Executor, state: 'online' | 'draining'): void {
    if (executor.bootId === undefined) return
    this.#find({ service: executor.service, id: executor.id, boot: executor.bootId, status: state })
  }

  /** The connection of its poll broke, and nothing was heard of it since. */
  onLost({ service, id, bootId }: Executor): void {
    if (bootId === undefined) return
    this.#deps.logger.warn(
      { executor: id },
      'the poll of an executor broke and it does not come back: it gets no new work',
    )
    this.#find({ service, id, boot: bootId, status: 'suspect' })
  }

  #lookBy(at: number): void {
    if (!this.#leads || at >= this.#lookAt) return
    this.#cancel()
    this.#lookAt = at
    const { clock } = this.#deps
    this.#cancel = clock.after(Math.max(0, at - clock.monotonic()), () => this.#look())
  }

  #look(): void {
    this.#lookAt = Number.POSITIVE_INFINITY
    if (!this.#leads) return
    const { clock, consensus, executorTtlMs, state } = this.#deps
    const now = clock.monotonic()
    // Whoever stood still, or could not lead for a while, has heard nobody in that time.
    if (now - this.#lookedAt > executorTtlMs / 2 || !consensus.inTouch()) this.#graceFrom = now
    this.#lookedAt = now
    this.#wards.begin()
    for (const those of state().executors.values()) {
      for (const executor of those.values()) {
        if (executor.kind !== 'registered' || executor.bootId === undefined || executor.status === 'offline') continue
        this.#visit(this.#wards.of(executor, executor.bootId, now), executor, now)
      }
    }
    for (const { service, id } of this.#wards.sweep()) this.#deps.forget(service, id)
    this.#lookBy(now + LOOK_MS)
    void this.#tell()
  }

  #visit(ward: Ward, executor: Executor, now: number): void {
    const heardAt = Math.max(ward.since, this.#graceFrom, this.#deps.heard(executor)?.tick ?? 0)
    if (now - heardAt >= this.#deps.executorTtlMs) return this.#find(ward.finding('offline'))
    const { status } = executor
    // One that polls cannot be asked: its polls say that it is there.
    if (pulls(executor)) {
      if (status === 'joining' && this.#deps.isPolled(executor)) this.#find(ward.finding('online'))
      return
    }
    if (status === 'draining' || (status === 'online' && !ward.isDoubted) || ward.ping) return
    if (now >= ward.askAt) this.#ask(ward, executor, now)
    else this.#lookBy(ward.askAt)
  }

  #ask(ward: Ward, executor: Executor, now: number): void {
    const { state } = this.#deps
    const service = state().services.get(executor.service)
    // What is full has room again when one of them has answered, which has everybody looked at.
    if (ward.ping || !service || !this.#wards.hasRoom(executor.namespace)) return
    const namespace = state().namespaces.get(executor.namespace)?.name ?? ''
    ward.askedAt = now
    const keys = this.#signingOf(service)
    if (!keys) return this.#answered(ward, 'the service has no secret that executors could be called with')
    const whom = { cluster: state().cluster, namespace, service: service.name, executor, keys }
    const timeoutMs = executor.status === 'online' ? DOUBT_TIMEOUT_MS : PROOF_TIMEOUT_MS
    this.#wards.began(ward, executor.namespace)
    const asked = ping(this.#deps, whom, timeoutMs, (fault) => {
      this.#wards.ended(ward)
      this.#answered(ward, fault)
      this.poke()
    })
    if (this.#wards.isAsked(ward)) ward.ping = asked
  }

  #signingOf(service: Service): Signing | undefined {
    try {
      const signing = this.#ring.signingOf(service.secrets, schemeOf(this.#deps.state(), service))
      return isGojob(signing) || ('length' in signing && signing.length === 0) ? undefined : signing
    } catch (error) {
      this.#deps.logger.warn(
        { service: service.name, error: String(error) },
        'the secret of a service could not be read',
      )
      return undefined
    }
  }

  #answered(ward: Ward, fault: string | undefined): void {
    const { clock, logger, state } = this.#deps
    const executor = findExecutor(state(), ward)
    if (!executor || executor.bootId !== ward.boot) return
    const who = { executor: ward.id, url: executor.url }
    if (fault === undefined) {
      ward.proved()
      if (executor.status === 'joining' || executor.status === 'suspect') this.#find(ward.finding('online'))
      return
    }
    ward.failures += 1
    if (executor.status === 'online') {
      if (ward.failures < DOUBT_TRIES) ward.askAt = ward.askedAt + DOUBT_PAUSE_MS
      else {
        logger.warn(
          { ...who, fault },
          'the connection to an executor broke and it does not answer: it gets no new work',
        )
        ward.proved()
        this.#find(ward.finding('suspect'))
      }
      return
    }
    if (ward.failures === 1) logger.warn({ ...who, fault }, 'an executor did not prove that it holds the secret')
    ward.askAt = clock.monotonic() + Math.min(AGAIN_MS_MAX, AGAIN_MS * 2 ** (ward.failures - 1))
  }

  #find(finding: ExecutorFinding): void {
    const key = `${finding.service}/${finding.id}`
    const present = this.#findings.get(key)
    if (present?.status === finding.status && present.boot === finding.boot) return
    this.#findings.set(key, finding)
    void this.#tell()
  }

  async #tell(): Promise<void> {
    const { clock, logger, propose } = this.#deps
    if (this.#proposing || !this.#leads || this.#findings.size === 0) return
    this.#proposing = true
    const told = [...this.#findings].slice(0, FOUND_MAX)
    try {
      await propose({ kind: 'executors-found', at: clock.now(), executors: told.map(([, finding]) => finding) })
      for (const [key, finding] of told) {
        if (this.#findings.get(key) === finding) this.#findings.delete(key)
        if (finding.status === 'offline')
          logger.warn({ executor: finding.id }, 'nothing is heard of an executor any more')
      }
    } catch (error) {
      // What is said of them is found again, if it still holds.
      for (const [key, finding] of told) if (this.#findings.get(key) === finding) this.#findings.delete(key)
      for (const [, { service, id }] of told) this.#wards.recall(service, id)
      logger.warn({ error: String(error) }, 'what became of executors could not be committed')
      this.#proposing = false
      return
    }
    this.#proposing = false
    void this.#tell()
  }
}

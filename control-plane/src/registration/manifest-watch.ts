import type { Executor, Service } from '../discovery/executor.ts'
import { reconcile, type ReconcilePort } from '../manifests/reconcile.ts'
import type { Clock } from '../runtime/clock.ts'
import type { SaidManifest } from './ask-manifest.ts'

/** How long an executor has to send its manifest by itself before it is asked, in milliseconds. */
const ASK_AFTER_MS = 3000
/** How soon after something changed executors are looked at, in milliseconds. */
const SOON_MS = 250
/** How long a program that gave no manifest is left alone, and how often it is asked at most. */
const AGAIN_MS = 30_000
const TRIES_MAX = 3
/** Programs that are asked at once, and those that are remembered. */
const ASKED_MAX = 8
const KNOWN_MAX = 10_000

export interface ManifestWatchDeps extends ReconcilePort {
  clock: Clock
  logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
  askOne(service: Service, executor: Executor): Promise<SaidManifest>
}

/** A program that is not known yet. */
interface Unknown {
  askAt: number
  tries: number
  isAsked: boolean
}

/**
 * Asks registered executors for their manifests on the leader alone, when they named a hash that is not known and did not
 * send what it stands for: executors in other languages need not, as long as they answer `manifest.get`.
 */
export class ManifestWatch {
  readonly #deps: ManifestWatchDeps
  /** By service and hash. */
  readonly #unknown = new Map<string, Unknown>()
  #leads = false
  #asked = 0
  #lookAt = Number.POSITIVE_INFINITY
  #cancel: () => void = () => undefined

  constructor(deps: ManifestWatchDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#leads = true
    this.poke()
  }

  stop(): void {
    this.#leads = false
    this.#cancel()
    this.#lookAt = Number.POSITIVE_INFINITY
    this.#unknown.clear()
  }

  /** An executor may have come or changed. */
  poke(): void {
    this.#lookBy(this.#deps.clock.monotonic() + SOON_MS)
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
    const { clock, state } = this.#deps
    const now = clock.monotonic()
    for (const [uid, executors] of state().executors) {
      const service = state().services.get(uid)
      if (!service) continue
      const seen = new Set(
        state()
          .manifests.get(uid)
          ?.seen.map(({ hash }) => hash),
      )
      for (const executor of executors.values()) {
        const hash = executor.manifest?.hash
        if (hash === undefined || seen.has(hash) || !isCallable(executor)) continue
        this.#visit(`${uid}/${hash}`, service, executor, now)
      }
    }
  }

  #visit(key: string, service: Service, executor: Executor, now: number): void {
    let unknown = this.#unknown.get(key)
    if (!unknown) {
      if (this.#unknown.size >= KNOWN_MAX) return
      unknown = { askAt: now + ASK_AFTER_MS, tries: 0, isAsked: false }
      this.#unknown.set(key, unknown)
    }
    if (unknown.isAsked || unknown.tries >= TRIES_MAX) return
    if (now < unknown.askAt) return this.#lookBy(unknown.askAt)
    if (this.#asked >= ASKED_MAX) return
    void this.#ask(unknown, service, executor)
  }

  async #ask(unknown: Unknown, service: Service, executor: Executor): Promise<void> {
    const { clock, logger, askOne } = this.#deps
    const who = { service: service.name, executor: executor.id }
    unknown.isAsked = true
    unknown.tries += 1
    this.#asked += 1
    try {
      const said = await askOne(service, executor)
      if ('fault' in said) logger.info({ ...who, fault: said.fault }, 'an executor did not say what it has')
      // What it answers has a hash of its own where the program counts it in another way: it was heard all the same.
      else if (this.#leads) await this.#take(unknown, service, executor, said.manifest)
    } catch (error) {
      logger.warn({ ...who, error: String(error) }, 'what an executor has could not be taken')
    }
    this.#asked -= 1
    unknown.isAsked = false
    unknown.askAt = clock.monotonic() + AGAIN_MS
    this.poke()
  }

  async #take(unknown: Unknown, service: Service, executor: Executor, manifest: unknown): Promise<void> {
    const by = `executor:${service.name}/${executor.id}`
    const done = await reconcile(this.#deps, service, manifest, { by, isService: true })
    unknown.tries = TRIES_MAX
    if (done.outcome !== 'refused') return
    const who = { service: service.name, executor: executor.id, errors: done.faults }
    this.#deps.logger.warn(who, 'the jobs in the code of an executor are refused: nothing of them was taken')
  }
}

function isCallable({ kind, status, url }: Executor): boolean {
  return kind === 'registered' && status === 'online' && /^https?:/.test(url)
}

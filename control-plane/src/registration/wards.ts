import type { Executor } from '../discovery/executor.ts'
import { PULL_URL, pulls } from '../discovery/pull.ts'
import type { ExecutorFinding } from '../state/executor-commands.ts'

/** What the leader remembers of a registered executor between two looks. */
export class Ward {
  readonly service: number
  readonly id: string
  readonly boot: string
  readonly url: string
  readonly origin: string
  /** When this leader saw this process first. */
  readonly since: number
  /** When it was asked last, and when it is to be asked next. */
  askedAt = Number.NEGATIVE_INFINITY
  askAt = 0
  failures = 0
  isDoubted = false
  ping?: { abort(): void }
  /** In which look it was seen last. */
  look = 0

  constructor({ service, id, url }: Executor, boot: string, since: number) {
    this.service = service
    this.id = id
    this.boot = boot
    this.url = url
    this.origin = pulls({ url }) ? PULL_URL : new URL(url).origin
    this.since = since
  }

  doubt(now: number): void {
    this.isDoubted = true
    this.failures = 0
    this.askAt = now
  }

  /** What comes next starts anew. */
  proved(): void {
    this.isDoubted = false
    this.failures = 0
    this.askAt = 0
  }

  finding(status: ExecutorFinding['status']): ExecutorFinding {
    return { service: this.service, id: this.id, boot: this.boot, status }
  }
}

/** The registered executors that the leader looks after, and how many of them are being asked. */
export class Wards {
  readonly #limits: { inAll: number; perNamespace: number }
  readonly #wards = new Map<string, Ward>()
  readonly #origins = new Map<string, Set<Ward>>()
  readonly #asked = new Map<Ward, number>()
  readonly #perNamespace = new Map<number, number>()
  #look = 0

  constructor(limits: { inAll: number; perNamespace: number }) {
    this.#limits = limits
  }

  begin(): void {
    this.#look += 1
  }

  /** The ward for a process; another process, or another address, is another one. */
  of(executor: Executor, boot: string, now: number): Ward {
    const key = `${executor.service}/${executor.id}`
    let ward = this.#wards.get(key)
    if (!ward || ward.boot !== boot || ward.url !== executor.url) {
      if (ward) this.#drop(key, ward)
      ward = new Ward(executor, boot, now)
      this.#wards.set(key, ward)
      const those = this.#origins.get(ward.origin)
      if (those) those.add(ward)
      else this.#origins.set(ward.origin, new Set([ward]))
    }
    ward.look = this.#look
    return ward
  }

  /** Lets go of those that this look did not see. */
  sweep(): Ward[] {
    const gone: Ward[] = []
    for (const [key, ward] of this.#wards) {
      if (ward.look === this.#look) continue
      this.#drop(key, ward)
      gone.push(ward)
    }
    return gone
  }

  /** What was found of it was not heard: it is asked once more. */
  recall(service: number, id: string): void {
    const ward = this.#wards.get(`${service}/${id}`)
    if (ward) ward.askAt = 0
  }

  at(origin: string): readonly Ward[] {
    return [...(this.#origins.get(origin) ?? [])]
  }

  clear(): void {
    for (const [key, ward] of this.#wards) this.#drop(key, ward)
  }

  hasRoom(namespace: number): boolean {
    const { inAll, perNamespace } = this.#limits
    return this.#asked.size < inAll && (this.#perNamespace.get(namespace) ?? 0) < perNamespace
  }

  isAsked(ward: Ward): boolean {
    return this.#asked.has(ward)
  }

  began(ward: Ward, namespace: number): void {
    this.#asked.set(ward, namespace)
    this.#perNamespace.set(namespace, (this.#perNamespace.get(namespace) ?? 0) + 1)
  }

  ended(ward: Ward): void {
    delete ward.ping
    const namespace = this.#asked.get(ward)
    if (namespace === undefined) return
    this.#asked.delete(ward)
    const left = (this.#perNamespace.get(namespace) ?? 1) - 1
    if (left > 0) this.#perNamespace.set(namespace, left)
    else this.#perNamespace.delete(namespace)
  }

  #drop(key: string, ward: Ward): void {
    ward.ping?.abort()
    this.ended(ward)
    this.#wards.delete(key)
    const those = this.#origins.get(ward.origin)
    those?.delete(ward)
    if (those?.size === 0) this.#origins.delete(ward.origin)
  }
}

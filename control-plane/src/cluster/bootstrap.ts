import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { pause } from '../runtime/pause.ts'
import type { Random } from '../runtime/random.ts'
import { type BootstrapDecision, decideBootstrap, type Found, type Hello, promisersOf } from './bootstrap-decision.ts'
import { decodeHello, encodeHello } from './hello.ts'
import type { Wanted } from './beginning.ts'
import type { InitialCluster } from './initial-cluster.ts'
import { ClusterRefused } from './refused.ts'

/** How long a node takes between two rounds of asking the others, in milliseconds. */
const ROUND_MS = 250
/** How long another node may take to say who it is. */
const ASK_TIMEOUT_MS = 2000
/** How often the reason for waiting is said again while it stays the same. */
const REMIND_MS = 30_000

export interface BootstrapDeps {
  clock: Clock
  random: Random
  logger: Logger
  self: { member: string; name: string; address: string }
  /** All members by name, or how many are expected. */
  wanted: Wanted
  /** Addresses to look at when members are not named; never throws. */
  discover(): Promise<readonly string[]>
  /** Asks who listens at an address. */
  ask(address: string, timeoutMs: number): Promise<Uint8Array>
  /** The record that an earlier process promised. */
  promised: InitialCluster | undefined
  /** Makes the promise durable. */
  keep(record: InitialCluster): Promise<void>
}

/** Begins a cluster of several together with the others, see `decideBootstrap`, and tells others who this node is. */
export class Bootstrap {
  readonly #deps: BootstrapDeps
  readonly #wants: string
  readonly #promised = new Set<string>()
  #sees: string[]
  #record: InitialCluster | undefined
  #begun = false
  #said = { why: '', at: 0 }

  constructor(deps: BootstrapDeps) {
    this.#deps = deps
    this.#wants = wantsOf(deps.wanted)
    this.#record = deps.promised
    this.#sees = [deps.self.member]
  }

  /** Why it has not begun yet, for people; undefined once it has. */
  get waitsFor(): string | undefined {
    return this.#begun ? undefined : this.#said.why || 'looking for the other nodes'
  }

  hello(): Uint8Array {
    return encodeHello(this.#hello())
  }

  /** Resolves when the cluster may begin; rejects with `ClusterRefused`, or with the reason of the signal. */
  async run(signal: AbortSignal): Promise<InitialCluster> {
    for (;;) {
      signal.throwIfAborted()
      const found = await this.#look()
      const decision = decideBootstrap({ self: this.#hello(), size: this.#size(), found, promised: this.#promised })
      const record = await this.#follow(decision)
      if (record) return record
      await pause(this.#deps.clock, ROUND_MS, signal)
    }
  }

  async #follow(decision: BootstrapDecision): Promise<InitialCluster | undefined> {
    const { logger, random, keep } = this.#deps
    switch (decision.do) {
      case 'refuse':
        throw new ClusterRefused(decision.why, decision.next)
      case 'wait':
        this.#say(decision.why)
        return undefined
      case 'promise': {
        const { members } = decision
        const cluster = decision.cluster ?? Buffer.from(random.bytes(8)).toString('hex')
        const record = { cluster, members: [...members] }
        await keep(record)
        this.#record = record
        logger.info({ cluster, members: members.map(({ name }) => name) }, 'a cluster is about to begin')
        return undefined
      }
      case 'begin':
        this.#begun = true
        logger.info({ cluster: decision.record.cluster }, 'the cluster begins')
        return decision.record
    }
  }

  /** Asks everybody at once; who has promised is remembered, because a promise is never taken back. */
  async #look(): Promise<Found[]> {
    const found = await Promise.all((await this.#addresses()).map((one) => this.#askOne(one)))
    const hellos = found.flatMap((one) => ('hello' in one ? [one.hello] : []))
    this.#sees = [...new Set([this.#deps.self.member, ...hellos.map(({ member }) => member)])].sort()
    for (const member of promisersOf(this.#record, found)) this.#promised.add(member)
    return found
  }

  async #addresses(): Promise<{ listed?: string; address: string }[]> {
    const { wanted, self, discover } = this.#deps
    const named: { listed?: string; address: string }[] =
      'initial' in wanted
        ? wanted.initial
            .filter(({ name }) => name !== self.name)
            .map(({ name, address }) => ({ listed: name, address }))
        : (await discover()).map((address) => ({ address }))
    const known = new Set(named.map(({ address }) => address))
    // Whom it has promised to begin with is asked even if nothing lists that address any more.
    const members = (this.#record?.members ?? []).filter(({ id, address }) => id !== self.member && !known.has(address))
    return [...named, ...members.map(({ address }) => ({ address }))]
  }

  async #askOne(one: { listed?: string; address: string }): Promise<Found> {
    try {
      return { ...one, hello: decodeHello(await this.#deps.ask(one.address, ASK_TIMEOUT_MS)) }
    } catch (error) {
      return { ...one, fault: error instanceof Error ? error.message : String(error) }
    }
  }

  #hello(): Hello {
    const record = this.#record
    return {
      ...this.#deps.self,
      wants: this.#wants,
      sees: this.#sees,
      ...(record ? { cluster: record.cluster, record } : {}),
      ...(this.#begun ? { begun: true } : {}),
    }
  }

  #size(): number {
    const { wanted } = this.#deps
    return 'initial' in wanted ? wanted.initial.length : wanted.expect
  }

  #say(why: string): void {
    const { clock, logger } = this.#deps
    const now = clock.monotonic()
    if (why === this.#said.why && now - this.#said.at < REMIND_MS) return
    this.#said = { why, at: now }
    logger.info({ why }, 'the cluster has not begun yet')
  }
}

function wantsOf(wanted: BootstrapDeps['wanted']): string {
  if ('expect' in wanted) return `expect ${wanted.expect}`
  return wanted.initial
    .map(({ name, address }) => `${name}=${address}`)
    .sort()
    .join(',')
}

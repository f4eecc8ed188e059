import type { Input, Operation } from '../linearizability/history.ts'
import type { SeededRandom } from '../sim/seeded-random.ts'
import type { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { askKv, type Ending } from './kv-api.ts'
import { pass } from './strike.ts'

const KEYS_PER_GROUP = 5
const CLIENTS_PER_GROUP = 8
const TIMEOUT_MS = 2000
/** One writer per node, sees how long no write is taken anywhere, to so many milliseconds. */
const PROBE_EVERY_MS = 50
const PROBE_TIMEOUT_MS = 2000
/** After a call that came to nothing, in milliseconds, so that a cluster without a leader is not flooded. */
const BACKOFF_MS = 150

/** An operation, and when it was under way by the clock. */
export interface Recorded extends Operation {
  startedAt: number
  endedAt: number
}

/** Clients that read and write through any node at random, in groups of eight on five keys, and write down what they were told. */
export class KvClients {
  readonly history: Recorded[] = []
  readonly keys: readonly string[]
  readonly unknowns = new Map<string, number>()
  /** When a write of the probes was last acknowledged. */
  acknowledgedAt = 0
  /** What a client waits after each answer, in milliseconds. */
  paceMs: number
  readonly #cluster: Cluster
  readonly #groups: readonly (readonly string[])[]
  readonly #random: SeededRandom
  readonly #lanes: Promise<void>[] = []
  #events = 0
  #values = 0
  #isOver = false
  #fault: unknown

  constructor(cluster: Cluster, options: { groups: number; paceMs: number; random: SeededRandom }) {
    this.#cluster = cluster
    this.#random = options.random
    this.paceMs = options.paceMs
    this.#groups = Array.from({ length: options.groups }, (_, group) =>
      Array.from({ length: KEYS_PER_GROUP }, (_, i) => `nemesis-${group}-${i}`),
    )
    this.keys = this.#groups.flat()
  }

  start(token: string): void {
    for (const [group, keys] of this.#groups.entries()) {
      for (let i = 0; i < CLIENTS_PER_GROUP; i++) {
        const lane = this.#lane(group * CLIENTS_PER_GROUP + i, keys, token)
        this.#lanes.push(lane.catch((error: unknown) => void (this.#fault ??= error)))
      }
    }
    for (const [i, node] of this.#cluster.nodes.entries()) {
      this.#lanes.push(this.#probe(i, node, token).catch((error: unknown) => void (this.#fault ??= error)))
    }
  }

  /** Throws what a client could not explain. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault
  }

  /** Ends all clients; throws what one of them could not explain. */
  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#lanes)
    this.check()
  }

  /** One operation through one node, in the history like all others. */
  async operate(
    client: number,
    node: ClusterNode,
    token: string,
    { key, input, withinMs = TIMEOUT_MS }: { key: string; input: Input; withinMs?: number },
  ): Promise<Ending> {
    const operation: Recorded = { key, client, input, call: this.#events++, startedAt: Date.now(), endedAt: Infinity }
    this.history.push(operation)
    const ending = await askKv(node, token, { key, input, withinMs })
    operation.endedAt = Date.now()
    if (ending.kind === 'answered') {
      operation.return = this.#events++
      operation.output = ending.output
    } else if (ending.kind === 'no-effect') this.history.splice(this.history.lastIndexOf(operation), 1)
    else this.unknowns.set(ending.why, (this.unknowns.get(ending.why) ?? 0) + 1)
    return ending
  }

  async #lane(client: number, keys: readonly string[], token: string): Promise<void> {
    const seen = new Map<string, number>()
    while (!this.#isOver) {
      const key = this.#random.pick(keys)
      const node = this.#random.pick(this.#cluster.nodes)
      const ending = await this.operate(client, node, token, { key, input: this.#draw(seen.get(key)) })
      if (ending.kind === 'answered') {
        const { output } = ending
        if ('index' in output && output.kind !== 'deleted' && output.index !== undefined) seen.set(key, output.index)
        else if (output.kind === 'absent' || output.kind === 'deleted') seen.set(key, 0)
      }
      await pass(ending.kind === 'answered' ? this.paceMs * this.#random.next() * 2 : BACKOFF_MS)
    }
  }

  /** Writes through one node again and again. */
  async #probe(i: number, node: ClusterNode, token: string): Promise<void> {
    while (!this.#isOver) {
      const input: Input = { kind: 'put', value: `v${this.#values++}` }
      const key = `nemesis-probe-${i}`
      const ending = await this.operate(-1000 - i, node, token, { key, input, withinMs: PROBE_TIMEOUT_MS })
      if (ending.kind === 'answered') this.acknowledgedAt = Date.now()
      await pass(PROBE_EVERY_MS)
    }
  }

  #draw(seen: number | undefined): Input {
    const chance = this.#random.next()
    if (chance < 0.4) return { kind: 'get' }
    const value = `v${this.#values++}`
    if (chance < 0.65) return { kind: 'put', value }
    if (chance < 0.9) return seen === undefined ? { kind: 'get' } : { kind: 'cas', expect: seen, value }
    return { kind: 'delete' }
  }
}

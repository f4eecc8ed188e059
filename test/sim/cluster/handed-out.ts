import { readWork } from '../../../control-plane/src/cluster/broker-line.ts'
import type { Ask, Delivery, Handed, Plan } from '../../../control-plane/src/scheduler/evaluation.ts'
import { DELIVERY_MS, NACK_MS } from '../../../control-plane/src/scheduler/broker.ts'

/** How long what comes back may take until it is placed, in milliseconds. */
const PLACED_MS = 2000

interface Out {
  runs: string[]
  worker: string
  /** True time until which the runs are not to be expected. */
  until: number
}

/**
 * What leaders gave to workers of other members: what never came there, or never came back, is nobody's until the leader
 * hears of it or has waited long enough, and others go first meanwhile.
 */
export class HandedOut {
  readonly #now: () => number
  readonly #outs = new Map<string, Out>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** A worker's question has come to a leader. */
  asked(body: Uint8Array): void {
    const { ask } = readWork(body) as { ask?: Ask }
    if (!ask) return
    for (const [token, out] of this.#outs)
      if (out.worker === workerOf(ask) && !ask.holds.includes(token)) this.#comesBack(out)
  }

  /** The leader answers. */
  answered(body: Uint8Array, reply: Uint8Array): void {
    const { ask, plan } = readWork(body) as { ask?: Ask; plan?: Plan }
    if (ask) this.#given(ask, readWork(reply) as Delivery)
    const out = plan && this.#outs.get(plan.token)
    if (out && (readWork(reply) as Handed).known) this.#comesBack(out)
  }

  has(run: string): boolean {
    for (const [token, { runs, until }] of this.#outs) {
      if (until < this.#now()) this.#outs.delete(token)
      else if (runs.includes(run)) return true
    }
    return false
  }

  #given(ask: Ask, { token, evaluations }: Delivery): void {
    const runs = evaluations.flatMap(({ wanted }) => (wanted.kind === 'run' ? [wanted.run] : []))
    if (runs.length === 0) return
    const until = this.#now() + DELIVERY_MS + NACK_MS[1] + PLACED_MS
    this.#outs.set(token, { runs, worker: workerOf(ask), until })
  }

  #comesBack(out: Out): void {
    out.until = Math.min(out.until, this.#now() + PLACED_MS)
  }
}

function workerOf({ node, worker }: Pick<Ask, 'node' | 'worker'>): string {
  return `${node}/${worker}`
}

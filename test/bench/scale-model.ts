import { Heap } from '../../control-plane/src/scheduler/heap.ts'

/** What one run costs the main thread of a node, in microseconds. */
export interface Costs {
  /** The node that calls: signing, sending, reading the answer. */
  calling: number
  /** Every node: its log, and memory. */
  everyNode: number
  /** The leader, whatever the number of nodes: what is due, plans, proposals. */
  leader: number
  /** The leader, for each follower: entries and answers. */
  perFollower: number
}

export interface Outcome {
  nodes: number
  /** Runs per second that are kept up with. */
  perSecond: number
  /** Where the time of the busiest thread goes. */
  bottleneck: string
  /** Share of time in which the leader's thread, and a follower's, is busy. */
  leaderBusy: number
  followerBusy: number
}

/** Time that a run may take from due to recorded, without its executor, for its rate to count as kept up with. */
const LATENCY_MAX_MS = 100
const HOP_MS = 0.25
const SYNC_MS = 1
const SIMULATED_MS = 1500
/** How often something is due. */
const TICK_MS = 1

/**
 * The rate at which nodes on machines of their own keep up: each has a thread that does one thing after another. A run is
 * due, planned by the node whose turn it is, decided by the leader, applied everywhere, called by its planner, and its end
 * goes the same way. The node that leads plans and calls less, as its worker's turns say.
 */
export function keepsUp(costs: Costs, nodes: number): Outcome {
  let low = 0
  let high = 2e6 / (costs.leader + costs.everyNode)
  for (let round = 0; round < 18; round++) {
    const rate = (low + high) / 2
    if (simulate(costs, nodes, rate).latencyMs <= LATENCY_MAX_MS) low = rate
    else high = rate
  }
  const { leaderBusy, followerBusy } = simulate(costs, nodes, low)
  return { nodes, perSecond: low, leaderBusy, followerBusy, bottleneck: bottleneckOf(costs, nodes, leaderBusy) }
}

/** Milliseconds that the slowest run took, and how busy threads were, at a rate. */
function simulate(costs: Costs, nodes: number, perSecond: number) {
  const threads = new Threads(nodes)
  const runs = (perSecond * TICK_MS) / 1000
  let slowest = 0
  // Half of a run's work stands before its call, half after it.
  const decide = (at: number, then: (at: number) => void) => {
    const proposing = (runs * (costs.leader + (nodes - 1) * costs.perFollower)) / 2
    threads.work(0, at, proposing, (proposed) => {
      let missing = (nodes >> 1) + 1
      for (let node = 0; node < nodes; node++) {
        const hop = node === 0 ? 0 : HOP_MS
        threads.work(node, proposed + hop, (runs * costs.everyNode) / 2, (has) => {
          if (--missing === 0) then(has + SYNC_MS + hop)
        })
      }
    })
  }
  for (let due = 0; due < SIMULATED_MS; due += TICK_MS) {
    const ended = (at: number) => {
      slowest = Math.max(slowest, at - due)
    }
    decide(due, (started) => {
      let calling = nodes
      for (let node = 0; node < nodes; node++) {
        threads.work(node, started, (runs * costs.calling) / nodes, (answered) => {
          if (--calling === 0) decide(answered, ended)
        })
      }
    })
  }
  threads.run()
  return { latencyMs: slowest, leaderBusy: threads.busy(0), followerBusy: nodes === 1 ? 0 : threads.busy(1) }
}

interface Task {
  at: number
  node: number
  micros: number
  done(endedAt: number): void
}

/** The main threads of the nodes: each does what it is given in the order in which it comes due. */
class Threads {
  readonly #threads: { freeAt: number; busyMs: number }[]
  readonly #tasks = new Heap<Task>((a, b) => a.at < b.at)

  constructor(count: number) {
    this.#threads = Array.from({ length: count }, () => ({ freeAt: 0, busyMs: 0 }))
  }

  work(node: number, at: number, micros: number, done: Task['done']): void {
    this.#tasks.add({ at, node, micros, done })
  }

  run(): void {
    for (let task = this.#tasks.take(); task; task = this.#tasks.take()) {
      const thread = this.#threads[task.node] as { freeAt: number; busyMs: number }
      const ms = task.micros / 1000
      thread.freeAt = Math.max(thread.freeAt, task.at) + ms
      if (task.at <= SIMULATED_MS) thread.busyMs += ms
      task.done(thread.freeAt)
    }
  }

  busy(node: number): number {
    return Math.min(1, (this.#threads[node]?.busyMs ?? 0) / SIMULATED_MS)
  }
}

function bottleneckOf(costs: Costs, nodes: number, leaderBusy: number): string {
  if (leaderBusy < 0.8) return 'the way to a majority and back'
  const parts: [string, number][] = [
    ['calling', costs.calling / nodes],
    ['applying', costs.everyNode],
    ['deciding', costs.leader],
    ['sending entries to followers', (nodes - 1) * costs.perFollower],
  ]
  const total = parts.reduce((sum, [, cost]) => sum + cost, 0)
  const [name, most] = parts.reduce((a, b) => (b[1] > a[1] ? b : a))
  return `the leader's thread, most of it ${name} (${Math.round((100 * most) / total)} %)`
}

import { SeededRandom } from '../sim/seeded-random.ts'
import { Child } from '../support/child.ts'
import { Cluster } from '../support/cluster.ts'
import type { Seen } from '../support/executor.ts'
import { HOME } from '../support/server.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { type Fault, planFaults, saidOf } from './faults.ts'
import { attemptsAt, caughtUp, createJobs, drained, endJobs, type FiringJob, jobNamesAt, recordsAt } from './jobs.ts'
import { KvClients, type Recorded } from './kv-clients.ts'
import { heal, pass, strike } from './strike.ts'
import { differences, faultsOfExecutor, faultsOfFires, faultsOfHistory } from './verdict.ts'

export interface NemesisOptions {
  nodes: number
  rounds: number
  seed: number
  /** Operations on keys at least; rounds are added until there are as many, up to three times those asked for. */
  ops: number
  jobs: number
  /** Groups of eight clients on five keys. */
  groups: number
  say: (line: string) => void
}

export interface Round {
  fault: Fault
  /** From the end of the fault until every node had served a linearizable read and taken a write. */
  recoveredMs: number
  /** The longest time without an acknowledged write, from the beginning of the fault until then. */
  silentMs: number
}

export interface Report {
  faults: string[]
  rounds: Round[]
  operations: number
  /** Of them, under way while something was wrong. */
  overlapping: number
  unknown: number
  whyUnknown: ReadonlyMap<string, number>
  fires: number
  runs: number
  skipped: number
  attempts: number
  requests: number
  /** For whoever looks into a fault. */
  evidence: { history: readonly Recorded[]; seen: Seen; said: string }
}

const CALM_MS = 800
const RECOVERY_MS = 60_000
/** Pauses of a client between calls: long in calm times, so that most calls meet a fault. */
const CALM_PACE_MS = 150
const FAULT_PACE_MS = 30
const SILENCE_PROBE_MS = 5

/** A cluster in processes of its own, jobs that fire each second, clients on keys, and one fault after the other; then everything that must hold is looked at. */
export async function runNemesis(options: NemesisOptions): Promise<Report> {
  const cluster = await Cluster.prepare({ nodes: options.nodes, links: true })
  const secret = generateSecret(systemRandom)
  const executor = new Child(['--import', 'tsx', 'test/support/executor-process.ts'], { E2E_SECRET: secret })
  try {
    for (const node of cluster.nodes) node.start()
    await cluster.leader()
    const [, url = ''] = await executor.says(/^executor (\S+) \S+$/m)
    const seen = async () => (await (await fetch(new URL('/seen', url))).json()) as Seen
    return await new Nemesis(cluster, options, { url, secret, seen }).run()
  } finally {
    await executor.stop('SIGKILL')
    await cluster.close()
  }
}

interface Ends {
  url: string
  secret: string
  seen: () => Promise<Seen>
}

class Nemesis {
  readonly #cluster: Cluster
  readonly #options: NemesisOptions
  readonly #ends: Ends
  readonly #clients: KvClients
  readonly #windows: [from: number, to: number][] = []
  readonly #rounds: Round[] = []
  readonly #made: string[] = []

  constructor(cluster: Cluster, options: NemesisOptions, ends: Ends) {
    this.#cluster = cluster
    this.#options = options
    this.#ends = ends
    const random = new SeededRandom(options.seed ^ 0x5eed)
    this.#clients = new KvClients(cluster, { groups: options.groups, paceMs: CALM_PACE_MS, random })
  }

  async run(): Promise<Report> {
    const { rounds, ops, seed, jobs: count } = this.#options
    const jobs = await createJobs(this.#cluster, count, this.#ends)
    this.#clients.start(await this.#cluster.token())
    const planned = planFaults(new SeededRandom(seed), 3 * rounds)
    for (const fault of planned) {
      if (this.#rounds.length >= rounds && this.#clients.history.length >= ops) break
      await this.#round(fault)
    }
    await this.#clients.stop()
    await this.#readEveryKey()
    return await this.#judge(jobs)
  }

  async #round(fault: Fault): Promise<void> {
    await pass(CALM_MS)
    const from = Date.now()
    const silence = this.#listenForSilence()
    this.#clients.paceMs = FAULT_PACE_MS
    await strike(this.#cluster, fault)
    const healedAt = Date.now()
    await this.#recovered()
    const recoveredMs = Date.now() - healedAt
    this.#clients.paceMs = CALM_PACE_MS
    this.#windows.push([from, Date.now()])
    const round = { fault, recoveredMs, silentMs: silence() }
    this.#rounds.push(round)
    this.#clients.check()
    await this.#makeJob()
    const { length } = this.#clients.history
    this.#options.say(
      `round ${this.#rounds.length}: ${saidOf(fault)}; without a write ${round.silentMs} ms, all well ${recoveredMs} ms after; ${length} operations`,
    )
  }

  /** Resolves when every node serves a linearizable read and takes a write; throws when that takes too long. */
  async #recovered(): Promise<void> {
    const deadline = Date.now() + RECOVERY_MS
    const token = await this.#cluster.token()
    await Promise.all(
      this.#cluster.nodes.map(async (node, i) => {
        const key = `nemesis-recovery-${i}`
        const client = -1 - i
        for (let n = 0; ; n++) {
          const value = `r${this.#rounds.length}.${i}.${n}`
          const put = await this.#clients.operate(client, node, token, { key, input: { kind: 'put', value } })
          const get = await this.#clients.operate(client, node, token, { key, input: { kind: 'get' } })
          if (put.kind === 'answered' && get.kind === 'answered') return
          if (Date.now() > deadline) throw new Error(`${node.name} has not recovered\n${this.#cluster.said()}`)
          await pass(50)
        }
      }),
    )
  }

  /** Measures the longest time without an acknowledged write until it is called. */
  #listenForSilence(): () => number {
    let last = Date.now()
    let longest = 0
    const look = () => {
      last = Math.max(last, this.#clients.acknowledgedAt)
      longest = Math.max(longest, Date.now() - last)
    }
    const timer = setInterval(look, SILENCE_PROBE_MS)
    return () => {
      clearInterval(timer)
      look()
      return longest
    }
  }

  /** A definition of each round, which must be there at the end, on every node. */
  async #makeJob(): Promise<void> {
    const name = `made-${this.#rounds.length}`
    const target = { kind: 'http', url: 'http://127.0.0.1:9/' }
    await this.#cluster.call('PUT', `${HOME}/jobs/${name}`, { target })
    this.#made.push(name)
  }

  /** The last word on each key, from every node. */
  async #readEveryKey(): Promise<void> {
    const token = await this.#cluster.token()
    for (const key of this.#clients.keys) {
      for (const node of this.#cluster.nodes)
        await this.#clients.operate(-100, node, token, { key, input: { kind: 'get' } })
    }
  }

  async #judge(jobs: readonly FiringJob[]): Promise<Report> {
    const cluster = this.#cluster
    await heal(cluster)
    const fires = await endJobs(cluster, jobs)
    const faults = await drained(cluster)
    const token = await cluster.token()
    const index = Math.max(
      ...(await Promise.all(cluster.nodes.map((node) => cluster.view(node)))).map((view) => view?.index ?? 0),
    )
    const ledgers = new Map<string, Awaited<ReturnType<typeof recordsAt>>>()
    for (const node of cluster.nodes) {
      await caughtUp(node, token, index)
      ledgers.set(node.name, await recordsAt(node, token, jobs))
      const names = await jobNamesAt(node, token)
      faults.push(
        ...this.#made
          .filter((name) => !names.has(name))
          .map((name) => `${name} was acknowledged and is not on ${node.name}`),
      )
    }
    const records = [...([...ledgers.values()][0]?.values() ?? [])]
    const runs = records.flatMap((one) => one.runs)
    this.#options.say(`${runs.length} runs in the ledger of each of ${ledgers.size} nodes; reading their attempts`)
    const attempts = await attemptsAt(cluster.nodes[0] as Cluster['nodes'][number], token, runs)
    const seen = await this.#ends.seen()
    this.#options.say(`${this.#clients.history.length} operations; looking for an order that explains them`)
    faults.push(
      ...faultsOfFires(fires, ledgers),
      ...differences(ledgers),
      ...faultsOfExecutor(seen, attempts),
      ...faultsOfHistory(this.#clients.history),
    )
    const { history, unknowns } = this.#clients
    return {
      faults,
      rounds: this.#rounds,
      operations: history.length,
      overlapping: history.filter((one) =>
        this.#windows.some(([from, to]) => one.startedAt <= to && one.endedAt >= from),
      ).length,
      unknown: history.filter(({ output }) => output === undefined).length,
      whyUnknown: unknowns,
      fires: [...fires.values()].reduce((sum, { length }) => sum + length, 0),
      runs: runs.length,
      skipped: records.flatMap(({ stretches }) => stretches).reduce((sum, { count }) => sum + count, 0),
      attempts: attempts.length,
      requests: seen.dispatched.length,
      evidence: { history, seen, said: cluster.said() },
    }
  }
}

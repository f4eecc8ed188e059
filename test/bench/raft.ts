import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InitialCluster } from '../../control-plane/src/cluster/initial-cluster.ts'
import { Child } from '../support/child.ts'
import { freePorts } from '../support/ports.ts'
import { Etcd, provideEtcd } from './etcd.ts'
import { type Figure, median, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { PutClient } from './put-round.ts'

const NODES = 3
const GOALS = [{ inFlight: 1 }, { inFlight: 64, ratio: 2.5 }, { inFlight: 256 }]
const PATIENCE_MS = 20_000

/** What a member's process is told when it starts. */
export interface MemberPlan {
  folder: string
  member: InitialCluster['members'][number]
  cluster: InitialCluster
  /** Cluster key, base64. */
  key: string
}

export interface ProposalRound {
  inFlight: number
  warmMs: number
  ms: number
}

interface Proposals {
  perSecond: number
  p50: number
  p99: number
  cpu: number
}

/** Puts proposed within the leader's process to three members on disk and over TLS, beside as many clients of etcd's. */
export async function benchRaft({ quick }: BenchOptions): Promise<Figure[]> {
  const [rounds, ms] = quick ? [1, 3000] : [5, 6000]
  const members = await Members.start()
  const etcd = provideEtcd() ? await Etcd.start(NODES) : undefined
  const client = new PutClient()
  try {
    const figures: Figure[] = []
    for (const { inFlight, ratio } of GOALS) {
      const ours: Proposals[] = []
      const theirs: number[] = []
      for (let round = 0; round < rounds; round++) {
        ours.push(await members.propose({ inFlight, warmMs: 1000, ms }))
        const { perSecond, p50, p99, cpu } = ours.at(-1) as Proposals
        progress(
          `${inFlight} in flight: ${Math.round(perSecond)} puts/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, leader ${cpu.toFixed(2)} cores`,
        )
        if (!etcd) continue
        const target = { system: 'etcd' as const, addresses: [(await etcd.leader()).address] }
        theirs.push((await client.round({ target, clients: inFlight, warmMs: 1000, ms })).perSecond)
        progress(`etcd, ${inFlight} clients: ${Math.round(theirs.at(-1) ?? 0)} puts/s`)
      }
      const rate = median(ours.map(({ perSecond }) => perSecond))
      const yardstick = etcd ? { yardstick: { name: 'etcd', value: median(theirs) } } : {}
      figures.push(
        { name: `puts proposed per second, ${inFlight} in flight`, value: rate, unit: '/s', ...yardstick },
        { name: `p50, ${inFlight} in flight`, value: median(ours.map(({ p50 }) => p50)), unit: 'ms' },
        {
          name: `share of etcd, ${inFlight} in flight`,
          value: rate / median(theirs),
          unit: '',
          ...(ratio ? { target: ratio } : {}),
        },
      )
    }
    return figures
  } finally {
    await client.stop()
    await etcd?.stop()
    await members.stop()
  }
}

/** Three members in processes of their own. */
class Members {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cronclave-raft-'))
  #children: Child[] = []
  #asked = 0

  static async start(): Promise<Members> {
    const started = new Members()
    const ports = await freePorts(NODES)
    const members = ports.map((port, i) => ({
      id: String(i + 1).repeat(16),
      name: `n${i + 1}`,
      address: `127.0.0.1:${port}`,
    }))
    const cluster = { cluster: randomBytes(8).toString('hex'), members }
    const key = randomBytes(32).toString('base64')
    started.#children = members.map((member) => {
      const folder = join(started.#folder, member.name)
      mkdirSync(folder)
      const plan: MemberPlan = { folder, member, cluster, key }
      return new Child(['--import', 'tsx', 'test/bench/raft-member.ts'], { BENCH_MEMBER: JSON.stringify(plan) })
    })
    await Promise.all(started.#children.map((child) => child.says(/^ready$/m)))
    return started
  }

  /** Asks all; the one that leads proposes. */
  async propose(round: ProposalRound): Promise<Proposals> {
    const deadline = Date.now() + PATIENCE_MS + round.warmMs + round.ms
    while (Date.now() < deadline) {
      const nth = ++this.#asked
      for (const child of this.#children) child.process.stdin?.write(`${JSON.stringify(round)}\n`)
      const answers = await Promise.all(
        this.#children.map(async (child) => {
          const [, lines = ''] = await child.says(new RegExp(`^((?:\\{.*\\}\\n){${nth}})`, 'm'))
          return JSON.parse(lines.trim().split('\n').at(-1) ?? '') as Proposals & { kind: string }
        }),
      )
      const measured = answers.find(({ kind }) => kind === 'measured')
      if (measured) return measured
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error('no member leads')
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop('SIGKILL')))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

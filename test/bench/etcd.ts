import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { cpuOf } from '../support/child.ts'
import { freePorts } from '../support/ports.ts'
import { type EtcdStatus, STATUS, statusResponse } from './etcd-wire.ts'
import { progress } from './figure.ts'

const PATIENCE_MS = 30_000
const PROBE_MS = 20

interface Member {
  name: string
  address: string
  peer: string
  process: ChildProcess | undefined
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** An etcd cluster in processes of its own, on loopback and the disk that the benches use, with its defaults: every write synced, no TLS, no users. */
export class Etcd {
  readonly members: Member[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'cronclave-etcd-'))
  readonly #flags: readonly string[]

  /** Resolves when it has a leader. `flags` are added to each member's. */
  static async start(nodes: number, flags: readonly string[] = []): Promise<Etcd> {
    const ports = await freePorts(2 * nodes)
    const members = Array.from({ length: nodes }, (_, i) => ({
      name: `e${i + 1}`,
      address: `127.0.0.1:${ports[2 * i]}`,
      peer: `http://127.0.0.1:${ports[2 * i + 1]}`,
      process: undefined,
    }))
    const cluster = new Etcd(members, flags)
    for (const member of cluster.members) cluster.startMember(member)
    await cluster.leader()
    return cluster
  }

  private constructor(members: Member[], flags: readonly string[]) {
    this.members = members
    this.#flags = flags
  }

  /** Starts a member on its folder, for the first time or again. */
  startMember(member: Member): void {
    const { name, address, peer } = member
    const child = spawn(
      'etcd',
      [
        ...['--name', name, '--data-dir', join(this.#folder, name)],
        ...['--listen-client-urls', `http://${address}`, '--advertise-client-urls', `http://${address}`],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', this.members.map((one) => `${one.name}=${one.peer}`).join()],
        ...['--initial-cluster-state', 'new', '--logger', 'zap', '--log-level', 'error', ...this.#flags],
      ],
      { stdio: 'ignore' },
    )
    running.add(child)
    child.on('exit', () => running.delete(child))
    member.process = child
  }

  /** The member that leads, as soon as a majority of those asked agrees. */
  async leader(): Promise<Member> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const replies = await Promise.all(this.members.map((member) => statusOf(member.address)))
      const votes = new Map<bigint, number>()
      for (const reply of replies) if (reply) votes.set(reply.leader, (votes.get(reply.leader) ?? 0) + 1)
      const i = replies.findIndex((one) => one && one.memberId === one.leader)
      const leads = replies[i]?.memberId
      const member = this.members[i]
      if (member && leads !== undefined && (votes.get(leads) ?? 0) > this.members.length / 2) return member
      if (Date.now() > deadline) throw new Error('etcd has no leader')
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS))
    }
  }

  /** CPU seconds of all members so far. */
  cpu(): number {
    return this.members.reduce((sum, { process: child }) => sum + (child?.pid ? cpuOf(child.pid) : 0), 0)
  }

  /** Kills a member and waits for its end. */
  async kill(member: Member, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = member.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill(signal)
    await end
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => this.kill(member)))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Whether etcd is there. As root on Debian or Ubuntu it is installed. */
export function provideEtcd(): boolean {
  if (has('etcd')) return true
  if (process.getuid?.() === 0 && has('apt-get')) {
    progress('installing etcd-server')
    const quiet = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    spawnSync('apt-get', ['update', '-q'], quiet)
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'etcd-server'], quiet)
  }
  if (has('etcd')) return true
  progress('no etcd on PATH: its figures are left out (Debian calls the package etcd-server)')
  return false
}

function statusOf(address: string): Promise<EtcdStatus | undefined> {
  const client = new Client(address, credentials.createInsecure())
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      STATUS,
      () => Buffer.alloc(0),
      statusResponse,
      undefined,
      { deadline: Date.now() + 1000 },
      (_, reply) => {
        client.close()
        resolve(reply)
      },
    )
  })
}

function has(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

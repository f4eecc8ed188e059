import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClusterNode } from './cluster-node.ts'
import { Link, type LinkMode } from './link.ts'
import { freePorts } from './ports.ts'
import { Refused } from './server.ts'

export interface ClusterOptions {
  nodes: number
  /** Puts a proxy on the way from each node to each other one. @default false */
  links?: boolean
  /** Of every node. */
  flags?: readonly string[]
  env?: Record<string, string>
}

/** What a node says of its cluster. */
export interface ClusterView {
  /** Id of the cluster. */
  cluster: string
  /** Name of the node that leads, as the one asked knows it. */
  leader: string | undefined
  term: number
  index: number
}

const PATIENCE_MS = 60_000
const PROBE_MS = 20
const VIEW_MS = 1000

/** A cluster of ours in processes of its own, on loopback and in temporary folders. */
export class Cluster {
  readonly nodes: readonly ClusterNode[]
  readonly #folder: string
  readonly #links: ReadonlyMap<string, Link>
  #token: string | undefined

  /** Folders, ports and links; no node runs yet. */
  static async prepare({
    nodes: count,
    links: proxied = false,
    flags = [],
    env: more,
  }: ClusterOptions): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-cluster-'))
    const ports = await freePorts(2 * count)
    const name = (i: number) => `n${i + 1}`
    const peerPort = (i: number) => ports[2 * i + 1] as number
    const all = Array.from({ length: count }, (_, i) => i)
    const links = new Map<string, Link>()
    const env = { CRONCLAVE_CLUSTER_KEY: randomBytes(32).toString('base64'), ...more }
    const initial = all.map((i) => `${name(i)}=127.0.0.1:${peerPort(i)}`).join()
    const nodes: ClusterNode[] = []
    for (const i of all) {
      const dials: string[] = []
      for (const j of proxied ? all.filter((other) => other !== i) : []) {
        const link = await Link.open(peerPort(j))
        links.set(linkName(name(i), name(j)), link)
        dials.push(`${name(j)}=127.0.0.1:${link.port}`)
      }
      const dialFlag = dials.length > 0 ? ['--peer-dial', dials.join()] : []
      const own = ['--node-name', name(i), '--peer-listen-port', String(peerPort(i)), '--initial-cluster', initial]
      const port = ports[2 * i] as number
      nodes.push(
        new ClusterNode({
          name: name(i),
          folder: join(folder, name(i)),
          port,
          flags: [...own, ...dialFlag, ...flags],
          env,
        }),
      )
    }
    return new Cluster(folder, nodes, links)
  }

  /** A cluster that runs and has a leader. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = await Cluster.prepare(options)
    try {
      for (const node of cluster.nodes) node.start()
      await cluster.leader()
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  private constructor(folder: string, nodes: readonly ClusterNode[], links: ReadonlyMap<string, Link>) {
    this.#folder = folder
    this.nodes = nodes
    this.#links = links
  }

  get majority(): number {
    return Math.floor(this.nodes.length / 2) + 1
  }

  node(name: string): ClusterNode {
    const found = this.nodes.find((node) => node.name === name)
    if (!found) throw new Error(`no node is called ${name}`)
    return found
  }

  /** The link over which `from` reaches `to`. */
  link(from: string, to: string): Link {
    const link = this.#links.get(linkName(from, to))
    if (!link) throw new Error(`there is no link from ${from} to ${to}`)
    return link
  }

  setLinks(mode: LinkMode): void {
    for (const link of this.#links.values()) link.set(mode)
  }

  /** The administrator's token; rejects when no node has written one in time. */
  async token(): Promise<string> {
    this.#token ??= await this.#eventually('an admin.token in a data folder', async () =>
      this.nodes.map((node) => node.adminToken()).find((token) => token !== undefined),
    )
    return this.#token
  }

  async view(node: ClusterNode): Promise<ClusterView | undefined> {
    if (!node.isUp || node.isPaused) return undefined
    try {
      const reply = await node.ask<ClusterView>('GET', '/v1/cluster', { token: await this.token(), withinMs: VIEW_MS })
      return reply.status === 200 ? viewOf(reply.body) : undefined
    } catch {
      return undefined
    }
  }

  /** The node that leads, once a majority names it in the highest term that any node knows. */
  async leader(withinMs = PATIENCE_MS): Promise<ClusterNode> {
    return await this.#eventually(
      'a leader that a majority knows',
      async () => {
        const views = await Promise.all(this.nodes.map((node) => this.view(node)))
        const term = Math.max(...views.map((view) => view?.term ?? 0))
        const named = views.filter((view) => view?.term === term && view.leader !== undefined)
        const leader = named[0]?.leader
        const agreed = named.filter((view) => view?.leader === leader).length
        // Others go on naming one that was killed until they stand for election.
        return leader !== undefined && agreed >= this.majority && this.node(leader).isUp ? this.node(leader) : undefined
      },
      withinMs,
    )
  }

  /** Calls the API on whichever node answers, again until one does something. Throws `Refused` with the problem document. */
  async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const token = await this.token()
    const reply = await this.#eventually(`${method} ${path}`, async () => {
      for (const node of this.nodes) {
        if (!node.isUp || node.isPaused) continue
        const answer = await node.ask<T>(method, path, { token, body, headers }).catch(() => undefined)
        if (answer && answer.status < 500) return answer
      }
      return undefined
    })
    if (reply.status >= 300) throw new Refused(`${method} ${path}`, reply)
    return reply.body
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()))
    for (const link of this.#links.values()) link.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** CPU seconds of all nodes that run, so far. */
  cpu(): number {
    return this.nodes.reduce((sum, node) => sum + (node.isUp ? node.child.cpu() : 0), 0)
  }

  /** What the nodes said, for whoever looks into a failure. */
  said(): string {
    return this.nodes.map((node) => `${node.name}:\n${node.isUp || node.hasRun ? node.child.said : ''}`).join('\n')
  }

  async #eventually<T>(what: string, probe: () => Promise<T | undefined>, withinMs = PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + withinMs
    for (;;) {
      const answer = await probe()
      if (answer !== undefined) return answer
      if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}\n${this.said()}`)
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS))
    }
  }
}

function viewOf(view: ClusterView): ClusterView {
  return view
}

function linkName(from: string, to: string): string {
  return `${from} ${to}`
}

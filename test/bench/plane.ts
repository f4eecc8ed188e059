import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster } from '../support/cluster.ts'
import { Refused, Server } from '../support/server.ts'

/** A control plane under load, of one node or several. */
export interface Plane {
  /** Calls the API, of several nodes that of the leader. Throws `Refused` with the problem document. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** CPU seconds of all its processes so far. */
  cpu(): number
  /** Ends all of it with -9. */
  kill(): Promise<void>
  /** Starts it again on the same folders. */
  startAgain(): Promise<void>
  close(): Promise<void>
}

export function startPlane(nodes: number): Promise<Plane> {
  return nodes === 1 ? oneNode() : manyNodes(nodes)
}

async function oneNode(): Promise<Plane> {
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-bench-'))
  let server = await Server.start({ folder })
  return {
    call: (method, path, body) => server.call(method, path, body),
    cpu: () => server.child.cpu(),
    kill: async () => void (await server.stop('SIGKILL')),
    async startAgain() {
      server = await Server.start({ folder })
    },
    async close() {
      await server.stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function manyNodes(nodes: number): Promise<Plane> {
  const cluster = await Cluster.start({ nodes })
  let leader = await cluster.leader()
  return {
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const reply = await leader.ask<T>(method, path, { token: await cluster.token(), body })
      if (reply.status >= 300) throw new Refused(`${method} ${path}`, reply)
      return reply.body
    },
    cpu: () => cluster.cpu(),
    async kill() {
      await Promise.all(cluster.nodes.map((node) => node.end('SIGKILL')))
    },
    async startAgain() {
      for (const node of cluster.nodes) node.start()
      leader = await cluster.leader()
    },
    close: () => cluster.close(),
  }
}

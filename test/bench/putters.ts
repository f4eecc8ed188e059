import { Client, credentials } from '@grpc/grpc-js'
import { Agent } from 'undici'
import { PUT, putRequest } from './etcd-wire.ts'

/** Where puts go and how. */
export interface PutTarget {
  system: 'cronclave' | 'etcd'
  /** URLs of ours, host:port of etcd's; client i uses the one at i modulo their number. */
  addresses: readonly string[]
  /** Of ours. */
  token?: string
  /** @default default */
  namespace?: string
}

/** Puts that one client makes, and how it lets go. */
export interface Putter {
  put(key: string, value: Buffer): Promise<void>
  close(): Promise<void>
}

const TIMEOUT_MS = 30_000
/** Connections of HTTP/2 that the clients of etcd share: with one it is fastest here. */
const ETCD_CONNECTIONS_MAX = 1

/** One putter per client: ours keep a connection each, as keep-alive HTTP/1.1 needs; etcd's share a few, as gRPC does. */
export function puttersFor(
  { system, addresses, token = '', namespace = 'default' }: PutTarget,
  clients: number,
): Putter[] {
  if (system === 'cronclave') {
    return Array.from({ length: clients }, (_, i) =>
      httpPutter(addresses[i % addresses.length] as string, token, namespace),
    )
  }
  const channels = Array.from({ length: Math.min(clients, ETCD_CONNECTIONS_MAX) }, (_, i) =>
    grpcPutter(addresses[i % addresses.length] as string),
  )
  return Array.from({ length: clients }, (_, i) => channels[i % channels.length] as Putter)
}

function httpPutter(url: string, token: string, namespace: string): Putter {
  const agent = new Agent({ connections: 1, pipelining: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
  return {
    async put(key, value) {
      const path = `/v1/namespaces/${namespace}/kv/${key}`
      const reply = await agent.request({ origin: url, path, method: 'PUT', headers, body: value })
      const text = await reply.body.text()
      if (reply.statusCode >= 300) throw new Error(`${reply.statusCode} ${text.slice(0, 300)}`)
    },
    close: () => agent.destroy(),
  }
}

function grpcPutter(address: string): Putter {
  // A pool of its own, else all channels to one address share a connection.
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
  const whole = (bytes: Buffer) => bytes
  return {
    put: (key, value) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + TIMEOUT_MS
        client.makeUnaryRequest(PUT, putRequest, whole, { key, value }, { deadline }, (error) =>
          error ? reject(error) : resolve(),
        )
      }),
    close: async () => client.close(),
  }
}

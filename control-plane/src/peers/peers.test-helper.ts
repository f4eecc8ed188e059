import { EventEmitter } from 'node:events'
import { vi } from 'vitest'
import type { PeerAddress, RequestKind } from '../cluster/network.ts'
import type { MemberId, Message, Snapshot } from '../raft/types.ts'
import { systemClock } from '../runtime/clock.ts'
import { systemRandom } from '../runtime/random.ts'
import type { Peers, PeersHandlers, PeersOptions, Refused, Self, Stranger } from './options.ts'
import { openPeers } from './peers.ts'

export const CLUSTER = '0123456789abcdef'
export const CLUSTER_KEY = Buffer.alloc(32, 7)

/** A node of a test: its network, and everything that came out of it. */
export interface TestNode {
  id: MemberId
  name: string
  peers: Peers
  messages: Message[]
  unreachable: MemberId[]
  refused: Refused[]
  strangers: Stranger[]
  log: { fields: Record<string, unknown>; message: string }[]
  self: Self
  /** As others know it. */
  peer: PeerAddress
  /** Emits `change` whenever something came. */
  changed: EventEmitter
  handlers: PeersHandlers
}

const open: TestNode[] = []

/** Opens a node n1, n2 … on a free port of loopback. */
export async function openNode(
  id: number,
  options: Partial<PeersOptions> & { handle?: Partial<PeersHandlers>; boot?: string; cluster?: string } = {},
): Promise<TestNode> {
  const name = `n${id}`
  const node: Omit<TestNode, 'peers' | 'peer'> = {
    id,
    name,
    messages: [],
    unreachable: [],
    refused: [],
    strangers: [],
    log: [],
    self: {
      cluster: 'cluster' in options ? options.cluster : CLUSTER,
      member: id,
      name,
      boot: 'b1',
      build: '1.2.3',
      tzdata: '2026b',
    },
    changed: new EventEmitter(),
    handlers: undefined as unknown as PeersHandlers,
  }
  const change = () => void node.changed.emit('change')
  const record =
    <T>(list: T[]) =>
    (item: T) => {
      list.push(item)
      change()
    }
  node.handlers = {
    onMessage: record(node.messages),
    onUnreachable: record(node.unreachable),
    onRefused: record(node.refused),
    onRequest: async (from: MemberId, kind: RequestKind, body: Uint8Array) =>
      Promise.resolve(Buffer.from(`${name} got ${kind} ${Buffer.from(body).toString()} from ${from}`)),
    onStranger: async (from, body) => {
      record(node.strangers)(from)
      return Promise.resolve(Buffer.from(`${name} was asked ${from.purpose} ${Buffer.from(body).toString()}`))
    },
    onSnapshot: async (_from: MemberId, _snapshot: Snapshot, chunks) => {
      for await (const _ of chunks) change()
    },
    ...options.handle,
  }
  const say = (fields: object, message: string) =>
    record(node.log)({ fields: fields as Record<string, unknown>, message })
  const peers = await openPeers({
    clock: systemClock(),
    random: systemRandom,
    logger: { debug: say, info: say, warn: say, error: say },
    listen: { host: '127.0.0.1', port: 0 },
    self: () => node.self,
    credentials: { kind: 'cluster-key', key: CLUSTER_KEY },
    ...options,
    handlers: node.handlers,
  })
  const whole = { ...node, peers, peer: { id, name, address: `127.0.0.1:${peers.address.port}` } }
  open.push(whole)
  return whole
}

/** Tells every node of every other one. */
export function join(...nodes: TestNode[]): void {
  for (const node of nodes) node.peers.setPeers(nodes.map(({ peer }) => peer))
}

export async function closeNodes(): Promise<void> {
  await Promise.all(open.splice(0).map(({ peers }) => peers.close()))
}

export function beat(from: TestNode, to: TestNode, commit = 1): Message {
  return { type: 'heartbeat', from: from.id, to: to.id, term: 1, commit, context: '' }
}

/** Waits until `check` throws no more; patient, because a machine may be busy. */
export async function until(
  check: () => unknown,
  patience: { timeout?: number; interval?: number } = {},
): Promise<void> {
  await vi.waitFor(check, { timeout: 8000, interval: 10, ...patience })
}

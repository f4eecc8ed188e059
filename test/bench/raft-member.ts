/**
 * A member of the bench `raft`, in a process of its own: log, consensus and state without the edges. Reads a round as a
 * line of JSON and, when it leads, proposes that many puts at once for that long; prints what it measured.
 */
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { startEngine } from '../../control-plane/src/cluster/engine.ts'
import { raftId } from '../../control-plane/src/cluster/member-id.ts'
import type { NetworkHandlers } from '../../control-plane/src/cluster/network.ts'
import { statesIn } from '../../control-plane/src/cluster/states.ts'
import { timingOf } from '../../control-plane/src/cluster/ticker.ts'
import { openPeers } from '../../control-plane/src/peers/peers.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { nodeFileSystem } from '../../control-plane/src/wal/node-file-system.ts'
import { percentile } from './figure.ts'
import type { MemberPlan, ProposalRound } from './raft.ts'

const { folder, member, cluster, key } = JSON.parse(process.env['BENCH_MEMBER'] ?? '') as MemberPlan
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const clock = systemClock()
const VALUE = Buffer.alloc(256, 'v')
const KEYS = 6400

let handlers: NetworkHandlers | undefined
const peers = await openPeers({
  clock,
  random: systemRandom,
  logger: quiet,
  listen: { host: '127.0.0.1', port: Number(member.address.split(':')[1]) },
  self: () => ({
    cluster: cluster.cluster,
    member: raftId(member.id),
    name: member.name,
    boot: 'b1',
    build: '0',
    tzdata: '',
  }),
  credentials: { kind: 'cluster-key', key: Buffer.from(key, 'base64') },
  handlers: {
    onMessage: (message) => handlers?.onMessage(message),
    onUnreachable: (peer) => handlers?.onUnreachable(peer),
    onRequest: () => Promise.reject(new Error('nothing is asked here')),
    onSnapshot: () => Promise.reject(new Error('nothing lags here')),
    onStranger: () => Promise.reject(new Error('nobody is let in')),
    onRefused: () => undefined,
  },
})
const engine = await startEngine({
  clock,
  random: systemRandom,
  logger: quiet,
  fileSystem: nodeFileSystem,
  walFolder: join(folder, 'wal'),
  states: statesIn(folder, { clock, tzdata: '', onFatal: raise }),
  node: member.id,
  begin: cluster,
  timing: timingOf(50, 500),
  connect(given) {
    handlers = given
    return peers
  },
  onRequest: () => Promise.reject(new Error('nothing is asked here')),
  onEvent: () => undefined,
  onReplaced: () => undefined,
  onFatal: raise,
})
peers.setPeers(cluster.members.map(({ id, name, address }) => ({ id: raftId(id), name, address })))
console.log('ready')

for await (const line of createInterface({ input: process.stdin })) {
  const { isLeader } = engine.consensus.leadership()
  console.log(JSON.stringify(isLeader ? await measured(JSON.parse(line) as ProposalRound) : { kind: 'not-leader' }))
}
process.exit(0)

async function measured({ inFlight, warmMs, ms }: ProposalRound) {
  const made = await engine.consensus.propose({
    at: Date.now(),
    kind: 'namespace-put',
    name: 'default',
    change: { description: '', slots: 1000, queuedRunsMax: 1000 },
  })
  if (made.kind !== 'applied') throw new Error(`no namespace: ${JSON.stringify(made)}`)
  const namespace = [...engine.state.namespaces.keys()][0] ?? raise(new Error('no namespace'))
  await untilOver(namespace, inFlight, warmMs)
  const cpu = process.cpuUsage()
  const latencies: number[] = []
  const seconds = await untilOver(namespace, inFlight, ms, latencies)
  const { user, system } = process.cpuUsage(cpu)
  return {
    kind: 'measured',
    perSecond: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu: (user + system) / 1e6 / seconds,
  }
}

async function untilOver(namespace: number, inFlight: number, ms: number, latencies: number[] = []): Promise<number> {
  const begin = performance.now()
  let n = 0
  const lane = async () => {
    while (performance.now() - begin < ms) {
      const sent = performance.now()
      const put = { kind: 'kv-put' as const, namespace, key: `bench-${n++ % KEYS}`, value: VALUE }
      const outcome = await engine.consensus.propose({ at: Date.now(), ...put })
      if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome))
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return (performance.now() - begin) / 1000
}

function raise(error: Error): never {
  throw error
}

import { type ClusterConfig, clusterConfig, nodeNameOf, type PeerConfig } from './config/cluster.ts'
import type { ClockBounds } from './cluster/self-watch.ts'
import type { Retention } from './cluster/retention.ts'
import type { LedgerOptions } from './scheduler/ledger-keeper.ts'
import { type NetworkConfig, networkConfig } from './config/network.ts'
import { sinksConfig } from './config/sinks.ts'
import type { ConfiguredSink } from './logs/sink-definition.ts'
import { type ConfigFault, readSettings, type SettingInForce, type Sources } from './config/sources.ts'

/** What is in force, every field present; durations in milliseconds, sizes in bytes, paths absolute. */
export interface Config {
  dataFolder: string
  nodeName: string
  /** Absolute path; the file is made on first start. */
  clusterKeyFile: string
  /** Base64 of 32 bytes; when given, no file is read or made. */
  clusterKey?: string
  /** Without a trailing slash; absent: `http://` and the address actually bound. */
  publicUrl?: string
  /** Names accepted in the Host header, lower-case, without port; loopback names and the host of `publicUrl` included. */
  hosts: string[]
  listen: { host: string; port: number }
  peer: PeerConfig
  cluster: ClusterConfig
  network: NetworkConfig
  egress: { allowLoopback: boolean; allowPrivate: boolean }
  dispatchConcurrencyMax: number
  namespaceSlots: number
  wal: { segmentBytes: number }
  /** How much of the log is kept. */
  retention: Retention
  /** Free bytes below which no new definitions are taken. */
  diskReserveBytes: number
  /** How members notice that a leader is gone. */
  timing: { heartbeatMs: number; electionMs: number }
  nodeTtlMs: number
  /** Registered executors that are silent for so long are offline. */
  executorTtlMs: number
  /** By how much a wall clock may differ from those of a majority, and go forward at once unconfirmed. */
  clocks: ClockBounds
  scheduler: { lateAfterMs: number; catchUpPerSecond: number; workers: number }
  log: LogConfig
  /** What the leader removes by itself, and when. */
  ledger: LedgerOptions
  /** Put when a leader takes office. */
  sinks: ConfiguredSink[]
  /** Of the lines that handlers log. */
  output: { namespaceBytesMax: number }
  limits: { bodyBytesMax: number; pageDefault: number; streamsMax: number }
  stopTimeoutMs: number
}

/** Files of the write-ahead log for which there is to be space when nothing else is said. */
const SEGMENTS_RESERVED = 4

export interface LogConfig {
  target: 'stdout' | 'file'
  path: string
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  format: 'auto' | 'text' | 'json'
  maxSizeBytes: number
  maxAgeMs: number
  maxFiles: number
}

export type ResolvedConfig =
  | { ok: true; config: Config; settings: SettingInForce[] }
  | { ok: false; faults: ConfigFault[] }

/** Puts file, environment and flags together, the later over the earlier, and reports every fault at once. */
export function resolveConfig(sources: Sources): ResolvedConfig {
  const read = readSettings(sources)
  if (read.faults.length > 0) return { ok: false, faults: read.faults }
  const { get } = read
  const { absolute } = sources
  const dataFolder = absolute(get('dataFolder'))
  const publicUrl = get('publicUrl')
  const clusterKey = get('clusterKey')
  const failedMaxAgeMs = get('ledger.failedMaxAge')
  const ledgerBytesMax = get('ledger.bytesMax')
  const cluster = clusterConfig(read, sources)
  const { network, faults } = networkConfig(read, sources)
  const sinks = sinksConfig(read, sources)
  const all = [...cluster.faults, ...faults, ...sinks.faults]
  if (all.length > 0) return { ok: false, faults: all }
  const config: Config = {
    dataFolder,
    nodeName: nodeNameOf(read, sources),
    clusterKeyFile: absolute(get('clusterKeyFile') ?? `${dataFolder}/cluster.key`),
    ...(clusterKey === undefined ? {} : { clusterKey }),
    ...(publicUrl === undefined ? {} : { publicUrl: new URL(publicUrl).origin }),
    hosts: acceptedHosts(get('hosts'), get('listen.host'), publicUrl),
    listen: { host: get('listen.host'), port: get('listen.port') },
    peer: cluster.peer,
    cluster: cluster.cluster,
    network,
    egress: { allowLoopback: get('egress.allowLoopback'), allowPrivate: get('egress.allowPrivate') },
    dispatchConcurrencyMax: get('dispatchConcurrencyMax'),
    namespaceSlots: get('namespaceSlots'),
    wal: { segmentBytes: get('wal.segmentSize') },
    retention: {
      entriesKeep: get('logEntriesKeep'),
      bytesKeep: get('logBytesKeep'),
      bytesMax: get('logBytesMax'),
    },
    diskReserveBytes: get('diskReserve') ?? SEGMENTS_RESERVED * get('wal.segmentSize'),
    timing: { heartbeatMs: get('heartbeat'), electionMs: get('electionTimeout') },
    nodeTtlMs: get('nodeTtl'),
    executorTtlMs: get('executorTtl'),
    clocks: { maxSkewMs: get('maxClockSkew'), maxStepMs: get('maxClockStep') },
    scheduler: {
      lateAfterMs: get('scheduler.lateAfter'),
      catchUpPerSecond: get('scheduler.catchUpPerSecond'),
      workers: get('scheduler.workers'),
    },
    log: {
      target: get('log.target'),
      path: absolute(get('log.path') ?? `${dataFolder}/cronclave.log`),
      level: get('log.level'),
      format: get('log.format'),
      maxSizeBytes: get('log.maxSize'),
      maxAgeMs: get('log.maxAge'),
      maxFiles: get('log.maxFiles'),
    },
    ledger: {
      retention: {
        maxAgeMs: get('ledger.maxAge'),
        ...(failedMaxAgeMs === undefined ? {} : { failedMaxAgeMs }),
        maxRuns: get('ledger.maxRuns'),
      },
      countersMaxAgeMs: get('ledger.countersMaxAge'),
      daysMaxAgeMs: get('ledger.daysMaxAge'),
      goneAfterMs: get('goneAfter'),
      ...(ledgerBytesMax === undefined ? {} : { bytesMax: ledgerBytesMax }),
    },
    sinks: sinks.sinks,
    output: { namespaceBytesMax: get('output.namespaceMax') },
    limits: {
      bodyBytesMax: get('limits.body'),
      pageDefault: get('limits.page'),
      streamsMax: get('limits.streams'),
    },
    stopTimeoutMs: get('stopTimeout'),
  }
  return { ok: true, config, settings: read.settings }
}

function acceptedHosts(further: string[], listenHost: string, publicUrl: string | undefined): string[] {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]'])
  if (!['0.0.0.0', '::'].includes(listenHost)) hosts.add(bracketed(listenHost.toLowerCase()))
  if (publicUrl !== undefined) hosts.add(new URL(publicUrl).hostname)
  for (const host of further) hosts.add(host.toLowerCase())
  return [...hosts]
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

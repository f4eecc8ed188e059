import type { Config } from '../config.ts'
import type { NewCluster, OfflineDeps } from '../offline.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Output } from './output.ts'

/** What the settings say of the one member that a restored or recovered cluster begins with. */
export function offlineDeps(config: Config, clock: Clock, random: Random): OfflineDeps {
  const { host, port } = config.peer.listen
  return {
    clock,
    random,
    folder: config.dataFolder,
    nodeName: config.nodeName,
    peerAddress: config.peer.address ?? `${host.includes(':') ? `[${host}]` : host}:${port}`,
    walSegmentBytes: config.wal.segmentBytes,
  }
}

/** Says what was made, and what is to be done now. */
export function reportNewCluster(output: Output, config: Config, made: NewCluster): void {
  output.one(made, {
    folder: config.dataFolder,
    cluster: made.cluster,
    'cluster before': made.before,
    member: made.member,
    index: made.index,
    jobs: made.jobs,
    'open runs': made.openRuns,
  })
  output.note('It is a cluster of its own, with this one member: no node of the one before can talk to it.')
  output.note('Start it with the cluster key of the one before, then add members with `cronclave member add`.')
}

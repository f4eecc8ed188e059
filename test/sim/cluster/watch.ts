import { RaftLog, type RaftLogOptions } from '../../../control-plane/src/cluster/raft-log.ts'
import type { Entry, Snapshot } from '../../../control-plane/src/raft/types.ts'
import { DigestRing } from '../../../control-plane/src/state/digest-ring.ts'

/** What the nodes of a simulation do inside, told in the turn in which they do it. */
export interface Watcher {
  opened(log: RaftLog, options: RaftLogOptions): void
  durable(entries: readonly Entry[]): void
  applied(index: number, digest: number): void
  installed(snapshot: Snapshot): void
}

let watcher: Watcher | undefined

/** Tells `next` from now on, and nobody else. */
export function watch(next: Watcher | undefined): void {
  watcher = next
}

/* The production classes are told nothing of this: the places at which they speak to each other are listened in on. */
const { open } = RaftLog
RaftLog.open = async (options) => {
  const log = await open.call(RaftLog, options)
  watcher?.opened(log, options)
  return log
}

const { appended, installed } = RaftLog.prototype
RaftLog.prototype.appended = function (entries) {
  watcher?.durable(entries)
  appended.call(this, entries)
}
RaftLog.prototype.installed = function (snapshot) {
  installed.call(this, snapshot)
  watcher?.installed(snapshot)
}

const { note } = DigestRing.prototype
DigestRing.prototype.note = function (index, digest) {
  note.call(this, index, digest)
  watcher?.applied(index, digest)
}

import { StorageError } from '../runtime/storage-error.ts'
import type { InitialCluster, NamedAddress } from './initial-cluster.ts'

/** How a node begins, from what its data folder holds and what it was told. */
export type Beginning =
  /** It is a member and goes on; cluster settings are not looked at. */
  | { kind: 'member' }
  /** It has joined, and waits for the leader to send what there is. */
  | { kind: 'joined' }
  /** It was told nothing and has nothing: a cluster of one. */
  | { kind: 'alone' }
  | { kind: 'bootstrap'; wanted: Wanted }
  | { kind: 'join' }
  /** It was a member and its log is gone: it may have voted and acknowledged what nobody else has. */
  | { kind: 'log-lost' }

/** With whom a cluster is to begin: all members by name, or how many. */
export type Wanted = { initial: readonly NamedAddress[] } | { expect: number }

export interface WhatThereIs {
  /** From member.json. */
  cluster?: string
  promised?: InitialCluster
  begun?: boolean
  logIsEmpty: boolean
}

export interface WhatWasTold {
  initial: readonly NamedAddress[]
  expect?: number
  joins: boolean
}

/** Decides how a node begins. Nobody becomes a cluster of one who was told of others. */
export function beginningOf(has: WhatThereIs, told: WhatWasTold): Beginning {
  if (!has.logIsEmpty) return { kind: 'member' }
  if (has.begun) return { kind: 'log-lost' }
  if (has.promised) return { kind: 'bootstrap', wanted: wantedOf(told) ?? { initial: has.promised.members } }
  if (has.cluster !== undefined) return { kind: 'joined' }
  if (told.joins) return { kind: 'join' }
  const wanted = wantedOf(told)
  return wanted ? { kind: 'bootstrap', wanted } : { kind: 'alone' }
}

function wantedOf({ initial, expect }: WhatWasTold): Wanted | undefined {
  if (initial.length > 0) return { initial }
  return expect === undefined ? undefined : { expect }
}

/** What a node says whose log is gone. */
export function lostLog(folder: string): StorageError {
  return new StorageError(
    `The data folder ${folder} belongs to a member of a cluster, and its write-ahead log is gone.`,
    {
      folder,
      nextStep:
        'It cannot go on as the same member: what it voted for and acknowledged is forgotten. Remove the member with `cronclave member remove`, empty the folder, and let it join again with `cronclave member add`. A cluster of one is restored from a backup.',
    },
  )
}

/** What a node says that needs the key of a cluster and has none. */
export function keyMissing(folder: string, file: string): StorageError {
  return new StorageError(`Every node of a cluster needs the same cluster key, and there is none in ${file}.`, {
    folder,
    nextStep:
      'Make one with `cronclave key create --out cluster.key`, copy it to every node, and name it with --cluster-key-file, or give it as CRONCLAVE_CLUSTER_KEY.',
  })
}

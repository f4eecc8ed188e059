import type { InitialCluster } from './initial-cluster.ts'

/** What a node says of itself to another one that wants to begin a cluster with it. */
export interface Hello {
  member: string
  name: string
  address: string
  /** How many, and which, it was told to begin a cluster with: the same text on all. Empty: it was told nothing. */
  wants: string
  /** Members that it has seen in its last round, itself among them, ascending. */
  sees: string[]
  /** The cluster that it belongs to, or has promised to begin. */
  cluster?: string
  /** With whom that cluster begins; absent in one who joined it later, or began alone. */
  record?: InitialCluster
  /** The cluster has begun: all members of the record have promised it. */
  begun?: boolean
}

/** Who answered at an address, or why nobody did. */
export type Found = { listed?: string; address: string } & ({ hello: Hello } | { fault: string })

/** What a node is to do next about beginning a cluster. */
export type BootstrapDecision =
  | { do: 'wait'; why: string }
  /** Make a record of these members, or take over the one that names this node, and keep it durably. */
  | { do: 'promise'; members: InitialCluster['members']; cluster?: string }
  | { do: 'begin'; record: InitialCluster }
  /** It cannot become what the settings say, and waiting does not help. */
  | { do: 'refuse'; why: string; next: string }

export interface BootstrapView {
  self: Hello
  /** How many members the cluster is to have. */
  size: number
  found: readonly Found[]
  /** Members of the record that this node has promised, and that were seen to have promised it. */
  promised: ReadonlySet<string>
}

/**
 * Decides what comes next, from what is seen. A cluster begins in two steps, so that two can never begin: every node
 * promises, durably, at most one record in its life; a record may begin only when all its members were seen to have
 * promised it. A promise is never taken back, so seeing them one after the other is as good as seeing them at once. The
 * one with the lowest id makes the record, once it sees exactly as many nodes as are wanted, all of them fresh, alike
 * configured and seeing the same; the others promise a record that names them wherever they see it.
 */
export function decideBootstrap(view: BootstrapView): BootstrapDecision {
  const others = distinct(view)
  return view.self.record ? afterPromise(view, view.self.record, others) : beforePromise(view, others)
}

/** Members that say they have promised a record. */
export function promisersOf(record: InitialCluster | undefined, found: readonly Found[]): string[] {
  if (!record) return []
  return found.flatMap((one) => ('hello' in one && one.hello.cluster === record.cluster ? [one.hello.member] : []))
}

/** Who answered, each once, without this node itself. */
function distinct({ self, found }: BootstrapView): Hello[] {
  const byId = new Map<string, Hello>()
  for (const one of found) if ('hello' in one && one.hello.member !== self.member) byId.set(one.hello.member, one.hello)
  return [...byId.values()].sort((a, b) => (a.member < b.member ? -1 : 1))
}

function afterPromise(view: BootstrapView, record: InitialCluster, others: readonly Hello[]): BootstrapDecision {
  const { self, promised } = view
  if (self.begun || others.some((other) => other.begun && other.cluster === record.cluster))
    return { do: 'begin', record }
  const missing = record.members.filter(({ id }) => id !== self.member && !promised.has(id))
  if (missing.length === 0) return { do: 'begin', record }
  const elsewhere = others.find((other) => isMissing(other, missing) && other.cluster !== undefined)
  if (elsewhere && elsewhere.cluster !== record.cluster)
    return abandoned(record, `${elsewhere.name} has promised another`)
  const wiped = missing.find(({ id, address }) =>
    others.some((other) => other.address === address && other.member !== id),
  )
  if (wiped) return abandoned(record, `${wiped.name} has lost its data folder`)
  return { do: 'wait', why: `${names(missing)} ${missing.length === 1 ? 'has' : 'have'} not promised to begin yet` }
}

function isMissing(other: Hello, missing: InitialCluster['members']): boolean {
  return missing.some(({ id }) => id === other.member)
}

/** It may have begun on a node that does not answer now, so this one goes on looking. */
function abandoned(record: InitialCluster, why: string): BootstrapDecision {
  return {
    do: 'wait',
    why: `${why}; the cluster ${record.cluster} of ${names(record.members)} begins here only if it has begun on one of them already: start them all; if none of them serves, empty their data folders, which hold nothing yet, and start them again`,
  }
}

function beforePromise(view: BootstrapView, others: readonly Hello[]): BootstrapDecision {
  const { self, size } = view
  const mine = others.find((other) => other.record?.members.some(({ id }) => id === self.member))
  if (mine?.record) return promiseOf(self, mine.record, others)
  const foreign = others.find((other) => other.cluster !== undefined)
  if (foreign) return belongsToAnother(foreign)
  const wrong = wrongList(view)
  if (wrong !== undefined) return { do: 'wait', why: wrong }
  const all = [self, ...others].sort((a, b) => (a.member < b.member ? -1 : 1))
  if (all.length > size) {
    return { do: 'wait', why: `${all.length} nodes were found where ${size} are expected: ${names(all)}` }
  }
  if (all.length < size) return { do: 'wait', why: `${size - all.length} of ${size} nodes are missing${silent(view)}` }
  const unlike = disagreement(self, others)
  if (unlike !== undefined) return { do: 'wait', why: unlike }
  const lowest = all[0] ?? self
  if (lowest !== self) return { do: 'wait', why: `${lowest.name} begins` }
  const members = all.map(({ member, name, address }) => ({ id: member, name, address }))
  return { do: 'promise', members }
}

/** A record that names this node is promised, unless another one does so too. */
function promiseOf(self: Hello, record: InitialCluster, others: readonly Hello[]): BootstrapDecision {
  const other = others.find(
    (one) => one.record && one.cluster !== record.cluster && one.record.members.some(({ id }) => id === self.member),
  )
  if (other) return abandoned(record, `${other.name} has promised another`)
  return { do: 'promise', ...record }
}

function belongsToAnother({ name, address, cluster }: Hello): BootstrapDecision {
  return {
    do: 'refuse',
    why: `${name} at ${address} belongs to the cluster ${cluster} already, and this node, which has no data, is none of those it began with.`,
    next: 'To let this node join it, run `cronclave member add --name <name>` against that cluster and start this node with --join <token> in place of the other cluster settings. If this node was a member and lost its data folder, remove that member first.',
  }
}

/** Something that a person has to put right in a list of addresses. */
function wrongList({ self, found }: BootstrapView): string | undefined {
  const seen = new Map<string, string>()
  for (const one of found) {
    if (!('hello' in one)) continue
    const { member, name } = one.hello
    if (one.listed === undefined) continue
    if (member === self.member && one.listed !== self.name)
      return `${one.address}, listed as ${one.listed}, is this node itself`
    const before = seen.get(member)
    if (before !== undefined) return `${before} and ${one.address} are the same node`
    seen.set(member, one.address)
    if (name !== one.listed) return `${one.address} is listed as ${one.listed} and is called ${name}`
  }
  return undefined
}

function disagreement(self: Hello, others: readonly Hello[]): string | undefined {
  const unlike = others.find((other) => other.wants !== self.wants)
  if (unlike) return `${unlike.name} was told to begin with "${unlike.wants}", this node with "${self.wants}"`
  const all = [self, ...others]
  const twice = all.find((one) => all.some((other) => other !== one && other.name === one.name))
  if (twice) return `two nodes are called ${twice.name}; give each its own --node-name`
  const ids = all.map(({ member }) => member).sort()
  const blind = others.find((other) => other.sees.join() !== ids.join())
  return blind && `${blind.name} does not see the same nodes yet`
}

function silent({ found }: BootstrapView): string {
  const faults = found.flatMap((one) => ('fault' in one ? [`${one.listed ?? one.address}: ${one.fault}`] : []))
  return faults.length === 0 ? '' : ` (${faults.join(', ')})`
}

function names(members: readonly { name: string }[]): string {
  return members.map(({ name }) => name).join(', ')
}

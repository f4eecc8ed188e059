import { peerAddressFault } from './peer-address.ts'

/** A member before it has an id: what it is called and where its peer port is. */
export interface NamedAddress {
  name: string
  /** `host:port` */
  address: string
}

/** The members with which a cluster begins; the consensus begins with all of them as voters. */
export interface InitialCluster {
  /** Id of the cluster, 16 hexadecimal digits. */
  cluster: string
  members: { id: string; name: string; address: string }[]
}

/** Most members that vote: more would make every write slower and no cluster safer. */
export const VOTERS_MAX = 7

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

export function isMemberName(text: string): boolean {
  return NAME.test(text)
}

/** Reads `n1=host:port`. Throws nothing: what is wrong with it is what `namedAddressFault` says. */
export function parseNamedAddress(text: string): NamedAddress {
  const mark = text.indexOf('=')
  return { name: text.slice(0, mark), address: text.slice(mark + 1) }
}

/** What is wrong with one `n1=host:port`, for people; undefined when it is good. */
export function namedAddressFault(text: string): string | undefined {
  const mark = text.indexOf('=')
  if (mark < 1) return `"${text}" is not a member such as n1=10.0.0.1:7421`
  const { name, address } = parseNamedAddress(text)
  return isMemberName(name) ? peerAddressFault(address) : `"${name}" is not a name`
}

/** What is wrong with a whole list, seen from the node that is called `self`. */
export function initialClusterFault(list: readonly NamedAddress[], self: string): string | undefined {
  if (list.length > VOTERS_MAX) return `${list.length} members are more than ${VOTERS_MAX}`
  const twice = repeated(list.map(({ name }) => name)) ?? repeated(list.map(({ address }) => address))
  if (twice !== undefined) return `"${twice}" stands in it twice`
  if (list.some(({ name }) => name === self)) return undefined
  return `this node is called "${self}" and is not in it; give the name that it has there as --node-name`
}

function repeated(values: readonly string[]): string | undefined {
  return values.find((value, at) => values.indexOf(value) !== at)
}

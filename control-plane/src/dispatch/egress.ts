import ipaddr from 'ipaddr.js'
import type { Fault } from '../problems.ts'

export interface EgressOptions {
  /** Loopback addresses may be called. @default false */
  allowLoopback?: boolean
  /** Private ranges (RFC 1918, fc00::/7, carrier-grade NAT) may be called. @default true */
  allowPrivate?: boolean
  /** Where this cluster itself listens; a host of `0.0.0.0` or `::` means its port on loopback and on `ownAddresses`. */
  ownListeners?: readonly { host: string; port: number }[]
  /** Addresses of this machine's interfaces, for listeners on all of them. */
  ownAddresses?: readonly string[]
  /** The members of the cluster as they are now: where others dial them, and where their API is reached. */
  members?: () => Iterable<{ address: string; apiUrl?: string }>
}

export type EgressVerdict = { allowed: true } | { allowed: false; why: string }

/** Which addresses the product may connect to, for jobs, executors, alerts and sinks alike. */
export interface EgressPolicy {
  /** Whether a connection to this address (never a name) may be made. */
  judge(address: string, port: number): EgressVerdict
  /** What is wrong with a URL that someone wants to save, its pointer empty. Names are judged again when connecting. */
  checkUrl(url: string): Fault | undefined
}

/** A connection that the policy does not allow; nothing was sent. */
export class EgressRefused extends Error {
  override name = 'EgressRefused'
  readonly code = 'EGRESS_REFUSED'
}

const ALLOWED: EgressVerdict = { allowed: true }

/** Addresses at which clouds hand out credentials; link-local ones are refused with their range. */
const METADATA = new Set(
  ['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16', '192.0.0.192'].map((text) =>
    ipaddr.parse(text).toNormalizedString(),
  ),
)
const REFUSED_RANGES: Partial<Record<string, string>> = {
  linkLocal: 'a link-local address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
  unspecified: 'an unspecified address',
}
const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'deprecatedSiteLocal'])

export function createEgressPolicy(options: EgressOptions = {}): EgressPolicy {
  const { allowLoopback = false, allowPrivate = true, members = () => [] } = options
  const own = ownEndpoints(options)

  function judge(address: string, port: number): EgressVerdict {
    if (!ipaddr.isValid(address)) return refuse(address, 'not an address')
    for (const form of formsOf(ipaddr.parse(address))) {
      const normal = form.toNormalizedString()
      const range = form.range()
      const why = REFUSED_RANGES[range]
      if (why !== undefined) return refuse(address, why)
      if (METADATA.has(normal)) return refuse(address, 'a metadata service')
      if (isReserved(form)) return refuse(address, 'a reserved address')
      const isOwn = own.has(`${normal} ${port}`) || (range === 'loopback' && own.has(`loopback ${port}`))
      if (isOwn || isMember(members(), normal, port)) {
        return refuse(address, `this cluster's own listener on port ${port}`)
      }
      if (range === 'loopback' && !allowLoopback) return refuse(address, 'a loopback address')
      if (PRIVATE_RANGES.has(range) && !allowPrivate) return refuse(address, 'a private address')
    }
    return ALLOWED
  }

  return { judge, checkUrl: (url) => checkUrl(url, judge) }
}

function refuse(address: string, what: string): EgressVerdict {
  return { allowed: false, why: `${address} is ${what}` }
}

function ownEndpoints({ ownListeners = [], ownAddresses = [] }: EgressOptions): Set<string> {
  const own = new Set<string>()
  for (const { host, port } of ownListeners) {
    if (host === '0.0.0.0' || host === '::' || host === 'localhost') {
      own.add(`loopback ${port}`)
      for (const address of ownAddresses) own.add(`${ipaddr.parse(address).toNormalizedString()} ${port}`)
    } else if (ipaddr.isValid(host)) {
      own.add(`${ipaddr.process(host).toNormalizedString()} ${port}`)
    }
  }
  return own
}

/** Whether a member is at an address. Names that members are known by are not resolved. */
function isMember(members: Iterable<{ address: string; apiUrl?: string }>, address: string, port: number): boolean {
  for (const member of members) {
    if (isAt(`http://${member.address}`, address, port)) return true
    if (member.apiUrl !== undefined && isAt(member.apiUrl, address, port)) return true
  }
  return false
}

function isAt(text: string, address: string, port: number): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return portOf(url) === port && ipaddr.isValid(host) && ipaddr.process(host).toNormalizedString() === address
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** The address and each IPv4 address that a translator or tunnel would make of it. */
function formsOf(address: Address): Address[] {
  if (address instanceof ipaddr.IPv4) return [address]
  const bytes = address.toByteArray()
  const forms: Address[] = [address]
  const embedded = (at: number, flip = 0) =>
    forms.push(new ipaddr.IPv4([0, 1, 2, 3].map((i) => (bytes[at + i] ?? 0) ^ flip)))
  const first = (words: number[]) => words.every((word, i) => address.parts[i] === word)

  // ::/96 (compatible), ::ffff:0:0/96 (mapped), ::ffff:0:0:0/96 (translated): all but :: and ::1 themselves
  if (first([0, 0, 0, 0]) && !['unspecified', 'loopback'].includes(address.range())) embedded(12)
  if (first([0x64, 0xff9b])) embedded(12) // NAT64, 64:ff9b::/96 and 64:ff9b:1::/48
  if (first([0x2002])) embedded(2) // 6to4
  if (first([0x2001, 0])) embedded(12, 0xff) // Teredo: the client's address, inverted
  if (address.parts[5] === 0x5efe && (address.parts[4] === 0 || address.parts[4] === 0x200)) embedded(12) // ISATAP
  return forms
}

function isReserved(address: Address): boolean {
  return address instanceof ipaddr.IPv4 && (address.octets[0] ?? 0) >= 240
}

function checkUrl(text: string, judge: EgressPolicy['judge']): Fault | undefined {
  if (!URL.canParse(text)) return fault('not a URL')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return fault(`the scheme ${url.protocol} is not http or https`)
  if (url.username !== '' || url.password !== '') return fault('credentials may not stand in a URL')
  if (url.hash !== '') return fault('a fragment is never sent')
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const port = portOf(url)
  if (port === 0) return fault('port 0 cannot be called')
  const address = host === 'localhost' || host.endsWith('.localhost') ? '127.0.0.1' : host
  if (!ipaddr.isValid(address)) return undefined
  const verdict = judge(address, port)
  return verdict.allowed ? undefined : fault(`the egress policy refuses it: ${verdict.why}`)
}

function fault(detail: string): Fault {
  return { pointer: '', detail }
}

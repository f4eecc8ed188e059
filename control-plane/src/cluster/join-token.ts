import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../runtime/clock.ts'
import { isMemberName } from './initial-cluster.ts'
import type { JoinRequest } from './join-codec.ts'
import { parsePeerAddress } from './peer-address.ts'

/** How long a join token is good, in milliseconds. */
export const JOIN_TOKEN_MS = 3_600_000
const PREFIX = 'ccj_'
const SECRET_BYTES = 32
const LENGTH_MAX = 8192
const ADDRESSES_MAX = 32

/** With what a new node joins: shown once, good once, stored nowhere. */
export interface JoinToken {
  cluster: string
  /** Id of the member that it becomes. */
  member: string
  /** Peer addresses of members at the time. */
  addresses: string[]
  /** What those members are called, in that order: their certificates may be for that. */
  names: string[]
  /** Proves to a member that it is the one who was asked in, and to it that it talks to a member. */
  secret: Buffer
  expiresAt: Millis
}

/** The secret of a join token: any member works it out again from the key of the cluster, so nobody stores it. */
export function joinSecret(clusterKey: Buffer, member: string, expiresAt: Millis): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, '', `cronclave-join-v1|${member}|${expiresAt}`, SECRET_BYTES))
}

export function encodeJoinToken({ cluster, member, addresses, names, secret, expiresAt }: JoinToken): string {
  const known = [addresses, names].map((list) => list.slice(0, ADDRESSES_MAX))
  const value = [1, cluster, member, known[0], secret.toString('base64url'), expiresAt, known[1]]
  return PREFIX + Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Reads a token; undefined when it is none, or was cut short or altered in its form. */
export function decodeJoinToken(text: string): JoinToken | undefined {
  if (!text.startsWith(PREFIX) || text.length > LENGTH_MAX) return undefined
  const value = jsonOf(Buffer.from(text.slice(PREFIX.length), 'base64url').toString())
  if (!Array.isArray(value)) return undefined
  const [version, cluster, member, addresses, secret, expiresAt, names]: unknown[] = value
  if (version !== 1 || !isId(cluster) || !isId(member) || !isAddresses(addresses)) return undefined
  if (!isNames(names) || names.length !== addresses.length) return undefined
  if (typeof secret !== 'string' || !Number.isSafeInteger(expiresAt)) return undefined
  const bytes = Buffer.from(secret, 'base64url')
  if (bytes.length !== SECRET_BYTES) return undefined
  return { cluster, member, addresses, names, secret: bytes, expiresAt: expiresAt as Millis }
}

/** What is wrong with the text of a token, without repeating it. */
export function joinTokenFault(text: string): string | undefined {
  return decodeJoinToken(text.trim()) ? undefined : 'it is not a join token, or was cut short'
}

/** Shows that whoever sends a request to join has the token's secret, whatever the connection proves. */
export function joinProof(
  secret: Buffer,
  { cluster, member, address, folder }: Pick<JoinRequest, 'cluster' | 'member' | 'address' | 'folder'>,
): string {
  const said = `cronclave-join-request-v1\n${cluster}\n${member}\n${address}\n${folder}`
  return createHmac('sha256', secret).update(said).digest('base64url')
}

/** Compares in constant time. */
export function sameProof(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)
}

function isAddresses(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > ADDRESSES_MAX) return false
  return value.every((address) => typeof address === 'string' && parsePeerAddress(address) !== undefined)
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && isMemberName(name))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

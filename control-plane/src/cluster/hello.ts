import type { Hello } from './bootstrap-decision.ts'
import { type InitialCluster, VOTERS_MAX } from './initial-cluster.ts'

const BYTES_MAX = 16_384
/** Nodes that one may say it sees. */
const SEES_MAX = 256

/** What a node says of itself to one that begins a cluster, as JSON. */
export function encodeHello(hello: Hello): Uint8Array {
  return Buffer.from(JSON.stringify(hello))
}

/** Reads what another node says of itself. Throws an `Error` for anything that is not a hello. */
export function decodeHello(bytes: Uint8Array): Hello {
  const value = bytes.length <= BYTES_MAX ? jsonOf(bytes) : undefined
  if (!isObject(value)) throw new Error('it does not say who it is')
  const { member, name, address, wants, sees, cluster, record, begun } = value
  if (!isId(member) || !isText(name) || !isText(address) || typeof wants !== 'string' || !isIds(sees))
    throw new Error('it does not say who it is')
  if (cluster !== undefined && !isId(cluster)) throw new Error('it does not say who it is')
  if (record !== undefined && (!isRecord(record) || record.cluster !== cluster))
    throw new Error('it does not say who it is')
  return {
    member,
    name,
    address,
    wants,
    sees,
    ...(cluster === undefined ? {} : { cluster }),
    ...(record === undefined ? {} : { record }),
    ...(begun === true ? { begun } : {}),
  }
}

/** Whether a value, from a file say, is a record of the members with which a cluster begins. */
export function isRecord(value: unknown): value is InitialCluster {
  if (!isObject(value) || !isId(value['cluster']) || !Array.isArray(value['members'])) return false
  const { members } = value
  return members.length > 0 && members.length <= VOTERS_MAX && members.every(isMember)
}

function isMember(value: unknown): boolean {
  return isObject(value) && isId(value['id']) && isText(value['name']) && isText(value['address'])
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= SEES_MAX && value.every(isId)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 300
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}

/** What a node says that wants to join. */
export interface JoinRequest {
  cluster: string
  member: string
  /** Where others reach its peer port. */
  address: string
  apiUrl?: string
  /** Id that its data folder has had until now: by it, whoever asks again is known. */
  folder: string
  /** See `joinProof`. */
  proof: string
  /** Of its build. */
  version: string
  /** Highest cluster version that its build knows. */
  clusterVersion: number
  tzdata: string
}

/** What it is told: enough to begin as a member, or why not. */
export type JoinReply =
  | { kind: 'joined'; name: string; clusterKey: string; members: { id: string; name: string; address: string }[] }
  /** It never will be with this token. */
  | { kind: 'refused'; why: string; next: string }
  /** Not now: no leader, say. */
  | { kind: 'later'; why: string }

const BYTES_MAX = 65_536

export function encodeJoin(value: JoinRequest | JoinReply): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Reads a request. Throws an `Error` for anything else. */
export function decodeJoinRequest(bytes: Uint8Array): JoinRequest {
  const value = objectOf(bytes)
  const { cluster, member, address, apiUrl, folder, proof, version, clusterVersion, tzdata } = value
  const texts = [cluster, member, address, folder, proof, version, tzdata]
  if (!texts.every(isText) || !Number.isSafeInteger(clusterVersion) || (apiUrl !== undefined && !isText(apiUrl)))
    throw new Error('it is not a request to join')
  return value as unknown as JoinRequest
}

/** Reads a reply. Throws an `Error` for anything else. */
export function decodeJoinReply(bytes: Uint8Array): JoinReply {
  const value = objectOf(bytes)
  const good =
    (value['kind'] === 'joined' &&
      isText(value['name']) &&
      isText(value['clusterKey']) &&
      Array.isArray(value['members'])) ||
    (value['kind'] === 'refused' && isText(value['why']) && isText(value['next'])) ||
    (value['kind'] === 'later' && isText(value['why']))
  if (!good) throw new Error('it is not a reply to a request to join')
  return value as unknown as JoinReply
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1000
}

function objectOf(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > BYTES_MAX) throw new Error('it is too long')
  const value: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (typeof value !== 'object' || value === null) throw new Error('it is not an object')
  return value as Record<string, unknown>
}

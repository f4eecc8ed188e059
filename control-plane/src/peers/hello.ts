import type { Purpose, RefusalCode, Remote, Self } from './options.ts'

/*
 * The first frame of a connection says who dials and what for, the answer who was dialled or why not. Both are JSON of
 * at most 1 KiB, because they are what versions that never met have to understand of each other.
 */
export const HELLO_BYTES_MAX = 1024
export const PROTOCOL = { min: 1, max: 1 }

/** What a connection carries: messages and requests of a member, single requests, or one snapshot. */
export type Channel = 'messages' | 'line' | 'snapshot'

export interface Hello {
  channel: Channel
  purpose: Purpose
  cluster: string | undefined
  member: number
  name: string
  address: string
  boot: string
  build: string
  tzdata: string
  versions: { min: number; max: number }
}

export type Answer = { kind: 'welcome'; remote: Remote } | { kind: 'refused'; code: RefusalCode; reason: string }

const TEXT_MAX = { cluster: 64, name: 63, address: 262, boot: 64, build: 64, tzdata: 32, reason: 500 }
const CHANNELS: readonly unknown[] = ['messages', 'line', 'snapshot'] satisfies Channel[]
const PURPOSES: readonly unknown[] = ['member', 'join', 'bootstrap'] satisfies Purpose[]

export function encodeHello(
  self: Self,
  how: { channel: Channel; purpose: Purpose; versions: Hello['versions'] },
): Buffer {
  return Buffer.from(JSON.stringify({ ...how, ...said(self) }))
}

export function encodeWelcome(self: Self, version: number): Buffer {
  return Buffer.from(JSON.stringify({ welcome: true, version, ...said(self) }))
}

export function encodeRefusal(code: RefusalCode, reason: string): Buffer {
  return Buffer.from(JSON.stringify({ welcome: false, code, reason: reason.slice(0, TEXT_MAX.reason) }))
}

/** Undefined when it is not one. */
export function decodeHello(body: Buffer): Hello | undefined {
  const value = objectOf(body)
  const remote = value && remoteOf(value)
  if (value === undefined || remote === undefined) return undefined
  const { channel, purpose } = value
  const versions = objectIn(value['versions'])
  const { min, max } = versions ?? {}
  if (!CHANNELS.includes(channel) || !PURPOSES.includes(purpose) || !isVersion(min) || !isVersion(max)) return undefined
  return { ...remote, channel: channel as Channel, purpose: purpose as Purpose, versions: { min, max } }
}

/** Undefined when it is not one. */
export function decodeAnswer(body: Buffer): Answer | undefined {
  const value = objectOf(body)
  if (value?.['welcome'] === false) {
    const { code, reason } = value
    if (!isText(code, 32) || !isText(reason, TEXT_MAX.reason)) return undefined
    return { kind: 'refused', code: code as RefusalCode, reason }
  }
  const remote = value && remoteOf(value)
  const version = value?.['version']
  if (value?.['welcome'] !== true || remote === undefined || !isVersion(version)) return undefined
  return { kind: 'welcome', remote: { ...remote, version } }
}

/** The highest version that both speak, or why there is none. */
export function commonVersion(
  own: Hello['versions'],
  other: Hello['versions'],
): { version: number } | { fault: string } {
  const version = Math.min(own.max, other.max)
  if (version >= Math.max(own.min, other.min)) return { version }
  return {
    fault: `it speaks versions ${own.min} to ${own.max} of the protocol between members, and the other node ${other.min} to ${other.max}`,
  }
}

function said(self: Self): object {
  const { cluster, member, name, address = '', boot, build, tzdata } = self
  return { cluster, member, name, address, boot, build, tzdata }
}

function remoteOf(value: Record<string, unknown>): Omit<Remote, 'version'> | undefined {
  const { cluster, member, name, address, boot, build, tzdata } = value
  if (!(cluster === undefined || isText(cluster, TEXT_MAX.cluster))) return undefined
  if (!Number.isSafeInteger(member) || (member as number) < 0) return undefined
  if (!isText(name, TEXT_MAX.name) || !isText(address, TEXT_MAX.address) || !isText(boot, TEXT_MAX.boot))
    return undefined
  if (!isText(build, TEXT_MAX.build) || !isText(tzdata, TEXT_MAX.tzdata)) return undefined
  return { cluster, member: member as number, name, address, boot, build, tzdata }
}

function objectOf(body: Buffer): Record<string, unknown> | undefined {
  try {
    return objectIn(JSON.parse(body.toString('utf8')))
  } catch {
    return undefined
  }
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

import { isObject, type Json, type JsonObject } from './json.ts'

const ID = /^[A-Za-z0-9_-]{1,128}$/
const TOKEN = /^[0-9]{1,20}$/
/** Superseded attempts named by one call. */
const SUPERSEDES_MAX = 1000

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whom a call is for. */
export interface Address {
  namespace: string
  service: string
  executor: string | undefined
}

/** One attempt to run, as the signed body describes it. */
export interface Dispatch extends Address {
  type: 'run.dispatch'
  job: string
  handler: string
  runId: string
  attemptId: string
  supersedes: readonly string[]
  attempt: number
  maxAttempts: number
  trigger: string
  fireTimeMs: number
  lastFireTimeMs: number | undefined
  /** Milliseconds between the sending of the call and its deadline, both by the caller's clock. */
  budgetMs: number
  shard: { index: number; total: number; items: readonly string[] | undefined }
  params: JsonObject
  parent: { runId: string; result: Json } | undefined
  fencingToken: bigint
  /** By the caller's clock. */
  sentMs: number
  /** How long the caller waits before it would rather be told later; absent: as long as it takes. */
  waitMs: number | undefined
  callback: Callback | undefined
}

/** Where an attempt may be reported of later, and with what. The token is a secret. */
export interface Callback {
  url: string
  token: string
  expiresAtMs: number
}

export interface Cancel extends Address {
  type: 'run.cancel'
  attemptId: string
  reason: string
}

export interface Ping extends Address {
  type: 'ping'
  challenge: string
}

export interface ManifestGet extends Address {
  type: 'manifest.get'
}

/** A run did not start, and the service asked to be told. */
export interface Skipped extends Address {
  type: 'run.skipped'
}

/** Every call that the control plane makes. */
export type Message = Dispatch | Cancel | Ping | ManifestGet | Skipped

/** What is wrong with a body, for the person who wrote the caller. */
export class EnvelopeFault extends Error {
  override name = 'EnvelopeFault'
}

/** Reads a verified body; throws an `EnvelopeFault` for one that no control plane would send. Unknown fields are ignored. */
export function parseEnvelope(body: Uint8Array): Message {
  const envelope = parseJson(body)
  const data = object(envelope, 'data')
  const address = {
    namespace: text(data, 'namespace'),
    service: text(data, 'service'),
    executor: optional(data, 'executor', text),
  }
  const { type } = envelope
  switch (type) {
    case 'run.dispatch':
      return { type, ...address, ...dispatchOf(data, moment(envelope, 'timestamp')) }
    case 'run.cancel':
      return { type, ...address, attemptId: id(data, 'attemptId'), reason: text(data, 'reason') }
    case 'ping':
      return { type, ...address, challenge: text(data, 'challenge') }
    case 'manifest.get':
    case 'run.skipped':
      return { type, ...address }
    default:
      throw new EnvelopeFault('/type is unknown')
  }
}

function parseJson(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decoder.decode(body))
    if (isObject(value)) return value
  } catch {
    // Said below: neither bytes that are not UTF-8 nor text that is not JSON deserve more detail.
  }
  throw new EnvelopeFault('the body is not a JSON object in UTF-8')
}

function dispatchOf(data: Record<string, unknown>, sentMs: number): Omit<Dispatch, 'type' | keyof Address> {
  return {
    job: text(data, 'job'),
    handler: text(data, 'handler'),
    runId: id(data, 'runId'),
    attemptId: id(data, 'attemptId'),
    supersedes: idList(data, 'supersedes'),
    attempt: count(data, 'attempt', 1),
    maxAttempts: count(data, 'maxAttempts', 1),
    trigger: text(data, 'trigger'),
    fireTimeMs: moment(data, 'fireTime'),
    lastFireTimeMs: optional(data, 'lastFireTime', moment),
    budgetMs: Math.max(0, moment(data, 'deadline') - sentMs),
    shard: shardOf(object(data, 'shard')),
    params: (optional(data, 'params', object) ?? {}) as JsonObject,
    parent: optional(data, 'parent', parentOf),
    fencingToken: token(data, 'fencingToken'),
    sentMs,
    waitMs: optional(data, 'respond', waitOf),
    callback: optional(data, 'callback', callbackOf),
  }
}

function waitOf(data: Record<string, unknown>, name: string): number | undefined {
  const respond = object(data, name)
  return respond['mode'] === 'auto' ? count(respond, 'waitMs', 0) : undefined
}

function callbackOf(data: Record<string, unknown>, name: string): Callback {
  const callback = object(data, name)
  return { url: text(callback, 'url'), token: text(callback, 'token'), expiresAtMs: moment(callback, 'expiresAt') }
}

function shardOf(shard: Record<string, unknown>): Dispatch['shard'] {
  const total = count(shard, 'total', 1)
  const index = count(shard, 'index', 0)
  if (index >= total) throw new EnvelopeFault('shard/index is not below shard/total')
  const items = optional(shard, 'items', textList)
  return { index, total, items: items?.length === 0 ? undefined : items }
}

function parentOf(data: Record<string, unknown>, name: string): NonNullable<Dispatch['parent']> {
  const parent = object(data, name)
  return { runId: id(parent, 'runId'), result: (parent['result'] ?? null) as Json }
}

/** A field that may be left out, or be null. */
function optional<Value>(
  from: Record<string, unknown>,
  name: string,
  read: (from: Record<string, unknown>, name: string) => Value,
): Value | undefined {
  return from[name] === undefined || from[name] === null ? undefined : read(from, name)
}

function object(from: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = from[name]
  return isObject(value) ? value : fault(name, 'an object')
}

function text(from: Record<string, unknown>, name: string): string {
  const value = from[name]
  return typeof value === 'string' && value !== '' ? value : fault(name, 'text')
}

function id(from: Record<string, unknown>, name: string): string {
  const value = from[name]
  return typeof value === 'string' && ID.test(value) ? value : fault(name, 'an id')
}

function textList(from: Record<string, unknown>, name: string): readonly string[] {
  const value = from[name]
  return isTextList(value) ? value : fault(name, 'a list of text')
}

function idList(from: Record<string, unknown>, name: string): readonly string[] {
  const value = from[name] ?? []
  const valid = isTextList(value) && value.length <= SUPERSEDES_MAX && value.every((entry) => ID.test(entry))
  return valid ? value : fault(name, 'a list of ids')
}

function count(from: Record<string, unknown>, name: string, min: number): number {
  const value = from[name]
  return Number.isSafeInteger(value) && (value as number) >= min ? (value as number) : fault(name, 'a whole number')
}

function moment(from: Record<string, unknown>, name: string): number {
  const value = from[name]
  const ms = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(ms) ? fault(name, 'an RFC 3339 time') : ms
}

function token(from: Record<string, unknown>, name: string): bigint {
  const value = from[name]
  return typeof value === 'string' && TOKEN.test(value) ? BigInt(value) : fault(name, 'a decimal number as text')
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function fault(name: string, expected: string): never {
  throw new EnvelopeFault(`${name} is not ${expected}`)
}

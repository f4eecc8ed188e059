import { createHmac } from 'node:crypto'
import { nat, sample, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createExecutor } from './executor.ts'
import type { Hmac } from './hmac.ts'
import { nodeHmac } from './node-hmac.ts'
import type { RawReply } from './problem.ts'
import { dispatchBody, envelope, NOW, OTHER_SECRET, SECRET, signedHeaders, VirtualClock } from './test-kit.ts'

/** So many in each run of the tests; `CRONCLAVE_FUZZ` sets another number, and `CRONCLAVE_FUZZ_SEED` another seed. */
const REQUESTS = Number(process.env['CRONCLAVE_FUZZ'] ?? 100_000)
const SEED = Number(process.env['CRONCLAVE_FUZZ_SEED'] ?? 1)
const SIGNED = REQUESTS / 10
const FOREIGN_KEY = Buffer.from(OTHER_SECRET.slice('whsec_'.length), 'base64')
const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

interface Call {
  method: string
  headers: Record<string, string | undefined>
  body: Buffer
}
type Mutation = (call: Call, at: number, byte: number) => Call

let handled = 0
let failures = 0
const executor = createExecutor({
  service: 'billing',
  secret: SECRET,
  clock: new VirtualClock(),
  logger: {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: () => failures++,
  },
}).job('report', () => ++handled)

const originals = [
  dispatchBody(),
  dispatchBody({
    attemptId: 'run2-1-3',
    params: { city: '天津 😀' },
    shard: { index: 1, total: 3, items: ['a', 'b'] },
  }),
  envelope('run.cancel', { runId: 'run1', attemptId: 'run1-0-1', reason: 'cancelled' }),
  envelope('ping', { challenge: 'abc' }),
  envelope('manifest.get', {}),
].map((text): Call => {
  const id = (JSON.parse(text) as { data: { attemptId?: string } }).data.attemptId ?? 'msg1'
  return { method: 'POST', headers: signedHeaders(id, text), body: Buffer.from(text) }
})

/** What is done to a call after it was signed. Each leaves something that the signature does not cover any more. */
const MUTATIONS: Record<string, Mutation> = {
  'a byte of the body': (call, at, byte) => withBody(call, (body) => changeByte(body, at, byte)),
  'a byte less': (call, at) => withBody(call, (body) => cut(body, at % body.length, 1)),
  'a byte more': (call, at, byte) => withBody(call, (body) => insert(body, at % (body.length + 1), Buffer.of(byte))),
  'the body cut': (call, at) => withBody(call, (body) => body.subarray(0, at % body.length)),
  'the body twice': (call) => withBody(call, (body) => Buffer.concat([body, body])),
  'another body': (call, at) => withBody(call, (body) => otherThan(body, at)),
  'random bytes': (call, at, byte) => withBody(call, () => noise(at, byte)),
  'a mark before the body': (call) => withBody(call, (body) => insert(body, 0, Buffer.of(0xef, 0xbb, 0xbf))),
  'a header missing': (call, at) => withHeader(call, at, () => undefined),
  'a header empty': (call, at) => withHeader(call, at, () => ''),
  'a character of a header': (call, at, byte) => withHeader(call, at, (value) => changeText(value, at, byte)),
  'a header cut': (call, at) => withHeader(call, at, (value) => value.slice(0, at % value.length)),
  'headers exchanged': (call, at) => exchanged(call, at),
  'another time': (call, at, byte) =>
    withTimestamp(call, (seconds) => `${seconds + ((at % 2000) - 1000 || 1) * (byte + 1)}`),
  'a time that is none': (call, at) =>
    withTimestamp(call, (seconds) => ODD_TIMES[at % ODD_TIMES.length]?.(seconds) ?? ''),
  'a signature of another call': (call, at) => ({ ...call, headers: { ...call.headers, ...signatureOf(call, at) } }),
  'a foreign key': (call, at, byte) => foreign(call, at, byte),
  'another version': (call, at) =>
    withSignature(call, (one) => one.replace('v1,', ODD_VERSIONS[at % ODD_VERSIONS.length] ?? '')),
  'a signature in another alphabet': (call) => withSignature(call, (one) => `v1,${toHex(one.slice(3))}`),
  'many signatures, none of them right': (call, at) => withSignature(call, (one) => many(one, at)),
  'another method': (call, at) => ({ ...call, method: ['GET', 'PUT', 'post', 'PATCH', 'TRACE', ''][at % 6] ?? '' }),
}
const ODD_TIMES: ((seconds: number) => string)[] = [
  (seconds) => `${seconds}000`,
  (seconds) => `${seconds}.0`,
  (seconds) => `+${seconds}`,
  (seconds) => `0x${seconds.toString(16)}`,
  (seconds) => ` ${seconds}`,
  (seconds) => `${seconds}e0`,
  (seconds) => `0${seconds}`,
  () => 'NaN',
  () => '-1',
  () => '9'.repeat(400),
]
const ODD_VERSIONS = ['v1a,', 'v2,', 'V1,', ',', 'v1 ', 'v1,v1,', 'v1=', '']

test(`of ${REQUESTS} mutated calls none is accepted, by WebCrypto or by node:crypto, and none is more than the executor can bear`, {
  timeout: 120_000,
}, async () => {
  const names = Object.keys(MUTATIONS)
  const taken: string[] = []
  const seen = new Set<number>()
  let refused = 0
  for (const [which, at, byte, name] of samples(names.length)) {
    const original = originals[which % originals.length] as Call
    const mutation = names[name] ?? ''
    const call = (MUTATIONS[mutation] as Mutation)(original, at, byte)
    const [{ status }, { status: byNode }] = [await deliver(call), await deliver(call, nodeHmac)]
    seen.add(status)
    if (status < 400 || status >= 500) taken.push(`${mutation} ${which}/${at}/${byte}: ${status}`)
    else if (byNode !== status) taken.push(`${mutation} ${which}/${at}/${byte}: ${byNode} of node:crypto`)
    else refused++
  }
  expect(taken).toEqual([])
  expect(refused).toBe(REQUESTS)
  expect(handled).toBe(0)
  expect(failures).toBe(0)
  expect(seen).toEqual(new Set([401, 405]))
})

test('nor is one of those that can be sent over HTTP', { timeout: 60_000 }, async () => {
  const names = Object.keys(MUTATIONS).filter((name) => name !== 'another method')
  const taken: string[] = []
  let sent = 0
  for (const [which, at, byte, name] of samples(names.length, REQUESTS / 20)) {
    const mutation = names[name] ?? ''
    const call = (MUTATIONS[mutation] as Mutation)(originals[which % originals.length] as Call, at, byte)
    const request = requestOf(call)
    if (!request) continue
    sent++
    const { status } = await executor.fetch(request)
    if (status !== 401) taken.push(`${mutation} ${which}/${at}/${byte}: ${status}`)
  }
  expect(taken).toEqual([])
  expect(sent).toBeGreaterThan(REQUESTS / 25)
  expect(handled).toBe(0)
})

test('the calls that are mutated are good ones', async () => {
  for (const original of originals) {
    for (const hmac of [undefined, nodeHmac]) expect((await deliver(original, hmac)).status).toBe(200)
  }
  expect(handled).toBe(2)
})

describe('what a key was stolen for', () => {
  test(`${SIGNED} signed bodies that make no sense crash nothing`, { timeout: 60_000 }, async () => {
    const crashed: string[] = []
    let number = 0
    for (const [which, at, byte, name] of samples(JSON_MUTATIONS.length, SIGNED)) {
      const { body } = originals[which % originals.length] as Call
      const mutated = JSON_MUTATIONS[name]?.(body, at, byte) ?? body
      const id = idOf(mutated) ?? `m${number++}`
      const { status } = await deliver({ method: 'POST', headers: signedHeaders(id, mutated), body: mutated })
      if (status >= 500) crashed.push(mutated.toString('latin1'))
    }
    expect(crashed).toEqual([])
    expect(failures).toBe(0)
  })
})

/** Values that no field expects. */
const ODD_VALUES: unknown[] = [null, true, -1, 0.5, 1e308, '', 'x'.repeat(5000), [], {}, [[]], '\u0000', '__proto__']

const JSON_MUTATIONS: ((body: Buffer, at: number, byte: number) => Buffer)[] = [
  (body, at, byte) => changeByte(body, at, byte),
  (body, at) => body.subarray(0, at % body.length),
  (_, at, byte) => noise(at, byte),
  (body, at, byte) => withField(body, at, () => ODD_VALUES[byte % ODD_VALUES.length]),
  (body, at) => withField(body, at, () => undefined),
  (_, at) => Buffer.from('['.repeat(at % 50_000)),
  (body, at) => Buffer.from(body.toString().replace('"data":{', `"data":{"__proto__":{"type":"ping"},"${at}":1,`)),
]

function withField(body: Buffer, at: number, change: () => unknown): Buffer {
  const message = JSON.parse(body.toString()) as { data: Record<string, unknown> } & Record<string, unknown>
  const fields = [...Object.keys(message.data).map((name) => [message.data, name] as const), [message, 'data'] as const]
  const [of, name] = fields[at % fields.length] ?? [message, 'type']
  of[name] = change()
  return Buffer.from(JSON.stringify(message))
}

function idOf(body: Buffer): string | undefined {
  try {
    const { attemptId } = (JSON.parse(body.toString()) as { data: { attemptId?: unknown } }).data
    return typeof attemptId === 'string' && /^[\x21-\x7e]{1,200}$/.test(attemptId) ? attemptId : undefined
  } catch {
    return undefined
  }
}

function* samples(names: number, count = REQUESTS): Iterable<[number, number, number, number]> {
  const numbers = tuple(nat(1000), nat(1_000_000), nat(255), nat(names - 1))
  yield* sample(numbers, { numRuns: count, seed: SEED })
}

function deliver({ method, headers, body }: Call, hmac?: Hmac): Promise<RawReply> {
  return executor.receive({ method, body, hmac, header: (name) => headers[name] })
}

/** The call as a request; nothing when a header holds what HTTP cannot carry, or loses a space at its end. */
function requestOf({ method, headers, body }: Call): Request | undefined {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  if (given.some(([, value]) => !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))) return undefined
  return new Request('http://executor/', { method, headers: given, body: new Uint8Array(body) })
}

function withBody(call: Call, change: (body: Buffer) => Buffer): Call {
  return { ...call, body: change(call.body) }
}

function withHeader(call: Call, at: number, change: (value: string) => string | undefined): Call {
  const name = HEADERS[at % HEADERS.length] ?? 'webhook-id'
  return { ...call, headers: { ...call.headers, [name]: change(call.headers[name] ?? '') } }
}

function withTimestamp(call: Call, change: (seconds: number) => string): Call {
  return { ...call, headers: { ...call.headers, 'webhook-timestamp': change(Math.floor(NOW / 1000)) } }
}

function withSignature(call: Call, change: (signature: string) => string): Call {
  return { ...call, headers: { ...call.headers, 'webhook-signature': change(call.headers['webhook-signature'] ?? '') } }
}

/** Never leaves the byte as it was. */
function changeByte(body: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(body)
  const place = at % body.length
  changed[place] = (body[place] ?? 0) ^ (byte || 1)
  return changed
}

function changeText(value: string, at: number, byte: number): string {
  const place = at % value.length
  const code = value.charCodeAt(place) ^ (byte % 128 || 1)
  return value.slice(0, place) + String.fromCharCode(code) + value.slice(place + 1)
}

function cut(body: Buffer, at: number, count: number): Buffer {
  return Buffer.concat([body.subarray(0, at), body.subarray(at + count)])
}

function insert(body: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)])
}

function otherThan(body: Buffer, at: number): Buffer {
  const others = originals.filter((call) => !call.body.equals(body))
  return others[at % others.length]?.body ?? Buffer.alloc(0)
}

function signatureOf(call: Call, at: number): Pick<Call['headers'], string> {
  const others = originals.filter((other) => other !== call)
  return { 'webhook-signature': others[at % others.length]?.headers['webhook-signature'] }
}

function exchanged(call: Call, at: number): Call {
  const [one, other] = at % 2 === 0 ? ([HEADERS[0], HEADERS[1]] as const) : ([HEADERS[1], HEADERS[2]] as const)
  const { [one]: first, [other]: second } = call.headers
  return { ...call, headers: { ...call.headers, [one]: second, [other]: first } }
}

/** Signed rightly, also for another time, by whoever has not the key. */
function foreign(call: Call, at: number, byte: number): Call {
  const timestamp = String(Math.floor(NOW / 1000) + (byte % 100))
  const key = at % 3 === 0 ? Buffer.alloc(32) : at % 3 === 1 ? FOREIGN_KEY : Buffer.from(SECRET)
  const mac = createHmac('sha256', key).update(`${call.headers['webhook-id']}.${timestamp}.`).update(call.body)
  const signature = `v1,${mac.digest('base64')}`
  return { ...call, headers: { ...call.headers, 'webhook-timestamp': timestamp, 'webhook-signature': signature } }
}

function many(signature: string, at: number): string {
  const wrong = changeText(signature.slice(3, -1), at, 3)
  // The right one, where nobody looks any more.
  return `${Array.from({ length: 8 }, () => `v1,${wrong}=`).join(' ')} ${signature}`
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex')
}

function noise(at: number, byte: number): Buffer {
  return Buffer.from(Array.from({ length: at % 300 }, (_, place) => (at * 31 + place * byte * 17) % 256))
}

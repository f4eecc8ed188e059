/**
 * Writes messages.json: bodies that are messages of the control plane, and bodies that are none, for executors in any
 * language: `npx tsx test/vectors/make-messages.ts > test/vectors/messages.json`
 */

/** An entry of messages.json. The executor is `billing-1` of service `billing` in namespace `default`, with a handler `report`. */
export interface MessageVector {
  name: string
  /** Of the call; a dispatch has that of its attempt. */
  webhookId: string
  /** Text, or bytes in base64 where they are no text. */
  body?: string
  bodyBase64?: string
  /** What a rightly signed call with this body is answered. */
  status: number
  /** Of the reply, when that is 200. */
  type?: string
  /** Of the problem, when it is not. */
  code?: string
}

const AT = '2027-01-15T08:00:00.000Z'
const ADDRESS = { cluster: 'c1', namespace: 'default', service: 'billing', executor: 'billing-1' }
const RUN = {
  ...ADDRESS,
  job: 'nightly',
  handler: 'report',
  runId: 'run1',
  supersedes: [],
  attempt: 1,
  maxAttempts: 4,
  trigger: 'schedule',
  fireTime: '2027-01-15T16:00:00+08:00',
  deadline: '2027-01-15T08:01:00.000Z',
  shard: { index: 0, total: 1 },
  params: {},
  fencingToken: '18446744073709551615',
}
let number = 0

function dispatch(change: Record<string, unknown> = {}): { webhookId: string; body: string } {
  const attemptId = `run1-0-${++number}`
  return { webhookId: attemptId, body: text('run.dispatch', { ...RUN, attemptId, ...change }) }
}

function message(type: unknown, data: unknown): { webhookId: string; body: string } {
  return { webhookId: `msg${++number}`, body: text(type, data) }
}

function text(type: unknown, data: unknown): string {
  return JSON.stringify({ type, timestamp: AT, data })
}

function without(name: keyof typeof RUN): Record<string, unknown> {
  return { [name]: undefined }
}

const runs = (name: string, change?: Record<string, unknown>): MessageVector => {
  return { name, ...dispatch(change), status: 200, type: 'run.result' }
}
const invalid = (name: string, of: { webhookId: string; body: string }): MessageVector => {
  return { name, ...of, status: 422, code: 'invalid-call' }
}
const raw = (name: string, bytes: Buffer): MessageVector => {
  const webhookId = `msg${++number}`
  return { name, webhookId, bodyBase64: bytes.toString('base64'), status: 422, code: 'invalid-call' }
}
const ask = (type: string, reply: string, data: object = {}): MessageVector => {
  return { name: type, ...message(type, { ...ADDRESS, ...data }), status: 200, type: reply }
}
const elsewhere = (name: string, change: object): MessageVector => {
  return { name, ...dispatch({ ...change }), status: 421, code: 'wrong-executor' }
}

const vectors: MessageVector[] = [
  runs('a dispatch'),
  runs('a shard with items', { shard: { index: 1, total: 3, items: ['tianjin', '上海'] } }),
  runs('a shard of ten thousand', { shard: { index: 9999, total: 10_000 } }),
  runs('parameters of every kind', { params: { n: -1.5e3, t: true, z: null, l: [1, ['a']], o: { 天津: '😀' } } }),
  runs('an earlier fire, a parent, a callback', {
    lastFireTime: '2027-01-14T16:00:00+08:00',
    parent: { runId: 'p1', result: { rows: 3 } },
    callback: { url: 'https://c.example/v1/attempts/a', token: 'secret', expiresAt: '2027-01-16T08:00:00.000Z' },
  }),
  runs('fields that are not known', { someday: { new: true }, shard: { index: 0, total: 1, weight: 2 } }),
  runs('an executor that is not named', without('executor')),
  runs('a deadline that has passed', { deadline: '2027-01-15T07:59:59.000Z' }),
  runs('attempts that it stands for', { supersedes: ['run0-0-1', 'run0-0-2'] }),
  ask('ping', 'pong', { challenge: 'abc' }),
  ask('manifest.get', 'manifest'),
  ask('run.cancel', 'run.cancelled', { runId: 'run1', attemptId: 'run9-0-1', reason: 'cancelled' }),
  ask('run.skipped', 'run.noted', { job: 'nightly', reason: 'overlap' }),
  elsewhere('another namespace', { namespace: 'tenant' }),
  elsewhere('another service', { service: 'mail' }),
  elsewhere('a service in other letters', { service: 'Billing' }),
  elsewhere('another executor', { executor: 'billing-2' }),
  { name: 'an unknown handler', ...dispatch({ handler: 'nothing' }), status: 404, code: 'handler-not-found' },
  {
    name: 'a handler of every object',
    ...dispatch({ handler: 'constructor' }),
    status: 404,
    code: 'handler-not-found',
  },
  invalid('an attempt under another id', { ...dispatch(), webhookId: 'run1-0-other' }),
  invalid('an unknown type', message('run.unknown', ADDRESS)),
  invalid('a type that is no text', message(['ping'], { ...ADDRESS, challenge: 'abc' })),
  invalid('no data', message('ping', undefined)),
  invalid('data that is a list', message('ping', [ADDRESS])),
  invalid('a ping without a challenge', message('ping', ADDRESS)),
  ...(['namespace', 'service', 'job', 'handler', 'runId', 'attempt', 'fireTime', 'deadline', 'shard'] as const).map(
    (name) => invalid(`a dispatch without ${name}`, dispatch(without(name))),
  ),
  invalid('a fencing token that is a number', dispatch({ fencingToken: 7 })),
  invalid('a fencing token that is negative', dispatch({ fencingToken: '-7' })),
  invalid('an attempt numbered 0', dispatch({ attempt: 0 })),
  invalid('an attempt numbered 1.5', dispatch({ attempt: 1.5 })),
  invalid('a shard that is not below the total', dispatch({ shard: { index: 3, total: 3 } })),
  invalid('a shard below 0', dispatch({ shard: { index: -1, total: 3 } })),
  invalid('items that are numbers', dispatch({ shard: { index: 0, total: 1, items: [1] } })),
  invalid('parameters that are a list', dispatch({ params: [] })),
  invalid('a fire time that is no RFC 3339', dispatch({ fireTime: 'yesterday' })),
  invalid('an id with a dot', dispatch({ runId: 'run.1' })),
  raw('nothing', Buffer.alloc(0)),
  raw('bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
  raw('JSON that was cut', Buffer.from('{"type":"ping"')),
  raw('JSON that is no object', Buffer.from('"ping"')),
  raw('JSON after a byte order mark', Buffer.from(`\ufeff${text('ping', { ...ADDRESS, challenge: 'abc' })}`)),
  raw('brackets, five thousand deep', Buffer.from('['.repeat(5000))),
]

console.log(JSON.stringify({ description: 'Messages to executors: docs/conformance-kit.md', vectors }, undefined, 2))

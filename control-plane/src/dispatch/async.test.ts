import type { IncomingHttpHeaders } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { callbackToken, deriveCallbackKey, readCallbackToken } from '../signing/callback-token.ts'
import { callbacksAt } from './callback.ts'
import { type Bench, benchWith, bodyOf, closeAll, httpTarget, listenHttp, opened, SECRET } from './fixtures.ts'
import { HTTP_LEASE_MS } from './outcome.ts'

const key = deriveCallbackKey(Buffer.alloc(32, 7))
const callbackOf = callbacksAt('https://cron.example.com', key)
const later = httpTarget({ method: 'POST', service: 'billing', path: '/work', async: true })

interface Got {
  headers: IncomingHttpHeaders
  body: string
}

afterEach(closeAll)

/** A service that answers everything with this status and remembers what it got. */
async function serviceThat(status: number, body?: object): Promise<{ bench: Bench; got: Got[] }> {
  const got: Got[] = []
  const listener: Parameters<typeof benchWith>[0] = (request, response) => {
    void bodyOf(request).then((text) => {
      got.push({ headers: request.headers, body: text })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
  return { bench: await benchWith(listener, { callbackOf }), got }
}

describe('an http target that may answer later', () => {
  test('S071 S072 is told where and with what, in headers that are signed, and accepts with 202', async () => {
    const { bench, got } = await serviceThat(202)
    const attempt = bench.start(later, 'e1')
    expect(await bench.end(attempt)).toBeUndefined()
    expect(bench.leases).toEqual([[attempt, HTTP_LEASE_MS]])
    const { headers, body } = got[0] as Got
    expect(headers['cronclave-callback-url']).toBe(`https://cron.example.com/v1/attempts/${attempt}`)
    const claims = readCallbackToken(key, String(headers['cronclave-callback-token']), 0)
    expect(claims).toMatchObject({ attempt, fencingToken: 184467 })
    expect(() => new Webhook(SECRET).verify(body || '', headers as Record<string, string>)).not.toThrow()
  })

  test.each([
    [202, [], 'accepted'],
    [200, [], 'succeeded'],
    [201, [201], 'accepted'],
    [202, [201], 'succeeded'],
    [500, [], 'failed'],
  ])('that answers %i, with %j accepting, has %s', async (status, acceptStatuses, expected) => {
    const { bench } = await serviceThat(status)
    const attempt = bench.start({ ...later, acceptStatuses }, 'e1', { spec: { failover: false } })
    expect((await bench.end(attempt))?.outcome ?? 'accepted').toBe(expected)
  })

  test('is told nothing of the kind when it is not to answer later, and 202 is a success', async () => {
    const { bench, got } = await serviceThat(202)
    const attempt = bench.start({ ...later, async: false }, 'e1')
    expect((await bench.end(attempt))?.outcome).toBe('succeeded')
    expect(Object.keys(got[0]?.headers ?? {}).filter((name) => name.includes('callback'))).toEqual([])
  })

  test('that sends the call elsewhere does not give the token away', async () => {
    let seen: IncomingHttpHeaders | undefined
    const other = await listenHttp((request, response) => {
      seen = request.headers
      response.writeHead(204).end()
    })
    opened.push(other)
    const bench = await benchWith(
      (_request, response) => response.writeHead(307, { location: `${other.url}else` }).end(),
      { callbackOf },
    )
    const attempt = bench.start({ ...later, redirectMax: 1 }, 'e1')
    await bench.end(attempt)
    expect(Object.keys(seen ?? {}).filter((name) => name.startsWith('cronclave-'))).toEqual([])
  })
})

test('a handler is told where and with what in the signed body', async () => {
  const { bench, got } = await serviceThat(202, { accepted: true, leaseTtlMs: 5000 })
  const attempt = bench.start({ kind: 'handler', service: 'billing', handler: 'report' }, 'e1')
  expect(await bench.end(attempt)).toBeUndefined()
  expect(bench.leases).toEqual([[attempt, 5000]])
  const { data } = JSON.parse(got[0]?.body ?? '') as { data: { callback: Record<string, string>; respond: object } }
  const { callback } = data
  expect(data.respond).toEqual({ mode: 'auto', waitMs: 25_000 })
  expect(callback.url).toBe(`https://cron.example.com/v1/attempts/${attempt}`)
  const claims = readCallbackToken(key, callback.token ?? '', 0)
  expect(callback.expiresAt).toBe(new Date(claims?.expiresAt ?? 0).toISOString())
  expect(callback.token).toBe(callbackToken(key, claims as NonNullable<typeof claims>))
})

describe('an accepted attempt that is to stop', () => {
  async function acceptedBy(node: string, { leads = true, target = later } = {}) {
    const got: Got[] = []
    let told: (got: Got) => void = () => undefined
    const stopped = new Promise<Got>((resolve) => {
      told = resolve
    })
    const bench = await benchWith(
      (request, response) =>
        void bodyOf(request).then((body) => {
          got.push({ headers: request.headers, body })
          response.writeHead(body.includes('run.cancel') ? 200 : 202).end()
          if (body.includes('run.cancel')) told({ headers: request.headers, body })
        }),
      { leads: () => leads },
    )
    const id = bench.start(target, 'e1')
    await bench.end(id)
    const run = bench.state.runs.get(bench.state.attempts.get(id) ?? '')
    const shard = run?.shards[0]
    if (!run || !shard?.attempt) throw new Error('no attempt')
    const attempt = { ...shard.attempt, id: `${id}x`, node, acceptedAt: 1, leaseUntil: 2 }
    return { bench, got, stopped, left: { run, shard, attempt } }
  }

  test('gets a signed run.cancel at the URL of its executor, although its path is another', async () => {
    const { bench, stopped, left } = await acceptedBy('n1')
    bench.dispatcher.abort(left.attempt.id.slice(0, -1), 'cancelled', left)
    const { headers, body } = await stopped
    expect(JSON.parse(body)).toMatchObject({ type: 'run.cancel', data: { reason: 'cancelled', service: 'billing' } })
    expect(() => new Webhook(SECRET).verify(body, headers as Record<string, string>)).not.toThrow()
  })

  test('gets it from the leader when the node that called has gone', async () => {
    const { bench, stopped, left } = await acceptedBy('n9')
    bench.dispatcher.abort(left.attempt.id, 'timed-out', left)
    expect(JSON.parse((await stopped).body)).toMatchObject({
      data: { attemptId: left.attempt.id, reason: 'timed-out' },
    })
  })

  test('is not told by others while the node that called is there, nor by one that does not lead', async () => {
    const follower = await acceptedBy('n9', { leads: false })
    follower.bench.dispatcher.abort(follower.left.attempt.id, 'cancelled', follower.left)
    const leader = await acceptedBy('n2')
    leader.bench.state.nodes.set('n2', { incarnation: leader.left.attempt.incarnation })
    leader.bench.dispatcher.abort(leader.left.attempt.id, 'cancelled', leader.left)
    const last = await acceptedBy('n9')
    last.bench.dispatcher.abort(last.left.attempt.id, 'cancelled', last.left)
    await last.stopped
    expect([follower.got.length, leader.got.length]).toEqual([1, 1])
  })
})

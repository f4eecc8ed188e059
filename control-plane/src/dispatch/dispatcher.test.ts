import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { createEgressPolicy } from './egress.ts'
import {
  answer,
  benchWith,
  bodyOf,
  closeAll,
  executor,
  httpTarget,
  listenHttp,
  openAttempt,
  opened,
  SECRET,
} from './fixtures.ts'
import { createHttp } from './http.ts'

const handler = { kind: 'handler', service: 'billing', handler: 'report' } as const

afterEach(closeAll)

/** A server that holds every request until it is let go. */
function holding() {
  const held: (() => void)[] = []
  const seen: string[] = []
  const arrivals: (() => void)[] = []
  return {
    held,
    seen,
    listener: (request: IncomingMessage, response: ServerResponse) => {
      seen.push(String(request.headers['webhook-id']))
      held.push(() => void answer(request, response))
      arrivals.shift()?.()
    },
    async arrived(count: number) {
      while (seen.length < count) await new Promise<void>((resolve) => arrivals.push(resolve))
    },
  }
}

describe('many at once', () => {
  test('no more than the limit are under way, and the others follow in order', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 2 })
    const attempts = Array.from({ length: 6 }, () => bench.start(handler, 'e1'))
    await server.arrived(2)
    expect(bench.dispatcher).toMatchObject({ inFlight: 2, waiting: 4 })
    for (let done = 1; done <= 6; done++) {
      server.held[done - 1]?.()
      expect(await bench.end(attempts[done - 1] ?? '')).toMatchObject({ outcome: 'succeeded' })
      await server.arrived(Math.min(done + 2, 6))
      expect(bench.dispatcher.inFlight).toBe(Math.min(2, 6 - done))
    }
    expect(server.seen).toEqual(attempts)
  })

  test('an origin without a free connection holds back only its own', async () => {
    const slow = holding()
    const http = createHttp({ egress: createEgressPolicy({ allowLoopback: true }), connectionsPerOriginMax: 2 })
    const bench = await benchWith(slow.listener, { concurrencyMax: 4, http })
    const fast = await listenHttp((request, response) => void answer(request, response))
    opened.push(fast)
    bench.state.executors.get(2)?.set('fast', executor('fast', { url: fast.url }))
    const stuck = Array.from({ length: 10 }, () => bench.start(handler, 'e1'))
    for (let i = 0; i < 20; i++)
      expect(await bench.end(bench.start(handler, 'fast'))).toMatchObject({ outcome: 'succeeded' })
    expect(bench.dispatcher).toMatchObject({ inFlight: 2, waiting: 8 })
    for (let i = 0; i < 10; i++) {
      await slow.arrived(i + 1)
      slow.held[i]?.()
      await bench.end(stuck[i] ?? '')
    }
    expect(slow.seen).toEqual(stuck)
  })

  test('beyond queueMax an attempt is refused at once', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 1, queueMax: 1 })
    const attempts = Array.from({ length: 3 }, () => bench.start(handler, 'e1'))
    expect(await bench.end(attempts[2] ?? '')).toMatchObject({
      outcome: 'refused',
      error: { code: 'dispatch-queue-full' },
    })
    expect(bench.dispatcher).toMatchObject({ inFlight: 1, waiting: 1 })
  })

  test('a deadline that passes in the queue ends the attempt, and it is certain that nothing was sent', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 1 })
    bench.start(handler, 'e1')
    const finish = await bench.end(bench.start(handler, 'e1', { timeoutMs: 60 }))
    expect(finish).toMatchObject({ outcome: 'refused', retryable: true, error: { code: 'dispatch-timeout' } })
    expect(finish).not.toHaveProperty('sentAt')
    expect(finish).not.toHaveProperty('connectionFailed')
    expect(server.seen).toHaveLength(1)
  })

  test('as many runs as a namespace has slots may last, and the short ones of others go on', async () => {
    const slow = await Promise.all(Array.from({ length: 8 }, () => listenHttp(() => undefined)))
    opened.push(...slow)
    const bench = await benchWith((request, response) => void answer(request, response))
    slow.forEach(({ url }, i) => bench.state.executors.get(2)?.set(`slow${i}`, executor(`slow${i}`, { url })))
    for (let i = 0; i < 1000; i++) bench.start(handler, `slow${i % 8}`)
    expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({ outcome: 'succeeded' })
    expect(bench.finishes).toHaveLength(1)
  })

  test('a connection that a redirected call or a cancellation gives back goes to the call that waits for it', async () => {
    const http = createHttp({ egress: createEgressPolicy({ allowLoopback: true }), connectionsPerOriginMax: 1 })
    const slow = holding()
    const bench = await benchWith(slow.listener, { http })
    const from = await listenHttp((_, response) => {
      response.writeHead(307, { location: opened[0]?.url ?? '' }).end()
    })
    opened.push(from)
    const body = '{"data":{"runId":"r","attemptId":"a"}}'
    bench.start(httpTarget({ method: 'POST', url: from.url, redirectMax: 1, body }), '-')
    await slow.arrived(1)
    const waiting = bench.start(handler, 'e1')
    expect(bench.dispatcher).toMatchObject({ inFlight: 1, waiting: 1 })
    slow.held[0]?.()
    await slow.arrived(2)
    const next = bench.start(handler, 'e1')
    bench.dispatcher.abort(waiting, 'cancelled')
    await slow.arrived(3)
    slow.held[2]?.()
    await slow.arrived(4)
    slow.held[3]?.()
    expect(await bench.end(next)).toMatchObject({ outcome: 'succeeded' })
  })

  test('work that may not be done twice never goes over a connection that the other side may be closing', async () => {
    const ports: (number | undefined)[] = []
    const bench = await benchWith((request, response) => {
      ports.push(request.socket.remotePort)
      void answer(request, response)
    })
    const spec = { onUncertain: 'fail' } as const
    for (const change of [{}, {}, { spec }, { spec }]) await bench.end(bench.start(handler, 'e1', change))
    expect(ports[1]).toBe(ports[0])
    expect(new Set(ports).size).toBe(3)
  })
})

describe('what is not sent', () => {
  test('an attempt that has ended in the meantime, in silence', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 1 })
    const [first = '', second = '', third = ''] = Array.from({ length: 3 }, () => bench.start(handler, 'e1'))
    await server.arrived(1)
    bench.state.runs.delete('run2')
    bench.state.attempts.delete(second)
    server.held[0]?.()
    await bench.end(first)
    await server.arrived(2)
    expect(server.seen).toEqual([first, third])
    expect(bench.finishes.map(({ attempt }) => attempt)).toEqual([first])
  })

  test('an attempt whose node lost touch with the cluster while the connection was made', async () => {
    let asked = 0
    const bench = await benchWith(() => expect.unreachable(), { inTouch: () => asked++ === 0 })
    const finish = await bench.end(bench.start(handler, 'e1'))
    expect(finish).toMatchObject({ outcome: 'refused', error: { code: 'no-leader' } })
    expect(finish).not.toHaveProperty('sentAt')
    expect(asked).toBe(2)
    expect(bench.dispatcher).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('what waits when leadership is lost', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 1 })
    const first = bench.start(handler, 'e1')
    await server.arrived(1)
    const second = bench.start(handler, 'e1')
    bench.dispatcher.releaseUnsent()
    expect(await bench.end(second)).toMatchObject({ outcome: 'refused', error: { code: 'no-leader' } })
    server.held[0]?.()
    expect(await bench.end(first)).toMatchObject({ outcome: 'succeeded' })
  })

  test('an attempt of another node or incarnation, or one that is here already', async () => {
    const bench = await benchWith(() => expect.unreachable())
    const id = bench.start(handler, 'e1')
    bench.dispatcher.abort(id, 'cancelled')
    for (const change of [{ node: 'n2' }, { incarnation: 2 }]) {
      bench.dispatcher.start({ run: 'run1', shard: 0, attempt: openAttempt('run1', change) })
    }
    expect(bench.dispatcher).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('an attempt whose executor has gone is refused', async () => {
    const bench = await benchWith(() => expect.unreachable())
    expect(await bench.end(bench.start(handler, 'e9'))).toMatchObject({
      outcome: 'refused',
      error: { code: 'executor-gone' },
    })
  })
})

describe('cancelling', () => {
  test('closes the connection and reports it while the attempt is open', async () => {
    const closed: Promise<unknown>[] = []
    const server = holding()
    const bench = await benchWith((request, response) => {
      closed.push(once(response, 'close'))
      server.listener(request, response)
    })
    const attempt = bench.start(handler, 'e1')
    await server.arrived(1)
    bench.dispatcher.abort(attempt, 'cancelled')
    expect(await bench.end(attempt)).toMatchObject({ outcome: 'cancelled', error: { code: 'cancelled' } })
    await Promise.all(closed)
    expect(closed).toHaveLength(1)
    expect(bench.dispatcher.inFlight).toBe(0)
  })

  test('says nothing of an attempt that has ended already, and lets the next one go', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 1 })
    const [first, second] = [bench.start(handler, 'e1'), bench.start(handler, 'e1')] as const
    await server.arrived(1)
    bench.state.attempts.delete(first)
    bench.dispatcher.abort(first, 'timed-out')
    // The second dispatch, and the word to the executor that it should stop the first.
    await server.arrived(3)
    server.held[1]?.()
    server.held[2]?.()
    await bench.end(second)
    expect(bench.finishes.map(({ attempt }) => attempt)).toEqual([second])
  })

  test.each([
    ['accepted', true],
    ['under way', false],
  ])('of an attempt that is %s is a signed run.cancel to the executor', async (_, accepts) => {
    let arrived: (() => void) | undefined
    const dispatched = new Promise<void>((resolve) => (arrived = resolve))
    let cancelled: ((got: { headers: IncomingHttpHeaders; body: string }) => void) | undefined
    const message = new Promise<{ headers: IncomingHttpHeaders; body: string }>((resolve) => (cancelled = resolve))
    const bench = await benchWith((request, response) => {
      void bodyOf(request).then((body) => {
        const dispatch = body.includes('run.dispatch')
        if (!dispatch || accepts) response.writeHead(dispatch ? 202 : 200).end('{"accepted":true,"leaseTtlMs":5000}')
        if (dispatch) arrived?.()
        else cancelled?.({ headers: request.headers, body })
      })
    })
    const attempt = bench.start(handler, 'e1')
    await dispatched
    if (accepts) await bench.end(attempt)
    bench.dispatcher.abort(attempt, 'timed-out')
    const { headers, body } = await message
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'run.cancel',
      data: {
        cluster: 'c1',
        namespace: 'default',
        service: 'billing',
        executor: 'e1',
        runId: 'run1',
        attemptId: attempt,
        reason: 'timed-out',
      },
    })
    expect(headers['webhook-id']).not.toBe(attempt)
  })
})

describe('stopping', () => {
  test('lets requests under way finish and gives back what was not sent', async () => {
    const server = holding()
    const bench = await benchWith(server.listener, { concurrencyMax: 1 })
    const [first, second] = [bench.start(handler, 'e1'), bench.start(handler, 'e1')] as const
    await server.arrived(1)
    const stopped = bench.dispatcher.stop(10_000)
    expect(await bench.end(second)).toMatchObject({ outcome: 'refused', error: { code: 'node-stopping' } })
    server.held[0]?.()
    await stopped
    expect(await bench.end(first)).toMatchObject({ outcome: 'succeeded' })
    bench.start(handler, 'e1')
    expect(bench.dispatcher).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('closes what is not over in time: uncertain', async () => {
    const server = holding()
    const bench = await benchWith(server.listener)
    const attempt = bench.start(handler, 'e1')
    await server.arrived(1)
    await bench.dispatcher.stop(0)
    expect(await bench.end(attempt)).toMatchObject({ outcome: 'uncertain', error: { code: 'node-stopped' } })
  })
})

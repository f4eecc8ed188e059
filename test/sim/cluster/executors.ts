import { createHmac } from 'node:crypto'
import type { Exchange, ExchangeOwner, Http } from '../../../control-plane/src/dispatch/http.ts'
import type { WireRequest } from '../../../control-plane/src/dispatch/request.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Strikes } from './faults.ts'
import { START } from './node-clock.ts'
import type { Owner, World } from './world.ts'

const SECRET_BYTES = Buffer.alloc(32, 7)
/** With which the executors of all services sign. */
export const SECRET = `whsec_${SECRET_BYTES.toString('base64')}`

/** What an executor does about an attempt that it accepted for later. */
export interface Accepted {
  attempt: string
  run: string
}

export interface ExecutorsDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  /** Called with every attempt as its request leaves. */
  onCall(attempt: string, token: string): void
  /** The end of an attempt that was accepted; brought to the cluster by whatever node. */
  onLate(accepted: Accepted): void
}

/** The connections of one process to the executors of the world. */
export function httpOf(process: Owner, deps: ExecutorsDeps): Http {
  return {
    connections: 0,
    hasRoom: () => true,
    send: (request, owner) => exchange(process, request, owner, deps),
    close: () => Promise.resolve(),
  }
}

function exchange(process: Owner, request: WireRequest, owner: ExchangeOwner, deps: ExecutorsDeps): Exchange {
  const { world, random, strikes } = deps
  let over = !process.alive
  const end = (delayMs: number, task: () => void) =>
    world.laterIn(
      () => process,
      delayMs,
      'http',
      () => {
        if (!over) task()
      },
    )
  const handle: Exchange = {
    abort() {
      over = true
    },
  }
  if (over) return handle
  const body = JSON.parse(request.body?.toString() ?? '{}') as { type: string; data: Record<string, string> }
  const { attemptId = '', runId = '', fencingToken = '' } = body.data
  const failed = (sent: boolean) =>
    owner.onDone({ sent, error: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
  const answer = (status: number, headers: Record<string, string>, text: string) =>
    owner.onDone({ sent: true, reply: { status, headers, body: Buffer.from(text), bytes: Buffer.byteLength(text) } })
  if (body.type !== 'run.dispatch') {
    end(2, () => owner.onSent())
    end(5, () => answer(200, {}, '{}'))
    return handle
  }
  deps.onCall(attemptId, fencingToken)
  if (strikes.strikes('executor-refuses')) {
    const busy = random.chance(0.5)
    end(2, () => {
      if (!busy)
        return owner.onDone({ sent: false, error: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
      owner.onSent()
      answer(503, {}, '{}')
    })
    return handle
  }
  end(1, () => owner.onSent())
  if (strikes.strikes('executor-hangs')) return handle
  const soon = random.pick([3, 20, 300, 1500])
  if (strikes.strikes('executor-crashes')) end(soon, () => failed(true))
  else if (strikes.strikes('executor-late')) {
    end(2, () => answer(202, { 'content-type': 'application/json' }, '{"leaseTtlMs":2000}'))
    if (random.chance(0.7)) world.later(soon + 10, 'late', () => deps.onLate({ attempt: attemptId, run: runId }))
  } else {
    const outcome = strikes.strikes('executor-error') ? 'failed' : 'succeeded'
    const retryable = random.chance(0.8)
    const error = outcome === 'failed' ? { error: { code: 'broken', message: 'it broke', retryable } } : {}
    const text = JSON.stringify({ type: 'run.result', data: { runId, attemptId, outcome, ...error } })
    end(soon, () => answer(200, signed(attemptId, text, START + world.now), text))
  }
  return handle
}

/** The headers with which an executor signs its answer. */
function signed(attempt: string, body: string, now: number): Record<string, string> {
  const head = `re_${attempt}.${Math.floor(now / 1000)}.`
  const signature = createHmac('sha256', SECRET_BYTES).update(head).update(body).digest('base64')
  return {
    'webhook-id': `re_${attempt}`,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': `v1,${signature}`,
  }
}

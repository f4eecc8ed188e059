import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { callbackClaims, callbackToken } from '../signing/callback-token.ts'
import { HTTP_LEASE_MS } from '../dispatch/outcome.ts'
import { Rounds } from '../scheduler/overdue.ts'
import { fitting, hostile, spoiled } from './arbitrary.ts'
import { type Bench, contract, createBench } from './fixtures.ts'

const JOB = {
  name: 'report',
  target: { kind: 'http', service: 'shop', method: 'POST', path: '/report', async: true },
  timeout: '1h',
  runTimeout: '2h',
}
const MINUTE = 60_000

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok('/v1/namespaces/default/services', { method: 'POST', body: { name: 'shop' } })
  await api.ok('/v1/namespaces/default/services/shop/executors/e1', {
    method: 'PUT',
    body: { url: 'http://10.0.0.7/' },
  })
  await api.ok('/v1/namespaces/default/jobs', { method: 'POST', body: JOB })
})

/** A run whose attempt is under way, and the token that went along with its call. */
async function underWay({ accepted = true } = {}) {
  const { body } = await api.ok('/v1/namespaces/default/jobs/report/trigger', { method: 'POST' })
  const run = String(body.id)
  const at = api.clock.now()
  api.apply({ kind: 'place-shards', at, node: 'n1', placements: [{ run, shard: 0, attempts: 0, executor: 'e1' }] })
  const attempt = api.state.runs.get(run)?.shards[0]?.attempt
  if (!attempt) throw new Error('the run has no attempt')
  const { id } = attempt
  if (accepted) api.apply({ kind: 'attempts-accepted', at, accepted: [{ attempt: id, leaseMs: HTTP_LEASE_MS }] })
  const token = callbackToken(api.context.callbackKey, callbackClaims(attempt))
  const post = (verb: string, sent: unknown, bearer = token) =>
    api.send(`/v1/attempts/${id}/${verb}`, { method: 'POST', body: sent, token: bearer })
  const end = () => api.apply({ kind: 'run-cancel', at: api.clock.now(), run, by: 'ann' })
  return { run, id, attempt, token, post, end }
}

async function attemptOf(run: string) {
  const { body } = await api.ok(`/v1/namespaces/default/runs/${run}/attempts`)
  return (body.items as Record<string, unknown>[])[0]
}

const runOf = async (run: string) => (await api.ok(`/v1/namespaces/default/runs/${run}`)).body

describe('a result', () => {
  test('S071 of an accepted attempt ends the run as it says, with what the handler gave back', async () => {
    const { run, post } = await underWay()
    const { status, body } = await post('result', { outcome: 'succeeded', result: { rows: 3 } })
    expect([status, body]).toEqual([200, { answer: 'continue' }])
    expect(await runOf(run)).toMatchObject({ state: 'succeeded', result: { rows: 3 }, executor: 'e1' })
  })

  test('that says that the work was refused means what that answer to a call does', async () => {
    const { run, post } = await underWay()
    const error = { message: 'every slot is taken', code: 'no-slot' }
    expect((await post('result', { outcome: 'refused', status: 429, error })).body).toEqual({ answer: 'continue' })
    expect(await attemptOf(run)).toMatchObject({ outcome: 'refused', error: { code: 'executor-busy' }, status: 429 })
    expect(await runOf(run)).toMatchObject({ state: 'running' })
    expect(api.state.runs.get(run)?.shards[0]).toMatchObject({ state: 'waiting', retries: 0 })
  })

  test('that fails carries its error, and may forbid another try', async () => {
    const { run, post } = await underWay()
    const error = { message: 'no such table', code: 'NoTable', retryable: false }
    await post('result', { outcome: 'failed', error })
    expect(await runOf(run)).toMatchObject({ state: 'failed', error: { code: 'no-table', message: 'no such table' } })
  })

  test('may come before the acceptance is known: the attempt is open', async () => {
    const { run, id, post } = await underWay({ accepted: false })
    expect((await post('result', { outcome: 'succeeded' })).body).toEqual({ answer: 'continue' })
    api.apply({
      kind: 'attempts-accepted',
      at: api.clock.now(),
      accepted: [{ attempt: id, leaseMs: HTTP_LEASE_MS }],
    })
    expect(await runOf(run)).toMatchObject({ state: 'succeeded' })
  })

  test('that is reported again, because its answer was lost, changes nothing', async () => {
    const { run, post } = await underWay()
    await post('result', { outcome: 'succeeded' })
    const commands = api.commands.length
    expect((await post('result', { outcome: 'succeeded' })).body).toEqual({ answer: 'continue' })
    expect(api.commands.length).toBe(commands)
    expect(await attemptOf(run)).not.toHaveProperty('late')
  })

  test('that comes after the end is kept as late, once, and says that nobody waits for it', async () => {
    const { run, post, end } = await underWay()
    end()
    const late = { outcome: 'succeeded', result: { rows: 3 } }
    expect((await post('result', late)).body).toEqual({ answer: 'cancel', late: true })
    expect((await post('result', late)).body).toEqual({ answer: 'cancel', late: true })
    expect(await runOf(run)).toMatchObject({ state: 'cancelled' })
    expect(await attemptOf(run)).toMatchObject({
      outcome: 'cancelled',
      late: [{ outcome: 'succeeded', result: { rows: 3 } }],
    })
    expect((await attemptOf(run))?.late).toHaveLength(1)
  })

  test('of an attempt whose lease ended says that somebody else may be at it', async () => {
    const { id, post } = await underWay()
    const finish = { attempt: id, job: 0, outcome: 'uncertain', endedAt: 0, retryable: true, chance: 0 } as const
    api.apply({ kind: 'attempts-finished', at: api.clock.now(), finishes: [finish] })
    expect((await post('result', { outcome: 'succeeded' })).body).toEqual({ answer: 'lease-lost', late: true })
  })

  test('that says that the work was stopped, when that was wanted, is no late result', async () => {
    const { run, post, end } = await underWay()
    end()
    const error = { message: 'stopped half way' }
    expect((await post('result', { outcome: 'cancelled', error })).body).toEqual({ answer: 'cancel' })
    expect(await attemptOf(run)).not.toHaveProperty('late')
  })

  test('of many different ones only a few are kept', async () => {
    const { run, post, end } = await underWay()
    end()
    for (let n = 0; n < 15; n++) await post('result', { outcome: 'failed', error: { message: `${n}` } })
    expect((await attemptOf(run))?.late).toHaveLength(10)
  })

  test('with what cannot be kept as it is is not refused: half a character is replaced', async () => {
    const { run, post } = await underWay()
    const result = JSON.parse('{"text":"x\\ud83d","__proto__":1}') as object
    expect((await post('result', { outcome: 'succeeded', result })).status).toBe(200)
    expect((await runOf(run)).result).toEqual({ text: 'x\ufffd', __proto_: 1 })
  })

  test('that is larger than the log takes is cut', async () => {
    const { run, post } = await underWay()
    await post('result', { outcome: 'succeeded', result: 'x'.repeat(100_000) })
    expect((await runOf(run)).result).toMatchObject({ truncated: true, bytes: 100_002 })
  })
})

describe('a heartbeat', () => {
  test('goes on, and answers a new token that is good', async () => {
    const { id, post } = await underWay()
    const { body } = await post('heartbeat', {})
    expect(body).toMatchObject({ answer: 'continue', leaseTtlMs: HTTP_LEASE_MS })
    const { token } = body.callback as { token: string }
    expect((await api.send(`/v1/attempts/${id}/heartbeat`, { method: 'POST', token })).status).toBe(200)
    expect(api.commands.filter(({ kind }) => kind === 'attempt-report')).toEqual([])
  })

  test('keeps the lease; without one the attempt ends uncertain', async () => {
    const { id, post } = await underWay()
    const since = api.clock.now()
    const overdue = () =>
      new Rounds().next(
        api.state,
        api.clock.now(),
        since,
        () => 0,
        (attempt) => api.heartbeats.heardAt(attempt),
      ).finishes
    api.clock.pass(20 * MINUTE)
    await post('heartbeat', {})
    api.clock.pass(29 * MINUTE)
    expect(overdue()).toEqual([])
    api.clock.pass(MINUTE)
    expect(overdue()).toMatchObject([{ attempt: id, outcome: 'uncertain', error: { code: 'lease-ended' } }])
    // Another leader has heard nothing yet: for it every attempt is as if heard of when it took office.
    api.heartbeats.lead()
    const later = api.clock.now()
    expect(new Rounds().next(api.state, later + 29 * MINUTE, later, () => 0).finishes).toMatchObject([
      { outcome: 'timed-out' },
    ])
  })

  test('moves the deadline, at most to the end of the run, and never back', async () => {
    const { attempt, post } = await underWay()
    const { startedAt } = attempt
    await post('heartbeat', { extendMs: 90 * MINUTE })
    expect(attempt.deadline).toBe(startedAt + 90 * MINUTE)
    await post('heartbeat', { extendMs: MINUTE })
    expect(attempt.deadline).toBe(startedAt + 90 * MINUTE)
    const { body } = await post('heartbeat', { extendMs: 1000 * MINUTE, progress: { done: 1, total: 2 } })
    expect(attempt.deadline).toBe(startedAt + 120 * MINUTE)
    expect(body.deadline).toBe(new Date(startedAt + 120 * MINUTE).toISOString())
    expect(attempt.progress).toEqual({ done: 1, total: 2 })
  })

  test.each(['heartbeat'])('of an attempt that was cancelled is told to stop', async (verb) => {
    const { post, end } = await underWay()
    end()
    expect((await post(verb, { extendMs: 1000 })).body).toEqual({ answer: 'cancel' })
    expect((await post(verb, {})).body).toEqual({ answer: 'cancel' })
  })
})

describe('progress and lines', () => {
  const line = (message: string) => ({ at: '2026-11-20T15:00:00Z', level: 'info', message })

  test('lines that come twice are kept once when they say how many came before them', async () => {
    const { run, post } = await underWay()
    await post('logs', { lines: [line('one'), line('two')], from: 0 })
    await post('logs', { lines: [line('one'), line('two'), line('three')], from: 0 })
    await post('result', { outcome: 'succeeded', logs: [line('three'), line('four')], logsFrom: 2 })
    const { items } = (await api.ok(`/v1/namespaces/default/runs/${run}/logs`)).body as { items: { message: string }[] }
    expect(items.map(({ message }) => message)).toEqual(['one', 'two', 'three', 'four'])
  })

  test('are shown while the attempt is under way, and stay with it', async () => {
    const { run, post } = await underWay()
    await post('progress', { done: 1, total: 4, note: 'tianjin' })
    await post('logs', { lines: [line('one'), line('two')] })
    expect(await attemptOf(run)).toMatchObject({ state: 'accepted', progress: { done: 1, total: 4, note: 'tianjin' } })
    const lines = async () =>
      ((await api.ok(`/v1/namespaces/default/runs/${run}/logs`)).body.items as { message: string }[]).map(
        ({ message }) => message,
      )
    expect(await lines()).toEqual(['one', 'two'])
    await post('result', { outcome: 'succeeded', logs: [line('three')] })
    expect(await lines()).toEqual(['one', 'two', 'three'])
    expect(await attemptOf(run)).toMatchObject({ state: 'ended', progress: { done: 1, total: 4, note: 'tianjin' } })
  })

  test('are refused once the attempt has ended', async () => {
    const { post, end } = await underWay()
    end()
    const replies = [await post('progress', { done: 1 }), await post('logs', { lines: [line('late')] })]
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'attempt-ended'],
      [409, 'attempt-ended'],
    ])
  })

  test('of one attempt are kept up to 64 KiB', async () => {
    const { attempt, post } = await underWay()
    for (let n = 0; n < 4; n++) await post('logs', { lines: [line('x'.repeat(30_000))] })
    expect(attempt.logs).toHaveLength(2)
  })
})

describe('the token', () => {
  test('of another attempt is forbidden, and so is every other credential', async () => {
    const first = await underWay()
    first.end()
    const second = await underWay()
    for (const bearer of [first.token, api.token('admin'), api.token('service:default/shop')]) {
      const { status, body } = await second.post('result', { outcome: 'succeeded' }, bearer)
      expect([status, body.code]).toEqual([403, 'forbidden'])
    }
    expect(api.state.runs.has(second.run)).toBe(true)
  })

  test('that is altered, or over, is none', async () => {
    const { attempt, token, post } = await underWay()
    expect((await post('heartbeat', {}, `x${token}`)).status).toBe(401)
    api.clock.pass(attempt.deadline + 86_400_000 - api.clock.now())
    expect((await post('heartbeat', {})).status).toBe(401)
  })

  test('opens nothing else', async () => {
    const { token } = await underWay()
    expect((await api.send('/v1/namespaces/default/runs', { token })).status).toBe(401)
    expect((await api.send('/v1/session', { token })).status).toBe(401)
  })

  test('of an attempt with another fencing token, as in a restored cluster, reports of none', async () => {
    const { attempt, id } = await underWay()
    const other = callbackToken(api.context.callbackKey, callbackClaims({ ...attempt, fencingToken: 1e6 }))
    const { status } = await api.send(`/v1/attempts/${id}/heartbeat`, { method: 'POST', token: other })
    expect(status).toBe(404)
  })

  test('is no key to one of the same name that has ended in a restored cluster either', async () => {
    const { attempt, post, end, run } = await underWay()
    const other = callbackToken(api.context.callbackKey, callbackClaims({ ...attempt, fencingToken: 1e6 }))
    end()
    expect((await post('result', { outcome: 'succeeded' }, other)).status).toBe(404)
    expect((await post('heartbeat', {}, other)).status).toBe(404)
    expect(await attemptOf(run)).not.toHaveProperty('late')
  })
})

test.each([
  ['result', 'AttemptResult'],
  ['heartbeat', 'AttemptHeartbeat'],
  ['progress', 'AttemptProgress'],
  ['logs', 'AttemptLines'],
])('whatever is sent as %s is answered as declared, and never with 500', async (verb, name) => {
  const good = fitting(contract, contract.schemas[name] ?? {})
  const bodies = fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 3, arbitrary: spoiled(good) },
    { weight: 1, arbitrary: hostile() },
  )
  const { post } = await underWay()
  await fc.assert(
    fc.asyncProperty(bodies, async (sent) => {
      const { status } = await post(verb, sent)
      if (status >= 500) throw new Error(`${status}: ${JSON.stringify(api.logged)}`)
    }),
    { numRuns: 60, seed: 42 },
  )
  expect(api.logged).toEqual([])
})

import { describe, expect, test } from 'vitest'
import { type Call, problem, reply, run } from './run.test-helper.ts'

describe('what is done again', () => {
  const ran = { id: 'r2', job: 'greet', state: 'queued', cause: 'rerun', fireTime: '2026-11-20T15:00:00Z', attempts: 0 }
  const backfill = {
    id: 'b1',
    job: 'greet',
    from: '2026-11-01T00:00:00Z',
    to: '2026-11-08T00:00:00Z',
    state: 'active',
    total: 7,
    waiting: 5,
    open: 1,
    ended: { succeeded: 1, failed: 0, 'timed-out': 0, cancelled: 0, lost: 0, skipped: 0 },
    parallel: 1,
    createdBy: 'ada',
    createdAt: '2026-11-20T15:00:00Z',
  }

  test('run rerun asks for each run, whole or what failed of it', async () => {
    const answer = () => reply(ran, 201)
    const { exit, calls } = await run('run rerun r1 r3 --failed -p day=3 --executor e1 --idempotency-key k', { answer })
    expect(exit).toBe(0)
    const made = calls.filter(({ method }) => method === 'POST')
    expect(made.map(({ url }) => new URL(url).pathname.split('/').slice(-2).join('/'))).toEqual([
      'r1/rerun',
      'r3/rerun',
    ])
    expect(made[0]?.body).toEqual({ only: 'failed', params: { day: 3 }, executor: 'e1' })
    expect(made.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['k/r1', 'k/r3'])
  })

  test('job backfill sends the range, and shows how far it is', async () => {
    const words = 'job backfill greet --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z --parallel 2 -p a=1'
    const { exit, out, calls } = await run(words, { answer: () => reply(backfill, 201) })
    expect(exit).toBe(0)
    expect(calls.at(-1)?.body).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-08T00:00:00.000Z',
      max: 1000,
      parallel: 2,
      params: { a: 1 },
    })
    expect(out).toContain('1 succeeded')
  })

  test('job backfill --dry-run lists the times and makes nothing', async () => {
    const fire = { fireTime: '2026-11-01T03:00:00Z', dueTime: '2026-11-01T03:00:00Z', local: '2026-11-01T03:00:00Z' }
    const answer = () => reply({ items: [{ ...fire, schedules: ['d'] }], more: true })
    const { out, err, calls } = await run('job backfill greet --from 30d --max 1 --dry-run', { answer })
    expect(calls.map(({ url }) => url.endsWith('/jobs/greet/backfills/preview'))).toEqual([true])
    expect(out).toContain('2026-11-01T03:00:00Z')
    expect(err).toContain('more than 1')
  })

  test('job backfills lists them, and job cancel-backfill cancels what waits', async () => {
    expect((await run('job backfills greet', { answer: () => reply({ items: [backfill] }) })).out).toContain('b1')
    const answer = () => reply({ ...backfill, state: 'cancelled' })
    const { out, calls } = await run('job cancel-backfill greet b1', { answer })
    expect([calls[0]?.method, out.includes('cancelled')]).toEqual(['DELETE', true])
  })

  test('job trigger takes an executor and a fire time', async () => {
    const words = 'job trigger greet --executor e1 --fire-time 2026-11-01T00:00:00Z'
    const { calls } = await run(words, { answer: () => reply({ ...ran, cause: 'api' }, 201) })
    expect(calls[0]?.body).toEqual({ executor: 'e1', fireTime: '2026-11-01T00:00:00.000Z' })
  })

  test('job apply saves a job after its children', async () => {
    const stdin =
      'jobs:\n' +
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', ''],
      ]
        .map(
          ([name, child]) =>
            `  - { name: ${name}, target: { kind: http, url: "http://a/" }, children: [${child ? `{ job: ${child} }` : ''}] }\n`,
        )
        .join('')
    const missing = (call: Call) =>
      call.method === 'GET'
        ? problem(404, 'job-not-found')
        : reply({ name: 'x', version: 1, state: 'active', definition: {} }, 201)
    const { calls } = await run('job apply -f -', { stdin, answer: missing })
    const saved = calls.filter(({ method }) => method === 'PUT').map(({ url }) => url.at(-1))
    expect(saved).toEqual(['c', 'b', 'a'])
  })
})

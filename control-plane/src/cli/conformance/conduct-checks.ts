import { randomBytes } from 'node:crypto'
import { type Answer, send, type Subject } from './caller.ts'
import { accepted, type Check, expectEqual, expectThat } from './check.ts'
import { dispatch, ECHO, message, WAIT } from './messages.ts'

/** How long the handler waits when nobody cancels it, in milliseconds: longer than a call may take. */
const LONG_MS = 20_000
/** How long it waits while the same attempt comes a second time. */
const SHORT_MS = 500
/** Times that a cancellation is sent before an attempt is taken for one that cannot be cancelled. */
const CANCELS_MAX = 20
const CANCEL_EVERY_MS = 100

/** What an executor does with calls that are right. */
export const CONDUCT_CHECKS: readonly Check[] = [
  {
    name: 'answers a ping with its challenge',
    async run(subject) {
      const challenge = randomBytes(16).toString('hex')
      const { challenge: answered } = await accepted(subject, message(subject, 'ping', { challenge }), 'pong')
      expectEqual('challenge', answered, challenge)
    },
  },
  {
    name: 'names its handlers',
    level: 'should',
    async run(subject) {
      const { handlers } = await accepted(subject, message(subject, 'manifest.get'), 'manifest')
      const names = Array.isArray(handlers) ? handlers.map((handler) => Object(handler)['name'] as unknown) : []
      expectThat(names.includes(ECHO) && names.includes(WAIT), `${ECHO} and ${WAIT} are not among ${String(names)}`)
    },
  },
  {
    name: 'runs a handler and answers with run, attempt and result',
    async run(subject) {
      const call = dispatch(subject, ECHO, { params: { n: 1, list: [true, null, 1.5] } })
      const data = await accepted(subject, call, 'run.result')
      expectEqual('attemptId', data['attemptId'], call.id)
      expectEqual('runId', `${String(data['runId'])}-0-1`, call.id)
      expectEqual('outcome', data['outcome'], 'succeeded')
      expectEqual('result.params', Object(data['result'])['params'], { n: 1, list: [true, null, 1.5] })
    },
  },
  {
    name: 'keeps every character of parameters',
    async run(subject) {
      const params = { city: '天津 😀', 'ключ\u0000': 'a\u2028b"\\', direction: '\u202e', long: 'é'.repeat(10_000) }
      const { result } = await accepted(subject, dispatch(subject, ECHO, { params }), 'run.result')
      expectEqual('result.params', Object(result)['params'], params)
    },
  },
  {
    name: 'passes over fields that it does not know',
    async run(subject) {
      const call = dispatch(subject, ECHO, { someday: { new: true }, shard: { index: 0, total: 1, weight: 2 } })
      expectEqual('outcome', (await accepted(subject, call, 'run.result'))['outcome'], 'succeeded')
    },
  },
  {
    name: 'runs an attempt once, however often it is called',
    async run(subject) {
      const call = dispatch(subject, ECHO)
      const first = callsOf(await accepted(subject, call, 'run.result'))
      expectRepeated(await send(subject, call), first)
      const next = callsOf(await accepted(subject, dispatch(subject, ECHO), 'run.result'))
      expectEqual('the number of calls after a repeated and a new one', next, first + 1)
    },
  },
  {
    name: 'runs an attempt once that comes a second time while it runs',
    async run(subject) {
      const call = dispatch(subject, WAIT, { params: { ms: SHORT_MS } })
      const [one, other] = await Promise.all([send(subject, call), send(subject, call)])
      const answered = [one, other].filter(({ status }) => status === 200)
      expectThat(answered.length > 0, `neither was answered 200 but ${one.status} and ${other.status}`)
      const numbers = answered.map(({ json }) => callsOf(Object(json['data']) as Record<string, unknown>))
      for (const again of [one, other]) expectRepeated(again, numbers[0] ?? NaN)
    },
  },
  {
    name: 'answers for an attempt that another one stands for',
    level: 'should',
    async run(subject) {
      const earlier = dispatch(subject, ECHO)
      const first = callsOf(await accepted(subject, earlier, 'run.result'))
      const later = dispatch(subject, ECHO, { supersedes: [earlier.id], attempt: 2 })
      expectEqual('calls', callsOf(await accepted(subject, later, 'run.result')), first)
    },
  },
  {
    name: 'cancels an attempt that runs',
    async run(subject) {
      const call = dispatch(subject, WAIT, { params: { ms: LONG_MS } })
      const running = accepted(subject, call, 'run.result')
      running.catch(() => {})
      const data = { runId: call.id.slice(0, -4), attemptId: call.id, reason: 'cancelled' }
      let known: unknown = false
      for (let tries = 0; known !== true && tries < CANCELS_MAX; tries++) {
        await pause(subject, CANCEL_EVERY_MS)
        known = (await accepted(subject, message(subject, 'run.cancel', data), 'run.cancelled'))['known']
      }
      expectEqual('known', known, true)
      expectEqual('outcome', (await running)['outcome'], 'cancelled')
    },
  },
  {
    name: 'says that it does not know an attempt that is to be cancelled',
    async run(subject) {
      const data = { runId: 'cf-none', attemptId: 'cf-none-0-1', reason: 'cancelled' }
      const answer = await accepted(subject, message(subject, 'run.cancel', data), 'run.cancelled')
      expectEqual('known', answer['known'], false)
    },
  },
  {
    name: 'takes note of a run that did not start',
    level: 'should',
    async run(subject) {
      const data = { job: 'conformance', runId: 'cf-none', reason: 'overlap' }
      await accepted(subject, message(subject, 'run.skipped', data), 'run.noted')
    },
  },
]

/** The same outcome once more, or 409: it was taken, and is not known any more, or runs. */
function expectRepeated(answer: Answer, calls: number): void {
  if (answer.status === 409) return
  expectEqual('the status of the repeated call', answer.status, 200)
  expectThat(answer.signed, `the reply to the repeated call is not signed: ${answer.fault}`)
  expectEqual('calls', callsOf(Object(answer.json['data']) as Record<string, unknown>), calls)
}

function callsOf(data: Record<string, unknown>): number {
  const calls = Object(data['result'])['calls'] as unknown
  expectThat(typeof calls === 'number', `result.calls is no number: ${JSON.stringify(data).slice(0, 200)}`)
  return calls as number
}

function pause({ clock }: Subject, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

import { type Answer, send, type Subject } from './caller.ts'
import { accepted, type Check, expectEqual, expectThat } from './check.ts'
import { CONTINUE, type Desk, type Report, type Watched } from './desk.ts'
import { dispatch, message, newRun, WAIT } from './messages.ts'

/** How long its caller waits, and how long the handler works, in milliseconds. */
const CALLER_MS = 100
const WORK_MS = 600
/** Longer than any check takes. */
const LONG_MS = 25_000
/** How soon after the handler ended it is reported. */
const REPORT_MS = 8000
/** How long an executor that asks for no time of its own may leave between two heartbeats. */
const LEASE_MS = 30_000
/** How often a report is not acknowledged. */
const UNACKNOWLEDGED = 2
/** How long nothing more may come once a result was acknowledged. */
const QUIET_MS = 2000

/** What an executor does that accepts calls with 202, and reports what came of them. */
export function reportChecks(desk: Desk): readonly Check[] {
  return [
    {
      name: 'accepts with 202 what takes longer than its caller waits, and reports what came of it',
      async run(subject) {
        const { watched } = await accept(subject, desk, WORK_MS)
        const { body } = await reported(watched)
        expectEqual('outcome', body['outcome'], 'succeeded')
        expectEqual('result.params', Object(body['result'])['params'], { ms: WORK_MS })
        expectEqual('reports with another token than the attempt has', watched.strangers, 0)
      },
    },
    {
      name: 'reports a result again until it is acknowledged',
      async run(subject) {
        const { watched } = await accept(subject, desk, WORK_MS)
        watched.answer = ({ verb }) =>
          verb === 'result' && watched.of('result').length <= UNACKNOWLEDGED ? BUSY : CONTINUE
        const again = await reported(watched, UNACKNOWLEDGED + 1)
        expectEqual('the result that was repeated', again.body['result'], watched.of('result')[0]?.body['result'])
      },
    },
    {
      name: 'reports nothing more once a result is acknowledged, be it too late',
      async run(subject) {
        const { watched } = await accept(subject, desk, WORK_MS)
        watched.answer = ({ verb }) => (verb === 'result' ? LEASE_LOST : CONTINUE)
        await reported(watched)
        const more = await watched.wait('result', 2, QUIET_MS)
        expectThat(more === undefined, 'the result was reported again after it was answered 200 and lease-lost')
      },
    },
    {
      name: 'runs an accepted attempt once, however often it is called',
      async run(subject) {
        const { watched, call } = await accept(subject, desk, WORK_MS)
        const { status } = await send(subject, call)
        expectThat([202, 409].includes(status), `the repeated call was answered ${status}, expected 202 or 409`)
        const first = callsOf(await reported(watched))
        const next = await accept(subject, desk, 1, false)
        const data = next.answer.status === 200 ? next.answer.json['data'] : (await reported(next.watched)).body
        expectEqual('the number of calls after a repeated and a new one', callsOf({ body: Object(data) }), first + 1)
      },
    },
    {
      name: 'stops what it accepted when the run is cancelled, and reports that',
      async run(subject) {
        const { watched, call } = await accept(subject, desk, LONG_MS)
        const data = { runId: call.id.slice(0, -4), attemptId: call.id, reason: 'cancelled' }
        const { known } = await accepted(subject, message(subject, 'run.cancel', data), 'run.cancelled')
        expectEqual('known', known, true)
        expectEqual('outcome', (await reported(watched)).body['outcome'], 'cancelled')
      },
    },
    {
      name: 'sends heartbeats while it works, and stops when one is answered cancel',
      async run(subject) {
        const { watched, answer } = await accept(subject, desk, LONG_MS)
        watched.answer = ({ verb }) => (verb === 'heartbeat' ? CANCEL : CONTINUE)
        const { leaseTtlMs } = answer.json
        const withinMs = typeof leaseTtlMs === 'number' ? Math.min(leaseTtlMs, LEASE_MS) : LEASE_MS
        const beat = await watched.wait('heartbeat', 1, withinMs)
        expectThat(beat !== undefined, `no heartbeat came within ${withinMs} ms, so its lease would have ended`)
        expectEqual('outcome', (await reported(watched)).body['outcome'], 'cancelled')
      },
    },
  ]
}

const BUSY = { status: 503, body: { code: 'no-leader', status: 503 } }
const LEASE_LOST = { status: 200, body: { answer: 'lease-lost' } }
const CANCEL = { status: 200, body: { answer: 'cancel' } }

/** Calls the handler that waits, which has to be answered with a signed 202 unless it may have ended already. */
async function accept(subject: Subject, desk: Desk, ms: number, mustBeLater = true) {
  const run = newRun()
  const watched = desk.watch(run.attemptId)
  const later = { callback: watched.callback, respond: { mode: 'auto', waitMs: CALLER_MS } }
  const call = dispatch(subject, WAIT, { ...run, ...later, params: { ms } })
  const answer = await send(subject, call)
  if (mustBeLater || answer.status !== 200) expectAccepted(answer)
  return { call, watched, answer }
}

function expectAccepted({ status, signed, fault, json }: Answer): void {
  expectEqual('the status of the answer', status, 202)
  expectThat(signed, `the reply is not signed as one to this call: ${fault}`)
  expectEqual('accepted', json['accepted'], true)
}

async function reported(watched: Watched, number = 1): Promise<Report> {
  const report = await watched.wait('result', number, REPORT_MS)
  expectThat(report !== undefined, `of ${number} results ${watched.of('result').length} came within ${REPORT_MS} ms`)
  return report as Report
}

function callsOf({ body }: Pick<Report, 'body'>): number {
  const calls = Object(body['result'])['calls'] as unknown
  expectThat(typeof calls === 'number', `result.calls is no number: ${JSON.stringify(body).slice(0, 200)}`)
  return calls as number
}

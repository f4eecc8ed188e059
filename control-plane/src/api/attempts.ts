import type { AttemptAnswer } from '@cronclave/openapi'
import { callbackFinish } from '../dispatch/callback-outcome.ts'
import { logsOf, progressOf } from '../dispatch/reported.ts'
import { Problem } from '../problems.ts'
import { runOfAttempt } from '../runs/ids.ts'
import type { AttemptOutcome, EndedAttempt, LateResult, OpenAttempt, OpenRun } from '../runs/run.ts'
import { type CallbackClaims, callbackClaims, callbackToken } from '../signing/callback-token.ts'
import type { AttemptFinish, AttemptReport } from '../state/commands.ts'
import type { ApiContext } from './context.ts'
import { caughtUp } from './freshness.ts'
import type { Call, Handlers } from './handlers.ts'
import { submit } from './outcome.ts'
import { timeText } from './times.ts'

type Operations = 'reportResult' | 'reportHeartbeat' | 'reportProgress' | 'reportLines'

/** Results of one attempt that are kept as late, at most. */
const LATE_MAX = 10

/** Outcomes that are worth a row when nobody waits for them any more. */
const KEPT_LATE: ReadonlySet<AttemptOutcome> = new Set(['succeeded', 'failed', 'skipped'])

/** What executors report of work that they accepted. Any node takes it; the bearer of the token may do nothing else. */
export function attemptHandlers(context: ApiContext): Pick<Handlers, Operations> {
  return {
    async reportResult({ principal, body }) {
      return { status: 200, body: await takeResult(context, claimsOf(principal), body) }
    },

    async reportHeartbeat({ principal, body }) {
      const claims = claimsOf(principal)
      const progress = progressOf(body?.progress)
      const wish = {
        ...(body?.extendMs === undefined ? {} : { deadline: context.clock.now() + body.extendMs }),
        ...(progress === undefined ? {} : { progress }),
      }
      const place = await find(context, claims)
      if (!isOpen(place)) return { status: 200, body: answerOf(place) }
      if (Object.keys(wish).length > 0) {
        const ended = await report(context, claims, wish).then(
          () => false,
          (error: unknown) => isEnded(error),
        )
        if (ended) return { status: 200, body: answerOf(await find(context, claims)) }
      }
      return { status: 200, body: await heard(context, claims) }
    },

    async reportProgress({ principal, body }) {
      const claims = claimsOf(principal)
      const progress = progressOf(body)
      await report(context, claims, progress === undefined ? {} : { progress })
      return { status: 200, body: await heard(context, claims) }
    },

    async reportLines({ principal, body }) {
      const claims = claimsOf(principal)
      const { from, lines } = body
      await report(context, claims, { logs: logsOf(lines), ...(from === undefined ? {} : { logsFrom: from }) })
      return { status: 200, body: await heard(context, claims) }
    },
  }
}

type Open = { run: OpenRun; attempt: OpenAttempt }
type Place = Open | EndedAttempt

function claimsOf({ attempt }: Call<'reportResult'>['principal']): CallbackClaims {
  if (!attempt) throw new Problem('forbidden')
  return attempt
}

/** The attempt as it stands here, or as it ended; what this node does not know yet it waits for. */
async function find(context: ApiContext, claims: CallbackClaims): Promise<Place> {
  const here = findOpen(context, claims)
  if (here) return here
  await caughtUp(context, { consistency: 'linearizable' })
  const found = findOpen(context, claims) ?? (await context.ledger.attempt(claims.attempt))
  // In a restored cluster another attempt may have the same name.
  const isIts = found && (isOpen(found) || found.fencingToken === claims.fencingToken)
  if (!isIts) throw new Problem('attempt-not-found', `there is no attempt ${claims.attempt} any more`)
  return found
}

function findOpen({ state }: ApiContext, { attempt: id, fencingToken }: CallbackClaims): Open | undefined {
  const { runs, attempts } = state()
  const run = runs.get(attempts.get(id) ?? '')
  const attempt = run?.shards.find((shard) => shard.attempt?.id === id)?.attempt
  return run && attempt?.fencingToken === fencingToken ? { run, attempt } : undefined
}

function isOpen(place: Place): place is Open {
  return 'attempt' in place
}

async function takeResult(
  context: ApiContext,
  claims: CallbackClaims,
  body: Call<'reportResult'>['body'],
): Promise<AttemptAnswer> {
  const { clock, random, ledger } = context
  const place = await find(context, claims)
  const said = callbackFinish({ ...body }, 'the executor')
  if (!isOpen(place)) {
    if (isSame(place, said)) return { answer: 'continue' }
    // That it was stopped is known.
    if (!KEPT_LATE.has(said.outcome)) return answerOf(place)
    const late = (await ledger.lateResults(place.run)).filter(({ attempt }) => attempt === claims.attempt)
    if (late.length >= LATE_MAX || late.some((row) => isSame(row, said))) return { ...answerOf(place), late: true }
  }
  const job = isOpen(place) ? place.run.job : await jobOf(context, claims.attempt)
  const finish: AttemptFinish = {
    ...said,
    ...(body.logsFrom === undefined ? {} : { logsFrom: body.logsFrom }),
    attempt: claims.attempt,
    job,
    endedAt: clock.now(),
    chance: random.next(),
  }
  const outcome = await context.submit({ kind: 'attempts-finished', at: clock.now(), finishes: [finish] })
  const row = await ledger.attempt(claims.attempt)
  if (row && row.sequence[0] !== outcome.index) return { ...answerOf(row), late: KEPT_LATE.has(said.outcome) }
  return { answer: 'continue' }
}

/** Of an attempt that has ended: its run may be open for another attempt, or in the ledger. */
async function jobOf({ state, ledger }: ApiContext, attempt: string): Promise<number> {
  const id = runOfAttempt(attempt)
  const run = state().runs.get(id) ?? (await ledger.run(id))
  if (!run) throw new Problem('attempt-not-found', `run ${id} is beyond the retention of the ledger`)
  return run.job
}

/** Whether a result has been taken in already: whoever got no answer reports again. */
function isSame(row: EndedAttempt | LateResult, said: Pick<AttemptFinish, 'outcome' | 'result' | 'error'>): boolean {
  if (row.outcome !== said.outcome || row.error?.message !== said.error?.message) return false
  return 'at' in row ? JSON.stringify(row.result) === JSON.stringify(said.result) : true
}

async function report(
  context: ApiContext,
  claims: CallbackClaims,
  what: Pick<AttemptReport, 'deadline' | 'progress' | 'logs' | 'logsFrom'>,
): Promise<void> {
  if (!isOpen(await find(context, claims))) throw new Problem('attempt-ended', `attempt ${claims.attempt} has ended`)
  await submit(context, { kind: 'attempt-report', at: context.clock.now(), attempt: claims.attempt, ...what })
}

function isEnded(error: unknown): boolean {
  if (error instanceof Problem && error.code === 'attempt-ended') return true
  throw error
}

/** Tells the leader of the sign of life, and the executor how long that lasts. */
async function heard(context: ApiContext, claims: CallbackClaims): Promise<AttemptAnswer> {
  const isKnown = await context.heartbeat(claims.attempt)
  const place = isKnown ? findOpen(context, claims) : await find(context, claims)
  if (!place || !isOpen(place)) return place ? answerOf(place) : { answer: 'continue' }
  const { acceptedAt, leaseUntil, deadline } = place.attempt
  const next = callbackClaims(place.attempt)
  return {
    answer: 'continue',
    ...(acceptedAt === undefined || leaseUntil === undefined ? {} : { leaseTtlMs: leaseUntil - acceptedAt }),
    deadline: timeText(deadline),
    callback: { token: callbackToken(context.callbackKey, next), expiresAt: timeText(next.expiresAt) },
  }
}

/** What somebody is told who is still at the work of an attempt that has ended. */
function answerOf(place: Place): AttemptAnswer {
  const stopped = 'outcome' in place && (place.outcome === 'cancelled' || place.outcome === 'timed-out')
  return { answer: stopped ? 'cancel' : 'lease-lost' }
}

import { expect, test } from 'vitest'
import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { compileSchedule } from '../jobs/schedule.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { StretchRow } from '../runs/run.ts'
import type { FireStart } from '../state/commands.ts'
import { executorsOf } from '../state/executors.ts'
import { pauseAbove } from '../state/pauses.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import { explain, type Explanation } from './explain.ts'

const SECOND = 1000

/** A job that is due each second, and the entry that decided each of its fires so far. */
class Ticking {
  readonly world = new ShardWorld()
  readonly decidedBy = new Map<number, number>()
  readonly #uid: number
  #next = T0 + SECOND

  constructor() {
    this.world.executor('a')
    const resolved = resolveJob({
      target: { kind: 'handler', service: 'work', handler: 'h' },
      schedules: [{ id: 'main', every: '1s' }],
      misfire: { policy: 'run-all' },
      overlap: 'skip',
    })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
    const schedules = resolved.spec.schedules.map((schedule) => compileSchedule(schedule, 0))
    const namespace = this.world.state.namespaceNames.get('default')
    this.world.run({ kind: 'job-put', namespace, name: 'ticks', spec: resolved.spec, schedules, spread: 0, by: 't' })
    this.#uid = this.world.state.index
  }

  get job(): Job {
    return this.world.state.jobs.get(this.#uid) as Job
  }

  get now(): number {
    return this.world.now
  }

  /** Lets seconds pass in which nothing is decided. */
  pass(seconds: number): void {
    this.#next += seconds * SECOND
    this.world.now = this.#next - SECOND
  }

  /** Decides the next fire in time. */
  fire(): string {
    return this.#decide([this.#fireAt(this.#next, 'schedule')], [])
  }

  /** Decides seconds in which nobody was there: the last of them runs, those before it are too late. */
  miss(seconds: number): string {
    const to = this.#next + (seconds - 2) * SECOND
    const skipped = [{ reason: 'misfire-threshold', from: this.#next, to, count: seconds - 1 }]
    return this.#decide([this.#fireAt(to + SECOND, 'misfire')], skipped)
  }

  #fireAt(fireTime: number, cause: 'schedule' | 'misfire'): FireStart {
    const place = cause === 'schedule' ? { place: ['a'] } : {}
    const run = scheduledRunId(this.#uid, fireTime)
    return { run, fireTime, dueTime: fireTime, schedules: ['main'], cause, ...place }
  }

  #decide(fires: FireStart[], skipped: object[]): string {
    const [fire] = fires
    this.world.now = fire?.fireTime ?? 0
    const decisions = [{ job: this.#uid, version: this.job.version, skipped, fires }]
    this.#entry({ kind: 'decide-fires', node: 'n', decisions })
    return fire?.run ?? ''
  }

  end(run: string): void {
    if (this.world.open(run).state === 'queued') this.world.place(run, 0, 'a')
    this.world.finish(run, 0, 'succeeded')
  }

  expire(run: string): void {
    const { fireTime } = this.world.open(run)
    this.world.run({ kind: 'runs-expired', runs: [{ id: run, why: 'queue-ttl' }] })
    this.decidedBy.set(fireTime, this.world.state.index)
  }

  pauseAll(paused: boolean): void {
    this.world.run({ kind: 'scheduler-pause', by: 't', paused })
  }

  pause(): void {
    this.world.run({ kind: 'job-pause', job: this.#uid, by: 't' })
  }

  resume(): void {
    const from = this.job.progress.decidedUpTo + SECOND
    const count = (this.now - from) / SECOND + 1
    this.#entry({ kind: 'job-resume', job: this.#uid, by: 't', fires: { from, to: this.now, count } })
  }

  #entry(command: Parameters<ShardWorld['run']>[0]): void {
    const before = this.job.progress.decidedUpTo
    expect(this.world.run(command).rejection).toBeUndefined()
    const upTo = this.job.progress.decidedUpTo
    for (let at = before + SECOND; at <= upTo; at += SECOND) this.decidedBy.set(at, this.world.state.index)
    this.#next = upTo + SECOND
  }

  explain(at: number): Promise<Explanation> {
    const { state, applied } = this.world
    const rows = applied.flatMap(({ changes }) => changes)
    const stretches = rows.flatMap((change): StretchRow[] => (change.kind === 'stretch' ? [change.row] : []))
    return explain(this.job, at, this.now, {
      openRun: (id) => state.runs.get(id),
      endedRun: (id) => Promise.resolve(this.world.ended(id)),
      coveringStretch: (_job, instant) =>
        Promise.resolve(stretches.find(({ from, to }) => from <= instant && instant <= to)),
      pauseAbove: (job, dueTime) => pauseAbove(state, job, dueTime),
      executorsOf: (job) => executorsOf(state, job),
    })
  }
}

/** Runs, fires skipped while one is open, pauses of all kinds, and times in which nobody was there. */
function history(): Ticking {
  const ticking = new Ticking()
  for (let round = 0; round < 5; round++) {
    for (let times = 0; times < 3; times++) ticking.end(ticking.fire())
    const long = ticking.fire()
    for (let times = 0; times < 7; times++) ticking.fire()
    ticking.end(long)
    ticking.end(ticking.miss(4 + round))
    ticking.expire(ticking.miss(3))
    ticking.pauseAll(true)
    for (let times = 0; times < 4; times++) ticking.fire()
    ticking.pauseAll(false)
    ticking.end(ticking.fire())
    ticking.pause()
    ticking.pass(6)
    ticking.resume()
  }
  const open = ticking.fire()
  expect(ticking.world.open(open).state).toBe('running')
  for (let times = 0; times < 3; times++) ticking.fire()
  return ticking
}

/** Whether an answer names a rule, and the entry that is meant, or the ends of what it lies in. */
function names(answer: Explanation, entry: number | undefined): boolean {
  const { rule, entry: first = -1, lastEntry = first } = answer
  return rule !== undefined && entry !== undefined && first <= entry && entry <= lastEntry
}

test('each fire of the past is explained by a rule and the entry that decided it', async () => {
  const ticking = history()
  expect(ticking.decidedBy.size).toBe((ticking.now - T0) / SECOND)
  const verdicts = new Map<string, number>()
  let exact = 0
  for (const [at, entry] of ticking.decidedBy) {
    const answer = await ticking.explain(at)
    expect(names(answer, entry), `${(at - T0) / SECOND}: entry ${entry}, ${JSON.stringify(answer)}`).toBe(true)
    const key = `${answer.verdict} ${answer.rule}`
    verdicts.set(key, (verdicts.get(key) ?? 0) + 1)
    if (answer.lastEntry === undefined) exact += 1
  }
  expect(Object.fromEntries(verdicts)).toEqual({
    'ran schedules': 25,
    'ran misfire.policy': 5,
    'running schedules': 1,
    'skipped overlap': 38,
    'skipped misfire': 35,
    'skipped queueTtl': 5,
    'skipped state': 50,
  })
  // Of a stretch that several entries decided, the first fire and the last.
  expect(exact).toBe(ticking.decidedBy.size - 5 * 5 - 1 - 5 * 2)
})

test('the next ten are explained by the entry that brought their schedule', async () => {
  const ticking = history()
  for (let ahead = 1; ahead <= 10; ahead++) {
    const answer = await ticking.explain(ticking.now + ahead * SECOND)
    expect(answer).toMatchObject({ verdict: 'will-fire', rule: 'schedules', entry: ticking.job.sinceEntry })
  }
})

test('those of a paused job by the entry that paused it, also those whose time is past', async () => {
  const ticking = history()
  ticking.pause()
  const paused = { reason: 'paused', rule: 'state', entry: ticking.world.state.index }
  ticking.pass(3)
  for (let ahead = -2; ahead <= 10; ahead++) {
    const verdict = ahead <= 0 ? 'skipped' : 'will-skip'
    expect(await ticking.explain(ticking.now + ahead * SECOND)).toMatchObject({ verdict, ...paused })
  }
})

test('those under a pause of everything by the entry of that order', async () => {
  const ticking = history()
  ticking.pauseAll(true)
  const entry = ticking.world.state.index
  for (let ahead = 1; ahead <= 10; ahead++)
    expect(await ticking.explain(ticking.now + ahead * SECOND)).toMatchObject({
      verdict: 'will-skip',
      rule: 'state',
      entry,
    })
})

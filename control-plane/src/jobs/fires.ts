import { clockChangeAt, nextCron } from '../cron/cron.ts'
import { RULE } from '../cron/compiled.ts'
import type { Millis } from '../runtime/clock.ts'
import { jitterOf } from './jitter.ts'
import { nextOccasion } from './occasion.ts'
import type { CompiledSchedule, FireAt, FireCount, FireOrigin, NextFire, NoFire } from './schedule.ts'

/** Fires that are counted through to find the last of a schedule that has `maxFires`. */
const COUNTED_MAX = 100_000

/** The first fire strictly after `from.after` over all schedules of a job, or `undefined`: `whyNoFire` says why. */
export function nextFire(schedules: readonly CompiledSchedule[], from: FireOrigin): NextFire | undefined {
  let fire: NextFire | undefined
  for (const schedule of schedules) {
    const occasion = nextOccasion(schedule, from.after, from)
    if (occasion < 0 || (fire !== undefined && occasion > fire.fireTime)) continue
    const one = fireOf(schedule, occasion, from.spread)
    fire = fire === undefined || occasion < fire.fireTime ? one : joined(fire, one)
  }
  return fire
}

/** The next `count` fires, as they would be if every one of them was decided at its instant. */
export function previewFires(schedules: readonly CompiledSchedule[], from: FireOrigin, count: number): NextFire[] {
  const fires: NextFire[] = []
  const walk = { ...from }
  while (fires.length < count) {
    const fire = nextFire(schedules, walk)
    if (fire === undefined) break
    fires.push(fire)
    advance(walk, fire)
  }
  return fires
}

/** Fires after `from.after` and at or before `to`; stops at `cap`, with `last` the place from which to go on. */
export function countFires(
  schedules: readonly CompiledSchedule[],
  from: FireOrigin,
  to: Millis,
  cap: number,
): FireCount {
  const regular = countRegular(schedules, from, to, cap)
  if (regular !== undefined) return regular
  const total: FireCount = { count: 0 }
  const walk = { ...from }
  while (total.count < cap) {
    const fire = nextFire(schedules, walk)
    if (fire === undefined || fire.fireTime > to) break
    total.count++
    total.first ??= fire.fireTime
    total.last = fire.fireTime
    advance(walk, fire)
  }
  return total
}

/**
 * The latest fire that is after `from.after` and at or before `to`, found by bisection: it costs the same however many
 * lie between. With `maxFires` the fires that are left are counted through, up to `COUNTED_MAX`.
 */
export function latestFireAtOrBefore(
  schedules: readonly CompiledSchedule[],
  from: FireOrigin,
  to: Millis,
): NextFire | undefined {
  if (schedules.some((schedule) => schedule.maxFires !== undefined)) return lastCounted(schedules, from, to)
  const probe = { ...from }
  let latest = nextFire(schedules, probe)
  if (latest === undefined || latest.fireTime > to) return undefined
  if (!from.paused) probe.busy = true
  let none = to
  for (let strideMs = 1000; latest.fireTime < none; strideMs *= 2) {
    probe.after = Math.max(latest.fireTime, to - strideMs)
    const fire = nextFire(schedules, probe)
    if (fire === undefined || fire.fireTime > to) none = probe.after
    else {
      latest = fire
      break
    }
  }
  while (latest.fireTime < none) {
    probe.after = Math.floor((latest.fireTime + none) / 2)
    const fire = nextFire(schedules, probe)
    if (fire === undefined || fire.fireTime > to) none = probe.after
    else latest = fire
  }
  return latest
}

/** Why `nextFire` found none. */
export function whyNoFire(schedules: readonly CompiledSchedule[], from: FireOrigin): NoFire {
  const open = schedules.filter((schedule) => schedule.kind !== 'manual')
  if (open.length === 0) return 'manual'
  if (from.busy && open.some((schedule) => schedule.kind === 'after' && !isOver(schedule, from))) return 'waiting'
  return open.every((schedule) => isOver(schedule, from)) ? 'ended' : 'never'
}

/** Whether exactly this instant is a fire, and if not, why. `from.after` is the earliest instant of interest. */
export function fireAt(schedules: readonly CompiledSchedule[], from: FireOrigin, instant: Millis): FireAt {
  const just = { ...from, after: instant - 1 }
  const fire = nextFire(schedules, just)
  if (fire?.fireTime === instant) return { kind: fire.skip ?? 'fire', fire }
  const outside = schedules.filter((schedule) => nextOccasion(unbounded(schedule), just.after, just) === instant)
  if (outside.length > 0) return { kind: 'outside-window', schedules: outside.map((schedule) => schedule.id).sort() }
  const before = instant > from.after ? latestFireAtOrBefore(schedules, from, instant - 1) : undefined
  return {
    kind: 'not-a-fire',
    ...(before === undefined ? {} : { before: before.fireTime }),
    ...(fire === undefined ? {} : { after: fire.fireTime }),
  }
}

function fireOf(schedule: CompiledSchedule, fireTime: Millis, spread: number): NextFire {
  const { jitterMs } = schedule
  const dueTime = jitterMs === undefined ? fireTime : fireTime + jitterOf(spread, jitterMs)
  const fire: NextFire = { fireTime, dueTime, schedules: [schedule.id] }
  const change = schedule.kind === 'cron' ? clockChangeAt(schedule, fireTime) : undefined
  if (schedule.kind !== 'cron' || change === undefined) return fire
  if (change !== 'gap') fire.moved = schedule.rules & RULE.foldBoth ? 'fold-both' : change
  else if (schedule.rules & RULE.gapSkip) fire.skip = 'dst-gap'
  else fire.moved = 'gap-next'
  return fire
}

/** Two schedules due at one instant: one fire, due when the first of them is; one that runs outdoes one that is skipped. */
function joined(a: NextFire, b: NextFire): NextFire {
  if (a.skip !== b.skip) return a.skip === undefined ? a : b
  const fire: NextFire = {
    fireTime: a.fireTime,
    dueTime: Math.min(a.dueTime, b.dueTime),
    schedules: [...a.schedules, ...b.schedules].sort(),
  }
  if (a.skip !== undefined) fire.skip = a.skip
  const moved = a.moved ?? b.moved
  if (moved !== undefined) fire.moved = moved
  return fire
}

/** As though the fire was decided at its instant: its run is open from then on, unless fires are being skipped. */
function advance(walk: FireOrigin, fire: NextFire): void {
  walk.after = fire.fireTime
  walk.fireCount++
  if (walk.paused) walk.lastEnd = fire.fireTime
  else walk.busy = true
}

function lastCounted(schedules: readonly CompiledSchedule[], from: FireOrigin, to: Millis): NextFire | undefined {
  const { count, last } = countFires(schedules, from, to, COUNTED_MAX)
  if (last === undefined) return undefined
  return nextFire(schedules, { ...from, after: last - 1, fireCount: from.fireCount + count - 1 })
}

/** The count for a job that has one fixed rate and nothing else, by arithmetic. */
function countRegular(
  schedules: readonly CompiledSchedule[],
  from: FireOrigin,
  to: Millis,
  cap: number,
): FireCount | undefined {
  const [schedule] = schedules
  if (schedules.length !== 1 || schedule?.kind !== 'every') return undefined
  const first = nextOccasion(schedule, from.after, from)
  const last = Math.min(to, schedule.endAt ?? to)
  if (first < 0 || first > last || cap < 1) return { count: 0 }
  const left = schedule.maxFires === undefined ? cap : Math.min(cap, schedule.maxFires - from.fireCount)
  const count = Math.min(left, Math.floor((last - first) / schedule.everyMs) + 1)
  return { count, first, last: first + (count - 1) * schedule.everyMs }
}

function isOver(schedule: CompiledSchedule, from: FireOrigin): boolean {
  if (schedule.maxFires !== undefined && from.fireCount >= schedule.maxFires) return true
  if (schedule.kind === 'at' && schedule.at <= from.after) return true
  if (schedule.kind === 'cron' && hasPassed(schedule, from.after)) return true
  return schedule.endAt !== undefined && nextOccasion(schedule, from.after, { ...from, busy: false }) < 0
}

/** Whether the years of an expression are over and held fires: it has come to its end, it was not wrong. */
function hasPassed(cron: CompiledSchedule & { kind: 'cron' }, after: Millis): boolean {
  const year = cron.rare?.years?.[0]
  return year !== undefined && nextCron(cron, after) < 0 && nextCron(cron, Date.UTC(year - 1, 11, 30)) >= 0
}

/** The same schedule without window and limit; a fixed rate keeps its anchor. */
function unbounded(schedule: CompiledSchedule): CompiledSchedule {
  const { endAt: _end, maxFires: _max, ...rest } = schedule
  if (rest.kind === 'every' || rest.kind === 'after') return rest
  const { startAt: _start, ...open } = rest
  return open
}

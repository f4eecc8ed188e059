import { durationMs, type Duration } from './duration.ts'
import { ConfigError } from './errors.ts'

/** A definition as the API takes it, as far as it says when a job is due. Other fields may be there. */
export interface ScheduledDefinition {
  schedules: readonly {
    cron?: string
    every?: string | number
    after?: string | number
    at?: string
    zone?: string
    gap?: 'next' | 'skip'
    fold?: 'first' | 'last' | 'both'
    [field: string]: unknown
  }[]
  misfire?: { policy?: 'run-once' | 'skip' | 'run-all'; threshold?: string | number; max?: number }
  [field: string]: unknown
}

/** What is played. */
export interface PlayOptions {
  /** The job is created now. */
  from: Date | string
  /** Not included. */
  to: Date | string
  /** When no scheduler was there: what was due meanwhile is missed. */
  outages?: readonly { from: Date | string; to: Date | string }[]
  /** How long each run takes; `after` counts from its end. @default 0 */
  runsTake?: Duration
  /** What `H` fields and jitter are drawn from; a cluster draws one for each job. @default 1 */
  seed?: number
}

/** A run that would have been made. */
export interface PlayedFire {
  fireTime: Date
  /** `fireTime` and the job's jitter. */
  dueTime: Date
  /** When the scheduler decided: later than `dueTime` only for what was missed. */
  at: Date
  cause: 'schedule' | 'misfire'
  /** Ids of the schedules that were due. */
  schedules: readonly string[]
  /** Why the wall time is not what the expression says. */
  moved?: 'gap-next' | 'fold-first' | 'fold-last' | 'fold-both'
}

/** Fires that would have been recorded as skipped. */
export interface PlayedSkip {
  reason: 'dst-gap' | 'misfire-threshold' | 'coalesced'
  from: Date
  to: Date
  count: number
}

export interface Played {
  fires: readonly PlayedFire[]
  skipped: readonly PlayedSkip[]
  /** The first fire after the end of the play. */
  next?: Date
  /** Nothing is ever due again. */
  ended: boolean
}

/** A job's schedules, to be looked at in virtual time. */
export interface TestSchedule {
  /** Every decision that the scheduler would take. Rejects with a `ConfigError` that names every fault of the definition. */
  play(options: PlayOptions): Promise<Played>
}

/**
 * The schedules of a job, played by the scheduler's own code: cron, zones, DST, windows, `maxFires`, jitter, misfires.
 * Overlap and slots are not: they depend on other runs.
 * @example
 * const { fires } = await schedule({ schedules: [{ cron: '0 9 * * 1-5', zone: 'Europe/Berlin' }] })
 *   .play({ from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' })
 * console.log(fires.length) // 261
 */
export function schedule(definition: ScheduledDefinition): TestSchedule {
  return {
    async play({ from, to, outages = [], runsTake = 0, seed = 1 }) {
      const { playTimetable } = (await import('./generated/time-machine.ts')) as unknown as TimeMachine
      const played = playTimetable(definition, {
        ...stretch({ from, to }),
        outages: outages.map(stretch).sort((a, b) => a.from - b.from),
        takesMs: durationMs(runsTake),
        seed,
      })
      if (!played.ok) {
        throw new ConfigError(played.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '))
      }
      const { fires, skipped, next, ended } = played
      return { fires: fires.map(fireOf), skipped: skipped.map(skipOf), ended, ...(next && { next: new Date(next) }) }
    },
  }
}

interface Stretch {
  from: number
  to: number
}

/** The server's code, with instants in milliseconds. */
interface TimeMachine {
  playTimetable(
    definition: object,
    play: Stretch & { outages: Stretch[]; takesMs: number; seed: number },
  ): { ok: true; fires: RawFire[]; skipped: RawSkip[]; next?: number; ended: boolean } | { ok: false; faults: Fault[] }
}
type RawFire = Omit<PlayedFire, 'fireTime' | 'dueTime' | 'at'> & { fireTime: number; dueTime: number; at: number }
type RawSkip = Omit<PlayedSkip, 'from' | 'to'> & Stretch
interface Fault {
  pointer: string
  detail: string
}

function stretch({ from, to }: { from: Date | string; to: Date | string }): Stretch {
  const [fromMs, toMs] = [new Date(from).getTime(), new Date(to).getTime()]
  if (!(fromMs < toMs)) throw new ConfigError('`from` and `to` are two instants, the second after the first')
  return { from: fromMs, to: toMs }
}

function fireOf({ fireTime, dueTime, at, ...rest }: RawFire): PlayedFire {
  return { fireTime: new Date(fireTime), dueTime: new Date(dueTime), at: new Date(at), ...rest }
}

function skipOf({ from, to, ...rest }: RawSkip): PlayedSkip {
  return { from: new Date(from), to: new Date(to), ...rest }
}

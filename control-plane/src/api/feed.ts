import type { Millis } from '../runtime/clock.ts'
import type { EndedRun, OpenRun } from '../runs/run.ts'
import type { Episode } from '../alerts/episode.ts'
import type { Job } from '../jobs/job.ts'
import type { Event } from '../state/applied.ts'
import type { State } from '../state/state.ts'
import { KvHistory } from './kv-history.ts'

/** Events that are held for readers that come back, and that a slow reader may lag behind. */
const EVENTS_MAX = 4096

export type FeedEventType =
  | 'run.queued'
  | 'run.started'
  | 'run.ended'
  | 'run.skipped'
  | 'job.changed'
  | 'job.deleted'
  | 'alert.raised'
  | 'alert.ended'

/** One event as it is held: what it takes to write it down, without what a handler or a caller put in. */
export interface FeedEvent {
  type: FeedEventType
  /** Empty for an alert of the cluster. */
  namespace: string
  /** Empty for an alert that is about no job. */
  job: string
  run?: OpenRun | EndedRun
  changed?: { version: number; state: Job['state']; nextFire?: Millis }
  alert?: Episode
}

/** What a reader is told: events in order, or why there will be none. */
export type FeedRead = { kind: 'events'; events: FeedEvent[]; last: number } | { kind: 'dropped' } | { kind: 'woken' }

/**
 * What happened lately, in a ring of bounded size. Publishing costs the same however many read: a reader is a position,
 * and one that falls behind the ring is told so. Until somebody reads for the first time events are counted, not held.
 */
export class Feed {
  readonly #ring: (FeedEvent | undefined)[]
  readonly #boot: string
  /** Changes of keys, locks and elections. */
  readonly kv: KvHistory
  #next = 0
  /** Position of the first event that was held; infinite before there was a reader. */
  #heldFrom = Number.POSITIVE_INFINITY
  #waiting: (() => void)[] = []

  /** `boot` tells ids of this process from those of another one. */
  constructor(boot: string, eventsMax = EVENTS_MAX, kv = new KvHistory()) {
    this.#boot = boot
    this.kv = kv
    this.#ring = Array.from({ length: eventsMax })
  }

  /** Position after the newest event, where a new reader begins. */
  open(): number {
    this.#heldFrom = Math.min(this.#heldFrom, this.#next)
    return this.#next
  }

  /** Holds what an entry brought about; give it every event of the state, in order. */
  onEvent(state: State, event: Event): void {
    this.kv.onEvent(state, event)
    if (this.#heldFrom === Number.POSITIVE_INFINITY) {
      if (IN_FEED.has(event.type)) this.#next += 1
      return
    }
    const held = toFeedEvent(state, event)
    if (held) this.publish(held)
    else if (event.type === 'definitions-changed' && event.what === 'token') this.wake()
  }

  publish(event: FeedEvent): void {
    this.#ring[this.#next % this.#ring.length] = event
    this.#next += 1
    if (this.#waiting.length > 0) this.wake()
  }

  /** The whole state was replaced by that at `index`: what led there is not known, and nobody may go on as if it were. */
  reset(index: number): void {
    this.kv.reset(index)
    this.#next += this.#ring.length + 1
    this.#ring.fill(undefined)
    this.wake()
  }

  /** Makes waiting readers look up, to see that a credential or the node has ended. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  /** Events from a position on, at most `max`; waits when there are none yet. */
  async read(from: number, max: number): Promise<FeedRead> {
    if (from === this.#next) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
      if (from === this.#next) return { kind: 'woken' }
    }
    if (!this.#holds(from)) return { kind: 'dropped' }
    const last = Math.min(this.#next, from + max)
    const events: FeedEvent[] = []
    for (let i = from; i < last; i++) {
      const event = this.#ring[i % this.#ring.length]
      if (event) events.push(event)
    }
    return { kind: 'events', events, last }
  }

  /** The id that a reader sends back when it resumes at a position. */
  idOf(position: number): string {
    return `${this.#boot}-${position}`
  }

  /** The position behind an id, or undefined when it is of another process or no longer held. */
  positionOf(id: string): number | undefined {
    const [, boot, text] = /^(.*)-(\d{1,15})$/.exec(id) ?? []
    const position = Number(text)
    return boot === this.#boot && position <= this.#next && this.#holds(position) ? position : undefined
  }

  /** Whether everything from a position on is here. */
  #holds(from: number): boolean {
    return from >= this.#heldFrom && from >= this.#next - this.#ring.length
  }
}

/** What may be held. */
const IN_FEED: ReadonlySet<Event['type']> = new Set([
  'run-queued',
  'run-started',
  'run-ended',
  'job-changed',
  'job-deleted',
  'alert-changed',
])

/** The ring must not hold megabytes: neither what the caller nor what the handler put in. */
const NOTHING = {}

function toFeedEvent(state: State, event: Event): FeedEvent | undefined {
  switch (event.type) {
    case 'run-queued':
    case 'run-started': {
      const run = state.runs.get(event.run)
      const job = state.jobs.get(event.job)
      if (!run || !job) return undefined
      const type = event.type === 'run-queued' ? 'run.queued' : 'run.started'
      return { type, namespace: nameOf(state, job.namespace), job: job.name, run: { ...run, params: NOTHING } }
    }
    case 'run-ended': {
      const { run } = event
      const type = run.state === 'skipped' ? 'run.skipped' : 'run.ended'
      return {
        type,
        namespace: nameOf(state, run.namespace),
        job: run.jobName,
        run: { ...run, params: NOTHING, result: null },
      }
    }
    case 'job-changed': {
      const job = state.jobs.get(event.job)
      return (
        job && { type: 'job.changed', namespace: nameOf(state, job.namespace), job: job.name, changed: changeOf(job) }
      )
    }
    case 'job-deleted':
      return { type: 'job.deleted', namespace: nameOf(state, event.namespace), job: event.name }
    case 'alert-changed': {
      const { episode } = event
      const type = episode.state === 'firing' ? 'alert.raised' : 'alert.ended'
      const job = episode.subject.kind === 'job' ? episode.subject.name : ''
      return { type, namespace: nameOf(state, episode.namespace), job, alert: episode }
    }
    default:
      return undefined
  }
}

function changeOf({ version, state, progress }: Job): NonNullable<FeedEvent['changed']> {
  const next = progress.nextFire?.fireTime
  return { version, state, ...(next === undefined ? {} : { nextFire: next }) }
}

/** The name of a namespace; one that has gone has nobody who may read it. */
function nameOf(state: State, uid: number): string {
  return state.namespaces.get(uid)?.name ?? ''
}

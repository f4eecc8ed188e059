import type { Millis } from '../runtime/clock.ts'
import { Heap } from './heap.ts'

/** Most runs of a line that are looked at together. */
export const WINDOW_MAX = 256

/** What the index keeps of a queued run. */
export interface WaitingRun {
  id: string
  job: number
  namespace: number
  /** Service, labels and executor that it asks for, as `wantsOf` names them. */
  service: string
  priority: number
  sequence: number
  /** Its place among those of its job that the same entry made. Absent: the first. */
  ordinal?: number
  catchUp: boolean
  /** When it was queued. @default unknown */
  since?: Millis
  /** How often it could not be planned; absent when never. */
  tries?: { deliveries: number; followUps: number }
}

/** The waiting runs of one job in one line, oldest first. Those that have left are skipped when their turn comes. */
interface Queue {
  job: number
  runs: WaitingRun[]
  /** Place of the first one. */
  head: number
  /** Whether earlier runs of the job hold it back, so that nobody needs to look. */
  held: boolean
  /** Where it stands among those of its line that are not held. */
  at: number
}

/**
 * Runs that wait for the same thing, capacity of one service in one namespace: by priority, then in the order in which
 * they were made. Missed fires stand in lines of their own, since they are paced.
 */
export class Line {
  readonly namespace: number
  readonly catchUp: boolean
  readonly queues = new Map<number, Queue>()
  readonly ready = new Heap<Queue>(
    (a, b) => comesBefore(headOf(a), headOf(b)),
    (queue, at) => {
      queue.at = at
    },
  )
  /** What there was none of for the first one when it was last looked at: slots of the namespace, or executors … */
  full: false | 'quota' | 'own' = false
  /** … and nothing has become free since. */
  asleep = false
  /** Whether runs of it are with a worker: one at a time has them, so that they keep their order. */
  out = false
  /** How many are looked at next: few after there was no room, twice as many each time that all found some. */
  window = WINDOW_MAX
  size = 0

  constructor(namespace: number, catchUp: boolean) {
    this.namespace = namespace
    this.catchUp = catchUp
  }
}

/**
 * An index over queued runs, in the leader's memory. What is added, taken and removed costs the logarithm of the jobs
 * that wait, however many runs do. It can be rebuilt from the state at any time.
 */
export class WaitingRuns {
  readonly #lines = new Map<string, Line>()
  /**
   * Undefined for one that was taken: a key that leaves a large map and comes back again and again makes its bucket long,
   * because what was deleted stays in it for a while.
   */
  readonly #byId = new Map<string, WaitingRun | undefined>()
  /** Lines whose own executors were full and are to be looked at again, who waits longest first. */
  readonly #untried = new Set<Line>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Whether none waits, and none was taken that has not been removed since. */
  get isEmpty(): boolean {
    return this.#byId.size === 0
  }

  add(run: WaitingRun): void {
    if (this.#byId.get(run.id) !== undefined) return
    this.#byId.set(run.id, run)
    this.#size += 1
    const key = lineKeyOf(run)
    const line = this.#lines.get(key) ?? new Line(run.namespace, run.catchUp)
    this.#lines.set(key, line)
    line.size += 1
    const queue = line.queues.get(run.job)
    if (!queue || this.#hasOtherLead(queue, run)) {
      const made = { job: run.job, runs: [run], head: 0, held: false, at: 0 }
      line.queues.set(run.job, made)
      line.ready.add(made)
      return
    }
    const place = placeIn(queue, run)
    if (place > queue.head) queue.runs.splice(place, 0, run)
    else this.#lead(line, queue, run)
  }

  /** Whether a queue still stands by a run that has left, which had another priority than its job has now. */
  #hasOtherLead(queue: Queue, { priority }: WaitingRun): boolean {
    const lead = headOf(queue)
    return lead.priority !== priority && this.#byId.get(lead.id) !== lead
  }

  /** A run comes back to the front of its queue, which stands further in front itself by that. */
  #lead(line: Line, queue: Queue, run: WaitingRun): void {
    if (queue.head > 0) queue.runs[--queue.head] = run
    else queue.runs.unshift(run)
    if (queue.held) line.ready.add(queue)
    else line.ready.raise(queue, queue.at)
    queue.held = false
  }

  remove(id: string): void {
    const run = this.#byId.get(id)
    this.#byId.delete(id)
    if (run === undefined) return
    this.#size -= 1
    const line = this.lineOf(run)
    if (line) line.size -= 1
  }

  /** Takes out the runs of a job that stand in lines where the oldest one of them `isElsewhere`. */
  removeJob(job: number, isElsewhere: (run: WaitingRun) => boolean): WaitingRun[] {
    const removed: WaitingRun[] = []
    for (const line of this.#lines.values()) {
      const queue = line.queues.get(job)
      const waiting = queue?.runs.slice(queue.head).filter((run) => this.#byId.get(run.id) === run) ?? []
      const [oldest] = waiting
      if (!queue || !oldest || !isElsewhere(oldest)) continue
      for (const run of waiting) this.remove(run.id)
      removed.push(...waiting)
      // One that is not held stands among the ready ones, by the run that it leads, until its turn comes.
      queue.runs = [headOf(queue)]
      queue.head = 0
      line.queues.delete(job)
    }
    return removed
  }

  /** The line in which a run stands, or stood. */
  lineOf(run: WaitingRun): Line | undefined {
    return this.#lines.get(lineKeyOf(run))
  }

  /** The line of a service, if runs wait in it. */
  line(namespace: number, service: string): Line | undefined {
    return this.#lines.get(lineKeyOf({ namespace, service, catchUp: false }))
  }

  /** Something became free that a line may have waited for. */
  wake(line: Line): void {
    if (line.asleep && line.full === 'own') this.#untried.add(line)
    else line.asleep = false
  }

  /** Whether lines are to be looked at again for which there was no room in a round. */
  get hasUntried(): boolean {
    return this.#untried.size > 0
  }

  /**
   * The lines that are neither asleep nor with a worker, in any order. Where something `freed` they wake up: those whose
   * own executors were full by turns, so that no more than `tries` of them are in the way of the others.
   */
  awake(freed: ReadonlySet<number>, tries: number): { line: Line; head: WaitingRun }[] {
    const found: { line: Line; head: WaitingRun }[] = []
    let left = tries
    for (const [key, line] of this.#lines) {
      if (freed.has(line.namespace)) this.wake(line)
      if (line.asleep || line.out) continue
      const head = this.first(line)
      if (head) found.push({ line, head })
      else if (line.queues.size === 0) this.#lines.delete(key)
      if (head && line.full === 'own') left -= 1
    }
    for (const line of this.#untried) {
      if (left <= 0) break
      if (line.out) continue
      this.#untried.delete(line)
      const head = line.asleep ? this.first(line) : undefined
      line.asleep = false
      if (!head) continue
      found.push({ line, head })
      left -= 1
    }
    return found
  }

  /** The lines, the one whose first run comes first before the others. */
  lines(): Line[] {
    const heads: { line: Line; head: WaitingRun | undefined }[] = []
    for (const [key, line] of this.#lines) {
      const head = this.first(line)
      if (head || line.queues.size > 0) heads.push({ line, head })
      else if (!line.out) this.#lines.delete(key)
    }
    return heads.sort((a, b) => (a.head && b.head ? (comesBefore(a.head, b.head) ? -1 : 1) : 0)).map(({ line }) => line)
  }

  /** The run of a line that is to leave next, those aside whose job holds them back. */
  first(line: Line): WaitingRun | undefined {
    for (let queue = line.ready.first; queue; queue = line.ready.first) {
      const run = headOf(queue)
      if (this.#byId.get(run.id) === run) return run
      line.ready.take()
      if (this.#advance(queue)) line.ready.add(queue)
      else if (line.queues.get(queue.job) === queue) line.queues.delete(queue.job)
    }
    return undefined
  }

  /** Takes out what `first` gave. */
  take(line: Line): void {
    const run = this.first(line)
    if (!run) return
    this.#byId.set(run.id, undefined)
    this.#size -= 1
    line.size -= 1
  }

  /** Sets the job of what `first` gave aside until `release`: earlier runs of it are in the way. */
  hold(line: Line): void {
    const queue = line.ready.take()
    if (queue) queue.held = true
  }

  /** Looks at a job's runs again: one of it has ended, or its definition has changed. */
  release(job: number): void {
    for (const line of this.#lines.values()) {
      const queue = line.queues.get(job)
      if (!queue?.held) continue
      queue.held = false
      if (this.#advance(queue)) line.ready.add(queue)
      else line.queues.delete(job)
    }
  }

  clear(): void {
    this.#lines.clear()
    this.#untried.clear()
    this.#byId.clear()
    this.#size = 0
  }

  /** Moves on to the first run that still waits; false when there is none. */
  #advance(queue: Queue): boolean {
    const { runs } = queue
    while (queue.head < runs.length) {
      const run = runs[queue.head] as WaitingRun
      if (this.#byId.get(run.id) === run) break
      queue.head += 1
    }
    if (queue.head > 64 && queue.head * 2 > runs.length) {
      runs.splice(0, queue.head)
      queue.head = 0
    }
    return queue.head < runs.length
  }
}

/** Before the first run of a queue that is younger: nearly always at the end, or at the front. */
function placeIn({ runs, head }: Queue, run: WaitingRun): number {
  const first = runs[head]
  if (first === undefined || isOlder(run, first)) return head
  let low = head
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isOlder(run, runs[middle] as WaitingRun)) high = middle
    else low = middle + 1
  }
  return low
}

function isOlder(a: WaitingRun, b: WaitingRun): boolean {
  return a.sequence < b.sequence || (a.sequence === b.sequence && (a.ordinal ?? 0) < (b.ordinal ?? 0))
}

/** The name of the line in which a run stands. */
export function lineKeyOf({
  namespace,
  service,
  catchUp,
}: Pick<WaitingRun, 'namespace' | 'service' | 'catchUp'>): string {
  return `${namespace}/${service}/${catchUp}`
}

function headOf(queue: Queue): WaitingRun {
  return queue.runs[queue.head] as WaitingRun
}

/** Whether a run leaves before another one. */
export function comesBefore(a: WaitingRun, b: WaitingRun): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.sequence < b.sequence)
}

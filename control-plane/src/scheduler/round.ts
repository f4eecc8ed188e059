import type { Millis } from '../runtime/clock.ts'
import type { Governor } from './governor.ts'
import { Heap } from './heap.ts'
import { comesBefore, type Line, type WaitingRun, type WaitingRuns } from './waiting-runs.ts'

/** What all rounds go by. */
export interface RoundDeps {
  runs: WaitingRuns
  governor: Governor
  /** Whether a run is to be taken now, waits for others of its job, or is none any more. */
  judge(run: WaitingRun, isBusy: Occasion['isBusy']): 'now' | 'later' | 'gone'
  /** Whether a run ends where nothing is free, so that it does not wait for that. */
  endsWhenFull(run: WaitingRun): boolean
}

/** For whom, and when. */
export interface Occasion {
  now: Millis
  /** Whether others have evaluations of a job. */
  isBusy(job: number): boolean
  slots: SlotsLeft
  /** Lines that may be looked at although their own executors were full when they last were. */
  tries: number
}

/** What is left of the slots of namespaces, once everybody has placed what they have. */
export interface SlotsLeft {
  /** Whether a run of this priority may have one: `none` is free, or those that are will be taken by others. */
  left(namespace: number, priority: number): 'some' | 'spent' | 'none'
}

/** A line of which runs may be taken, and how many were. */
interface Entry {
  line: Line
  head: WaitingRun
  taken: number
}

/** One look at the lines for one worker: whichever run comes first leaves first, whatever line it stands in. */
export class Round {
  readonly #deps: RoundDeps
  readonly #occasion: Occasion
  readonly #entries = new Heap<Entry>((a, b) => comesBefore(a.head, b.head))
  /** Namespaces whose slots are spoken for: nobody there overtakes the one who finds none. */
  readonly #spent = new Set<number>()
  /** What `first` gave and `take` takes. */
  #next: WaitingRun | undefined

  constructor(deps: RoundDeps, occasion: Occasion, lines: Iterable<{ line: Line; head: WaitingRun }>) {
    this.#deps = deps
    this.#occasion = occasion
    for (const { line, head } of lines) this.#entries.add({ line, head, taken: 0 })
  }

  /** The run that is to leave next, if one may. */
  first(): WaitingRun | undefined {
    const { runs } = this.#deps
    const { slots, isBusy } = this.#occasion
    for (let entry = this.#entries.first; entry; entry = this.#entries.first) {
      const { line, head } = entry
      const left = slots.left(line.namespace, head.priority)
      if (this.#isOver(entry, left !== 'none')) this.#entries.take()
      else if (left === 'none' && !this.#deps.endsWhenFull(head)) {
        line.full ||= 'quota'
        line.asleep = true
        this.#entries.take()
      } else if (left === 'spent' && line.full !== 'own') {
        this.#spent.add(line.namespace)
        this.#entries.take()
      } else {
        const verdict = this.#next === head ? 'now' : this.#deps.judge(head, isBusy)
        if (verdict === 'now') {
          this.#next = head
          return head
        }
        if (verdict === 'gone') runs.remove(head.id)
        else runs.hold(line)
        this.#moveOn(entry)
      }
    }
    return undefined
  }

  /** Whether what `first` gave waits for slots of its namespace, which new fires would take. */
  get isShort(): boolean {
    return this.#entries.first?.line.full === 'quota'
  }

  /** Takes what `first` gave. True when it is only tried: what it needs besides slots of its namespace was not free. */
  take(): boolean {
    const entry = this.#entries.first
    if (!entry) return false
    const { line } = entry
    this.#next = undefined
    if (line.catchUp) this.#deps.governor.started()
    this.#deps.runs.take(line)
    line.out = true
    entry.taken += 1
    this.#moveOn(entry)
    return line.full === 'own'
  }

  /** Whether something is left for the next worker. */
  get hasMore(): boolean {
    return this.#entries.items().some(({ line }) => !line.out && !this.#spent.has(line.namespace))
  }

  /** Whether nothing more of a line may be taken. The rest of it is looked at once what was taken has come back. */
  #isOver({ line, taken }: Entry, hasFree: boolean): boolean {
    if (this.#spent.size > 0 && this.#spent.has(line.namespace) && line.full !== 'own') return true
    if (line.catchUp && !this.#deps.governor.mayStart(this.#occasion.now)) return true
    // Where it is slots that were missing, as many as there are may be tried at once.
    return taken >= line.window && !(line.full === 'quota' && hasFree)
  }

  /** The first of a line is another one by now. */
  #moveOn(entry: Entry): void {
    const head = this.#deps.runs.first(entry.line)
    if (head) {
      entry.head = head
      this.#entries.lower()
    } else this.#entries.take()
  }
}

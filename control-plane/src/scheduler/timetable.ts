import type { Millis } from '../runtime/clock.ts'

/** Place of what is not in the heap. */
const NOWHERE = -1

/**
 * When each job is due next: a binary heap over (time, job) with the place of every job known, so that setting,
 * removing and taking cost the logarithm of what exists and a tick costs what is due. A job has a number of its own as
 * long as it is known; the heap is of those, and a job that is taken keeps it, since it is set again soon.
 */
export class Timetable {
  /** By number. */
  #times = new Float64Array(1024)
  #jobs = new Float64Array(1024)
  #places = new Int32Array(1024)
  /** The heap: numbers by place. */
  #heap = new Int32Array(1024)
  #size = 0
  readonly #numbers = new Map<number, number>()
  /** Numbers that nobody has any more. */
  #spare: number[] = []

  get size(): number {
    return this.#size
  }

  /** The earliest time, or undefined when nothing is due ever. */
  get earliest(): Millis | undefined {
    return this.#size === 0 ? undefined : this.#times[this.#heap[0] as number]
  }

  /** Sets when a job is due next, replacing what was there. */
  set(job: number, time: Millis): void {
    const number = this.#numbers.get(job) ?? this.#admit(job)
    this.#times[number] = time
    const place = this.#places[number] as number
    if (place === NOWHERE) this.#up(number, this.#size++)
    else this.#move(number, place)
  }

  /** Forgets a job. */
  remove(job: number): void {
    const number = this.#numbers.get(job)
    if (number === undefined) return
    this.#numbers.delete(job)
    this.#spare.push(number)
    if (this.#places[number] !== NOWHERE) this.#takeOut(number)
  }

  /** Takes the earliest job that is due at or before `now`, if there is one. */
  takeDue(now: Millis): number | undefined {
    if (this.#size === 0) return undefined
    const number = this.#heap[0] as number
    if ((this.#times[number] as number) > now) return undefined
    this.#takeOut(number)
    return this.#jobs[number]
  }

  clear(): void {
    this.#size = 0
    this.#numbers.clear()
    this.#spare = []
  }

  #admit(job: number): number {
    const number = this.#spare.pop() ?? this.#numbers.size
    if (number === this.#times.length) this.#grow()
    this.#numbers.set(job, number)
    this.#jobs[number] = job
    this.#places[number] = NOWHERE
    return number
  }

  #takeOut(number: number): void {
    const place = this.#places[number] as number
    this.#places[number] = NOWHERE
    const last = this.#heap[--this.#size] as number
    if (last !== number) this.#move(last, place)
  }

  /** Puts a number where it belongs, looking from a place that is empty or its own. */
  #move(number: number, place: number): void {
    if (place > 0 && this.#before(number, this.#heap[(place - 1) >> 1] as number)) this.#up(number, place)
    else this.#down(number, place)
  }

  #up(number: number, from: number): void {
    let place = from
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1] as number
      if (!this.#before(number, parent)) break
      this.#put(parent, place)
      place = (place - 1) >> 1
    }
    this.#put(number, place)
  }

  #down(number: number, from: number): void {
    let place = from
    for (let child = 2 * place + 1; child < this.#size; child = 2 * place + 1) {
      const right = child + 1
      if (right < this.#size && this.#before(this.#heap[right] as number, this.#heap[child] as number)) child = right
      const least = this.#heap[child] as number
      if (!this.#before(least, number)) break
      this.#put(least, place)
      place = child
    }
    this.#put(number, place)
  }

  #put(number: number, place: number): void {
    this.#heap[place] = number
    this.#places[number] = place
  }

  /** Jobs due at the same time come in the order in which they were created. */
  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] as number) - (this.#times[b] as number)
    return difference < 0 || (difference === 0 && (this.#jobs[a] as number) < (this.#jobs[b] as number))
  }

  #grow(): void {
    const length = this.#times.length * 2
    this.#times = grown(new Float64Array(length), this.#times)
    this.#jobs = grown(new Float64Array(length), this.#jobs)
    this.#places = grown(new Int32Array(length), this.#places)
    this.#heap = grown(new Int32Array(length), this.#heap)
  }
}

function grown<T extends Float64Array | Int32Array>(larger: T, present: T): T {
  larger.set(present)
  return larger
}

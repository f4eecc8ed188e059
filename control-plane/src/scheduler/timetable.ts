import type { Millis } from '../runtime/clock.ts'

/**
 * When each job is due next: a binary heap over (time, job) with the place of every job known, so that setting,
 * removing and taking cost the logarithm of what exists and a tick costs what is due.
 */
export class Timetable {
  #times = new Float64Array(1024)
  #jobs = new Float64Array(1024)
  #size = 0
  readonly #places = new Map<number, number>()

  get size(): number {
    return this.#size
  }

  /** The earliest time, or undefined when nothing is due ever. */
  get earliest(): Millis | undefined {
    return this.#size === 0 ? undefined : this.#times[0]
  }

  /** Sets when a job is due next, replacing what was there. */
  set(job: number, time: Millis): void {
    let place = this.#places.get(job)
    if (place === undefined) {
      if (this.#size === this.#times.length) this.#grow()
      place = this.#size++
    }
    this.#put(place, time, job)
    this.#up(place)
    this.#down(this.#places.get(job) ?? place)
  }

  remove(job: number): void {
    const place = this.#places.get(job)
    if (place === undefined) return
    this.#places.delete(job)
    this.#size -= 1
    if (place === this.#size) return
    const moved = this.#jobs[this.#size] as number
    this.#put(place, this.#times[this.#size] as number, moved)
    this.#up(place)
    this.#down(this.#places.get(moved) ?? place)
  }

  /** Takes the earliest job that is due at or before `now`, if there is one. */
  takeDue(now: Millis): number | undefined {
    if (this.#size === 0 || (this.#times[0] as number) > now) return undefined
    const job = this.#jobs[0] as number
    this.remove(job)
    return job
  }

  clear(): void {
    this.#size = 0
    this.#places.clear()
  }

  #put(place: number, time: Millis, job: number): void {
    this.#times[place] = time
    this.#jobs[place] = job
    this.#places.set(job, place)
  }

  #up(start: number): void {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#before(place, parent)) return
      this.#swap(place, parent)
      place = parent
    }
  }

  #down(start: number): void {
    let place = start
    for (;;) {
      const left = 2 * place + 1
      if (left >= this.#size) return
      const right = left + 1
      const least = right < this.#size && this.#before(right, left) ? right : left
      if (!this.#before(least, place)) return
      this.#swap(place, least)
      place = least
    }
  }

  /** Jobs due at the same time come in the order in which they were created. */
  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] as number) - (this.#times[b] as number)
    return difference < 0 || (difference === 0 && (this.#jobs[a] as number) < (this.#jobs[b] as number))
  }

  #swap(a: number, b: number): void {
    const time = this.#times[a] as number
    const job = this.#jobs[a] as number
    this.#put(a, this.#times[b] as number, this.#jobs[b] as number)
    this.#put(b, time, job)
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2)
    const jobs = new Float64Array(this.#jobs.length * 2)
    times.set(this.#times)
    jobs.set(this.#jobs)
    this.#times = times
    this.#jobs = jobs
  }
}

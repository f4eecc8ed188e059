/** What the index keeps of a queued run. */
export interface WaitingRun {
  id: string
  job: number
  namespace: number
  /** Service name, or `-`. */
  service: string
  priority: number
  sequence: number
  catchUp: boolean
}

/**
 * An index over queued runs, in the leader's memory: per namespace and service, missed fires apart from the rest (they
 * are paced), higher priority first, then the order in which they were made. It can be rebuilt from the state at any time.
 */
export class WaitingRuns {
  readonly #lines = new Map<string, WaitingRun[]>()
  readonly #byId = new Map<string, string>()

  get size(): number {
    return this.#byId.size
  }

  add(run: WaitingRun): void {
    if (this.#byId.has(run.id)) return
    const key = `${run.namespace}/${run.service}/${run.catchUp}`
    const line = this.#lines.get(key) ?? []
    this.#lines.set(key, line)
    // Nearly always the last: look from the end.
    let place = line.length
    while (place > 0 && before(run, line[place - 1] as WaitingRun)) place -= 1
    line.splice(place, 0, run)
    this.#byId.set(run.id, key)
  }

  remove(id: string): void {
    const key = this.#byId.get(id)
    const line = key === undefined ? undefined : this.#lines.get(key)
    if (key === undefined || !line) return
    this.#byId.delete(id)
    const place = line.findIndex((run) => run.id === id)
    if (place >= 0) line.splice(place, 1)
    if (line.length === 0) this.#lines.delete(key)
  }

  /** The lines, each in the order in which its runs leave. Not to be changed while it is read. */
  lines(): Iterable<readonly WaitingRun[]> {
    return this.#lines.values()
  }

  clear(): void {
    this.#lines.clear()
    this.#byId.clear()
  }
}

function before(a: WaitingRun, b: WaitingRun): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.sequence < b.sequence)
}

import { createHash, type Hash } from 'node:crypto'

/** A process of a machine: what it set going happens only while it lives, and waits while it stands still. */
export interface Owner {
  readonly name: string
  readonly alive: boolean
  /** True time until which it stands still. */
  readonly pausedUntil: number
}

interface Happening {
  at: number
  order: number
  owner: (() => Owner | undefined) | undefined
  label: string
  /** Undefined once it was cancelled. */
  task: (() => void) | undefined
}

/** The one order of everything that happens in a simulation, in true time; what happens is a step. */
export class World {
  /** Milliseconds since the beginning. */
  now = 0
  steps = 0
  /** Whose step it is; undefined for the world's own. */
  running: Owner | undefined
  /** What broke, to be thrown at the end of the step: what is thrown inside a node is caught by the node. */
  broken: Error | undefined
  /** Called after every step of a process. */
  onStep: ((owner: Owner) => void) | undefined
  readonly #queue: Happening[] = []
  readonly #trace: Hash = createHash('sha256')
  #order = 0

  /** Does something of the world's own, which no process has to be alive for. */
  later(delayMs: number, label: string, task: () => void): () => void {
    return this.#add(delayMs, undefined, label, task)
  }

  /** Does something in a process, which may be chosen only when the time has come; not at all when it is gone. */
  laterIn(owner: () => Owner | undefined, delayMs: number, label: string, task: () => void): () => void {
    return this.#add(delayMs, owner, label, task)
  }

  /** Takes steps until `isOver`; throws what broke. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const next = this.#pop()
      if (next === undefined) return
      if (next.task === undefined) continue
      const owner = next.owner?.()
      if (next.owner !== undefined && !owner?.alive) continue
      if (owner !== undefined && owner.pausedUntil > next.at) {
        next.at = owner.pausedUntil
        this.#push(next)
        continue
      }
      this.now = Math.max(this.now, next.at)
      this.steps++
      this.note(`${this.now.toFixed(3)} ${owner?.name ?? ''} ${next.label}`)
      this.running = owner
      next.task()
      await settled()
      if (owner !== undefined) this.onStep?.(owner)
      this.running = undefined
      if (this.broken !== undefined) throw this.broken
    }
  }

  /** Enters something into the trace: what the same seed has to give again. */
  note(line: string): void {
    this.#trace.update(line)
    this.#trace.update('\n')
    if (process.env['SIM_TRACE'] !== undefined) console.log(line)
  }

  /** Of everything that happened. */
  trace(): string {
    return this.#trace.copy().digest('hex')
  }

  #add(delayMs: number, owner: Happening['owner'], label: string, task: () => void): () => void {
    const happening: Happening = { at: this.now + Math.max(0, delayMs), order: this.#order++, owner, label, task }
    this.#push(happening)
    return () => {
      happening.task = undefined
    }
  }

  #push(happening: Happening): void {
    const queue = this.#queue
    let at = queue.push(happening) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(happening, queue[parent]!)) break
      queue[at] = queue[parent]!
      at = parent
    }
    queue[at] = happening
  }

  #pop(): Happening | undefined {
    const queue = this.#queue
    const first = queue[0]
    const last = queue.pop()
    if (first === undefined || last === undefined || queue.length === 0) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= queue.length) break
      if (child + 1 < queue.length && before(queue[child + 1]!, queue[child]!)) child++
      if (!before(queue[child]!, last)) break
      queue[at] = queue[child]!
      at = child
    }
    queue[at] = last
    return first
  }
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** When everything that promises have set off so far is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

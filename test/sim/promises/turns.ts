import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { FireDecision, FireStart } from '../../../control-plane/src/state/commands.ts'
import type { Applied, Event } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { hasOwnUrl, takesWork } from './could-start.ts'

/** What is known of the turns of a job. */
interface Taken {
  /** Its runs that have begun. */
  started: number
  /** Up to which instant its fires are decided. */
  decidedUpTo: number
  /** The entry that last decided some, and the one that last did anything else that takes turns, or may have. */
  decidedAt: number
  disturbedAt: number
  /** By the length of a cycle: where in it the first run of all may have been, as far as is known. */
  origins: Map<number, readonly number[]>
  /** Since when nobody has taken office or come up anew, as its turn was foretold last. */
  office: number | undefined
}

/** The executors of a service, the entry that last changed who among them takes part, and after which each was full. */
interface Crew {
  looks: string
  changedAt: number
  fullAt: Map<string, number>
}

/** Those that take part for a job, in their order, and who of them can be called, however much is placed meanwhile. */
interface Roster {
  members: readonly Executor[]
  hasRoom(executor: Executor, isFirst: boolean): boolean
}

/**
 * What is promised of turns: whoever leads, the n-th run of a job goes where it would have gone under any other leader.
 * There is a place in the cycle at which its first run was, from which all others can be counted. Looked at are fires
 * for which nobody else can have taken a turn between their plan and their entry: a plan is never older than the entry
 * that decided the last fires of its job, nor than the term. Where the one whose turn it is may have been full, anybody
 * is right.
 */
export class Turns {
  readonly #taken = new Map<number, Taken>()
  readonly #crews = new Map<number, Crew>()
  readonly #looks = new WeakMap<Executor, string>()
  #jobsChangedAt = 0
  #term = 0
  /** First entry of the term; and the last one with which somebody took office, or came up anew. */
  #termSince = 0
  #office = 0
  /** Runs whose executor was foretold; and those for which the one before was under another leader, or before a start. */
  foretold = 0
  kept = 0

  check({ index, term, command }: Entry, { events }: Applied, state: State): void {
    if (term !== this.#term) {
      this.#term = term
      this.#termSince = index
      this.#office = index
    }
    if (command.kind === 'node-up') this.#office = index
    for (const [service, executors] of state.executors) this.#look(service, executors.values(), index)
    const calm = new Set<number>()
    if (command.kind === 'decide-fires') {
      const begun = new Set(events.flatMap((event) => (event.type === 'run-started' ? [event.run] : [])))
      for (const decision of command.decisions) {
        const job = state.jobs.get(decision.job)
        if (job && this.#decided(decision, job, begun, index, state)) calm.add(job.uid)
      }
    }
    for (const event of events) this.#note(event, index, calm, state)
    for (const [service, executors] of state.executors) {
      for (const { id, held, slots } of executors.values())
        if (slots > 0 && held >= slots) this.#crews.get(service)?.fullAt.set(id, index)
    }
  }

  /** Fires of a job are decided: whether nothing else took turns since they may have been planned. */
  #decided(decision: FireDecision, job: Job, begun: ReadonlySet<string>, index: number, state: State): boolean {
    const taken = this.#takenBy(job.uid)
    const before = taken.decidedAt >= this.#termSince ? taken.decidedAt : this.#termSince - 1
    const first = Math.min(...times(decision))
    const isNew = first > taken.decidedUpTo
    taken.decidedUpTo = Math.max(taken.decidedUpTo, ...times(decision))
    // One that was thought lost and comes late says nothing of when the next one was planned.
    if (isNew) taken.decidedAt = index
    if (!isNew || taken.disturbedAt > before || !isPlain(job, begun, state)) return false
    const roster = this.#rosterOf(job, before, state)
    if (roster) this.#foretell(decision, job, begun, taken, roster)
    return true
  }

  #foretell(
    { fires }: FireDecision,
    job: Job,
    begun: ReadonlySet<string>,
    taken: Taken,
    { members, hasRoom }: Roster,
  ): void {
    const cycle = job.spec.routing.strategy === 'round-robin' ? members : smoothed(members)
    const free = (executor: Executor) => hasRoom(executor, turn === taken.started)
    let turn = taken.started
    for (const fire of fires) {
      // One that was planned and does not begin has taken a turn of those behind it.
      if (fire.place === undefined) continue
      if (!begun.has(fire.run)) return
      this.#hold(fire, job, taken, cycle, turn, free)
      turn += 1
    }
  }

  /** One more run: what is known of where the first one was has to explain it. */
  #hold(
    { run, place = [] }: FireStart,
    job: Job,
    taken: Taken,
    cycle: readonly Executor[],
    turn: number,
    hasRoom: (executor: Executor) => boolean,
  ): void {
    const known = taken.origins.get(cycle.length) ?? cycle.map((_, origin) => origin)
    const meant = known.map((origin) => cycle[(origin + turn) % cycle.length]!)
    const left = known.filter((_, at) => meant[at]!.id === place[0] || !hasRoom(meant[at]!))
    if (known.length === 1 && cycle.length > 1 && hasRoom(meant[0]!)) {
      this.foretold += 1
      if (taken.office !== undefined && taken.office !== this.#office) this.kept += 1
      taken.office = this.#office
    }
    const ids = meant.map(({ id }) => id).join(' or ')
    assert(left.length > 0, `${run} of ${job.name}, its run ${turn}: it is the turn of ${ids}, and ${place[0]} gets it`)
    taken.origins.set(cycle.length, left)
  }

  #note(event: Event, index: number, calm: ReadonlySet<number>, state: State): void {
    if (event.type === 'run-started') {
      const taken = this.#takenBy(event.job)
      taken.started += 1
      if (!calm.has(event.job)) taken.disturbedAt = index
    }
    if (event.type === 'job-changed') this.#jobsChangedAt = index
    if (event.type === 'run-queued' || event.type === 'job-changed') this.#takenBy(event.job).disturbedAt = index
    if (event.type !== 'run-ended') return
    const { job, startedAt, jobVersion, shardEnds, endsApart } = event.run
    const isWhole = shardEnds === undefined && endsApart === undefined && jobVersion === state.jobs.get(job)?.version
    if (startedAt === undefined || !isWhole) this.#takenBy(job).disturbedAt = index
  }

  /** Who takes part for a job, if that is the same since before its fires were planned. */
  #rosterOf(job: Job, before: number, state: State): Roster | undefined {
    const service = state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) ?? -1
    const crew = this.#crews.get(service)
    if (crew === undefined || crew.changedAt > before) return undefined
    const there = [...(state.executors.get(service)?.values() ?? [])]
    const members = there.filter((one) => takesWork(one, job) && one.breaker?.state !== 'open' && !one.health)
    if (members.length === 0) return undefined
    // Where others ask for the same executors, a plan may have given away what no entry tells of.
    const others = [...state.jobs.values()].filter((one) => one.spec.target.service === job.spec.target.service)
    const isAlone = others.length === 1 && this.#jobsChangedAt <= before
    return {
      members: members.sort((a, b) => (a.id < b.id ? -1 : 1)),
      hasRoom: ({ id, slots, breaker }, isFirst) =>
        breaker === undefined && (slots === 0 || (isAlone && isFirst && (crew.fullAt.get(id) ?? -1) < before)),
    }
  }

  #look(service: number, executors: Iterable<Executor>, index: number): void {
    let looks = ''
    for (const executor of executors) looks += this.#lookOf(executor)
    const known = this.#crews.get(service)
    const fullAt = known?.fullAt ?? new Map<string, number>()
    if (known?.looks !== looks) this.#crews.set(service, { looks, changedAt: index, fullAt })
  }

  #lookOf(executor: Executor): string {
    const known = this.#looks.get(executor)
    if (known !== undefined) return known
    const { id, status, weight, slots, url, labels, breaker, health } = executor
    const look = JSON.stringify([id, status, weight, slots, url === 'pull', labels, breaker?.state, health])
    this.#looks.set(executor, look)
    return look
  }

  #takenBy(job: number): Taken {
    const known = this.#taken.get(job)
    if (known) return known
    const taken = { started: 0, decidedUpTo: 0, decidedAt: -1, disturbedAt: -1, origins: new Map(), office: undefined }
    this.#taken.set(job, taken)
    return taken
  }
}

/** Whether a job takes turns, and its open runs are whole and at work. */
function isPlain(job: Job, begun: ReadonlySet<string>, state: State): boolean {
  const { strategy } = job.spec.routing
  if ((strategy !== 'round-robin' && strategy !== 'weighted-round-robin') || hasOwnUrl(job)) return false
  return job.openRuns.every((id) => {
    const run = state.runs.get(id)
    const isWhole = run?.partsLeft === undefined && run?.shards.length === 1 && (run.shards[0]?.attempts ?? 0) > 0
    return begun.has(id) || (run?.state === 'running' && isWhole)
  })
}

function times({ skipped = [], fires }: FireDecision): number[] {
  return [...skipped.flatMap(({ from, to }) => [from, to]), ...fires.map(({ fireTime }) => fireTime)]
}

/** Smooth weighted round robin, as nginx has it: everybody gains their weight, whoever has most pays for all. */
function smoothed(crew: readonly Executor[]): readonly Executor[] {
  const divisor = crew.reduce((common, { weight }) => greatestCommonDivisor(common, weight), 0)
  const members = crew.map((executor) => ({ executor, weight: executor.weight / divisor, gained: 0 }))
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  return Array.from({ length: total }, () => {
    for (const member of members) member.gained += member.weight
    const best = members.reduce((most, member) => (member.gained > most.gained ? member : most))
    best.gained -= total
    return best.executor
  })
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

import { raftId } from '../cluster/member-id.ts'
import type { Network } from '../cluster/network.ts'
import type { KeptOutput } from '../runs/kept-output.ts'
import type { LogLine } from '../runs/run.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { pause } from '../runtime/pause.ts'
import type { AttemptReport, Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { Ledger } from '../store/ledger.ts'
import { cutLines } from './cut-lines.ts'
import { joinedParts } from './joined-parts.ts'
import { asksForLines, decodeLines, decodePart, encodeAsk, encodeLines, encodePart } from './output-codec.ts'
import type { OutputLines, OutputPart, OutputStore } from './output-store.ts'

/** How long another member may take to store or to hand out lines, in milliseconds. */
const COPY_TIMEOUT_MS = 5000
const READ_TIMEOUT_MS = 2000
/** A member is taken to be there when it was heard of in this time, in milliseconds. */
const HEARD_MS = 3000
/** Batches of lines on their way to disks at most: what comes meanwhile is lost. */
const UNDERWAY_MAX = 1000
/** From one search for lines of runs that are gone to the next, in milliseconds, and how many runs one step looks at. */
const SWEEP_PAUSE_MS = 600_000
const SWEEP_RUNS = 100
const SWEEP_STEP_PAUSE_MS = 50

export interface OutputDeps {
  clock: Clock
  logger: Pick<Logger, 'warn'>
  /** Id of this member. */
  node: string
  store: OutputStore
  state(): State
  ledger: Pick<Ledger, 'run'>
  network: Pick<Network, 'request' | 'silence'>
}

/** Bytes kept of an attempt: with the lines that came last, and before them; `from`: how many lines came before those. */
interface Used {
  used: number
  before: number
  from: number | undefined
}

/**
 * What handlers log stays out of the consensus: lines go into the store of the node that received them and into that of
 * one other, and the log only learns which two. Neither write is waited for.
 */
export class Output {
  readonly #deps: OutputDeps
  readonly #stop = new AbortController()
  /** Bytes kept of attempts that are open, by id, as far as this node knows: the log says later what others kept. */
  readonly #used = new Map<string, Used>()
  #underway = 0
  /** Writes under way here, by run: whoever reads waits for them. */
  readonly #writing = new Map<string, Set<Promise<void>>>()

  constructor(deps: OutputDeps) {
    this.#deps = deps
  }

  /** Begins to look for lines of runs that are gone. */
  start(): void {
    void this.#sweep()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** A command without the lines in it, which are kept here and at another member. */
  withoutLines(command: Command): Command {
    if (command.kind === 'attempt-report' && command.logs) {
      const { logs, logsFrom, ...rest } = command
      return { ...rest, ...this.#keep(command.attempt, logs, logsFrom, false) }
    }
    if (command.kind !== 'attempts-finished' || !command.finishes.some(({ logs }) => logs)) return command
    const finishes = command.finishes.map((finish) => {
      const { logs, logsFrom, ...rest } = finish
      return logs ? { ...rest, ...this.#keep(finish.attempt, logs, logsFrom, true) } : finish
    })
    return { ...command, finishes }
  }

  /** The lines of an attempt; fewer than there were when they are lost, or nobody who has them answers. */
  async lines(attempt: string, kept: KeptOutput): Promise<LogLine[]> {
    const { node } = this.#deps
    // Several nodes may have received some each, and every part lies on two.
    const parts = new Map<string, OutputLines>()
    const found = () => joinedParts([...parts.values()])
    for (const holder of [...kept.nodes].sort((a, b) => Number(b === node) - Number(a === node))) {
      const there = await this.#partsAt(holder, attempt).catch(() => [])
      for (const part of there) parts.set(part.key, part)
      if (found().length >= kept.lines) break
    }
    return found()
  }

  /** Another member hands lines over, or asks for some. */
  async answer(body: Uint8Array): Promise<Uint8Array> {
    const { node, store } = this.#deps
    const attempt = asksForLines(body)
    if (attempt === undefined) {
      await store.put(decodePart(body))
      return new Uint8Array()
    }
    return encodeLines(await this.#partsAt(node, attempt))
  }

  async #partsAt(holder: string, attempt: string): Promise<OutputLines[]> {
    const { node, store, network } = this.#deps
    const place = placeOf(attempt)
    if (!place) return []
    if (holder === node) {
      await Promise.allSettled([...(this.#writing.get(place.run) ?? [])])
      return store.parts(place.run, place.shard, place.ordinal)
    }
    return decodeLines(await network.request(raftId(holder), 'output', encodeAsk(attempt), READ_TIMEOUT_MS))
  }

  /** `from`: how many lines came before these. */
  #keep(
    attempt: string,
    logs: readonly LogLine[],
    from: number | undefined,
    last: boolean,
  ): Pick<AttemptReport, 'output' | 'outputBytes' | 'logsFrom'> {
    const { state, node } = this.#deps
    const run = state().runs.get(state().attempts.get(attempt) ?? '')
    const place = placeOf(attempt)
    const open = run?.shards[place?.shard ?? 0]?.attempt
    // Other nodes may have received lines as well, and so did this one before it was started anew.
    const before = Math.max(bytesBefore(this.#used.get(attempt), from), (open?.id === attempt && open.outputBytes) || 0)
    // Of lines that nobody acknowledged some may have got through.
    const known = open?.id === attempt ? (open.output?.lines ?? 0) : 0
    const twice = from === undefined ? 0 : Math.max(0, known - from)
    const { lines, used } = cutLines(logs.slice(twice), before)
    if (last) this.#used.delete(attempt)
    else this.#used.set(attempt, { used, before, from })
    if (!run || !place || lines.length === 0) return {}
    const other = this.#otherMember(attempt)
    this.#write({ namespace: run.namespace, ...place, lines, ...(from !== undefined && { from: from + twice }) }, other)
    const output = { nodes: other === undefined ? [node] : [node, other], lines: lines.length }
    const kept = { output, ...(from !== undefined && { logsFrom: from + twice }) }
    return last ? kept : { ...kept, outputBytes: used - before }
  }

  #write(part: OutputPart, other: string | undefined): void {
    const { logger, network } = this.#deps
    if (this.#underway >= UNDERWAY_MAX) {
      logger.warn({ run: part.run }, 'lines of a run are lost: too many wait for the disk')
      return
    }
    this.#underway += 1
    const copied =
      other === undefined
        ? Promise.resolve()
        : network.request(raftId(other), 'output', encodePart(part), COPY_TIMEOUT_MS)
    void Promise.allSettled([this.#put(part), copied]).then((results) => {
      this.#underway -= 1
      for (const result of results) {
        if (result.status === 'fulfilled') continue
        logger.warn({ run: part.run, error: String(result.reason) }, 'a copy of the lines of a run could not be kept')
      }
    })
  }

  async #put(part: OutputPart): Promise<void> {
    const written = this.#deps.store.put(part)
    const writes = this.#writing.get(part.run) ?? new Set()
    this.#writing.set(part.run, writes.add(written))
    try {
      await written
    } finally {
      writes.delete(written)
      if (writes.size === 0) this.#writing.delete(part.run)
    }
  }

  /** A member that is there, another one for each attempt. */
  #otherMember(attempt: string): string | undefined {
    const { node, network, state } = this.#deps
    const others = [...state().members.keys()].filter(
      (id) => id !== node && (network.silence(raftId(id)) ?? Number.POSITIVE_INFINITY) < HEARD_MS,
    )
    let sum = 0
    for (let at = 0; at < attempt.length; at++) sum = (sum * 31 + attempt.charCodeAt(at)) | 0
    return others[Math.abs(sum) % others.length]
  }

  /** Drops the lines of runs that are neither open nor in the ledger: they went with their time. */
  async #sweep(): Promise<void> {
    const { clock, logger, store, state, ledger } = this.#deps
    const { signal } = this.#stop
    for (;;) {
      await pause(clock, SWEEP_PAUSE_MS, signal)
      try {
        for (let after = ''; !signal.aborted; await pause(clock, SWEEP_STEP_PAUSE_MS, signal)) {
          const runs = await store.runs(after, SWEEP_RUNS)
          for (const run of runs) {
            if (!state().runs.has(run) && (await ledger.run(run)) === undefined) await store.drop(run)
          }
          const last = runs.at(-1)
          if (last === undefined) break
          after = last
        }
        for (const attempt of this.#used.keys()) if (!state().attempts.has(attempt)) this.#used.delete(attempt)
      } catch (error) {
        if (!signal.aborted) logger.warn({ error: String(error) }, 'lines of runs that are gone could not be dropped')
      }
      if (signal.aborted) return
    }
  }
}

/** Bytes kept before lines: those that are sent again, since nobody could write down where they are, count once. */
function bytesBefore(last: Used | undefined, from: number | undefined): number {
  if (!last) return 0
  return from !== undefined && from === last.from ? last.before : last.used
}

/** What the id of an attempt says, `<run>-<shard>-<ordinal>`. */
function placeOf(attempt: string): { run: string; shard: number; ordinal: number } | undefined {
  const [, run, shard, ordinal] = /^(.+)-(\d{1,6})-(\d{1,6})$/.exec(attempt) ?? []
  return run === undefined ? undefined : { run, shard: Number(shard), ordinal: Number(ordinal) }
}

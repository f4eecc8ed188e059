import { dirname } from 'node:path'
import type { Buckets } from '../runtime/buckets.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Command } from '../state/commands.ts'
import { Alarms } from './alarms.ts'
import { ClockSteps } from './clock-steps.ts'
import { ClockWatch } from './clock-watch.ts'
import { DigestWatch } from './digest-watch.ts'
import { PaceWatch } from './pace-watch.ts'
import { type Disk, DiskWatch } from './disk-watch.ts'
import type { Engine } from './engine.ts'
import { raftId } from './member-id.ts'
import type { Network } from './network.ts'

/** By how much a wall clock may differ from those of a majority, and go forward at once unconfirmed. */
export interface ClockBounds {
  maxSkewMs: number
  maxStepMs: number
}

export const CLOCK_BOUNDS: ClockBounds = { maxSkewMs: 500, maxStepMs: 60_000 }

export interface SelfWatchDeps {
  clock: Clock
  logger: Logger
  node: string
  engine: Pick<Engine, 'consensus' | 'network' | 'restraint' | 'digests' | 'state'>
  /** Where its log lies. */
  walFolder: string
  clocks: ClockBounds
  heartbeatMs: number
  /** Absent: its space is not looked at. */
  disk?: Disk
  /** What was found is so bad that the process is to end. */
  onFatal(error: Error): void
  /** The state here is not that of the others; `onFatal` when absent. */
  onDiverged?(error: Error): void
}

/** What a node watches about itself, and what it finds wrong. */
export class SelfWatch {
  readonly alarms: Alarms
  readonly #steps: ClockSteps
  readonly #clocks: ClockWatch
  readonly #digests: DigestWatch
  readonly #disk: DiskWatch | undefined
  readonly #pace: PaceWatch
  readonly #offsets: Network['clockOffsets']
  readonly #maxSkewMs: number

  constructor({
    clock,
    logger,
    node,
    engine,
    walFolder,
    clocks,
    heartbeatMs,
    disk,
    onFatal,
    onDiverged,
  }: SelfWatchDeps) {
    const { consensus, network, restraint, digests } = engine
    this.alarms = new Alarms(logger)
    this.#steps = new ClockSteps(clock, clocks.maxStepMs)
    const { alarms } = this
    const { maxSkewMs } = clocks
    const steps = this.#steps
    this.#offsets = () => network.clockOffsets()
    this.#maxSkewMs = maxSkewMs
    this.#clocks = new ClockWatch({ clock, logger, alarms, node, network, consensus, steps, restraint, maxSkewMs })
    this.#digests = new DigestWatch({
      clock,
      logger,
      alarms,
      node,
      folder: dirname(walFolder),
      state: () => engine.state,
      digests,
      network,
      consensus,
      onDiverged: onDiverged ?? onFatal,
    })
    this.#pace = new PaceWatch({ clock, alarms, syncs: consensus.counters.syncs, heartbeatMs })
    this.#disk = disk && new DiskWatch({ clock, alarms, disk })
  }

  /** Throws a `Problem` when a command cannot be taken in now. */
  admit(command: Command): void {
    this.#disk?.admit(command)
  }

  /** Another member compares states; undefined when it asks for something else. */
  answerDigest(body: Uint8Array): Uint8Array | undefined {
    return this.#digests.answer(body)
  }

  /** Whether the wall clock here differs from that of another member by more than it may. */
  differsFrom(member: string | undefined): boolean {
    const offset = member === undefined ? undefined : this.#offsets().get(raftId(member))
    return offset !== undefined && Math.abs(offset) > this.#maxSkewMs
  }

  /** How late turns of the event loop came. */
  get loopLags(): Buckets {
    return this.#pace.lags
  }

  /** Whether the wall clock can be fired by. */
  get trustsClock(): boolean {
    return this.#steps.trusted
  }

  start(): void {
    this.#clocks.start()
    this.#digests.start()
    this.#pace.start()
    this.#disk?.start()
  }

  stop(): void {
    this.#clocks.stop()
    this.#digests.stop()
    this.#pace.stop()
    this.#disk?.stop()
  }
}

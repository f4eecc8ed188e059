import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Alarms } from './alarms.ts'
import { type ClockVerdict, judgeClock } from './clock-skew.ts'
import type { ClockSteps } from './clock-steps.ts'
import type { Consensus } from './consensus.ts'
import { raftId } from './member-id.ts'
import type { Network } from './network.ts'
import type { Restraint } from './restraint.ts'

/** How often a node holds its wall clock against those of others, in milliseconds. */
const LOOK_MS = 1000
/** How long a leader with a wrong clock waits before it tries again to hand over, in milliseconds. */
const AGAIN_MS = 10_000

export interface ClockWatchDeps {
  clock: Clock
  logger: Logger
  alarms: Alarms
  node: string
  network: Pick<Network, 'clockOffsets'>
  consensus: Pick<Consensus, 'leadership' | 'membership' | 'transfer'>
  steps: ClockSteps
  restraint: Pick<Restraint, 'yields'>
  /** By how much this clock may differ from the median of a majority. */
  maxSkewMs: number
}

/**
 * Holds the wall clock of this node against those of the others: a leader whose clock is wrong hands over to the voter
 * whose clock is best, one that does not lead leaves that to others, and a step that others do not confirm pauses firing.
 */
export class ClockWatch {
  readonly #deps: ClockWatchDeps
  #cancel: (() => void) | undefined
  #handingOver = false
  #triedAt = Number.NEGATIVE_INFINITY

  constructor(deps: ClockWatchDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#cancel ??= this.#deps.clock.after(LOOK_MS, this.#look)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#deps.restraint.yields = false
  }

  readonly #look = (): void => {
    this.#cancel = this.#deps.clock.after(LOOK_MS, this.#look)
    const { node, network, consensus, restraint, maxSkewMs } = this.#deps
    const voters = consensus.membership().voters
    const verdict = judgeClock(raftId(node), voters.map(raftId), network.clockOffsets(), maxSkewMs)
    this.#tellSkew(verdict)
    this.#tellStep(verdict)
    const better = verdict.kind === 'skewed' ? verdict.nearest : undefined
    // Once the old leader is gone there may be too few clocks to say it again: what was found stands until clocks agree.
    if (verdict.kind === 'skewed') restraint.yields = better !== undefined
    else if (verdict.kind === 'agrees') restraint.yields = false
    if (better !== undefined && consensus.leadership().isLeader)
      void this.#handOver(voters.find((id) => raftId(id) === better))
  }

  async #handOver(to: string | undefined): Promise<void> {
    const { clock, consensus, logger } = this.#deps
    if (to === undefined || this.#handingOver || clock.monotonic() - this.#triedAt < AGAIN_MS) return
    this.#handingOver = true
    this.#triedAt = clock.monotonic()
    try {
      await consensus.transfer(to)
      logger.warn({ to }, 'leadership was handed over, because the clock of this node is wrong')
    } catch (error) {
      logger.warn({ to, error: String(error) }, 'leadership could not be handed over')
    } finally {
      this.#handingOver = false
    }
  }

  #tellSkew(verdict: ClockVerdict): void {
    const { alarms } = this.#deps
    if (verdict.kind === 'skewed') {
      const { aheadMs } = verdict
      const detail = `Its clock is ${Math.abs(Math.round(aheadMs))} ms ${aheadMs > 0 ? 'ahead of' : 'behind'} those of the others: it does not lead while another can. Set it by NTP.`
      alarms.raise('clock-skewed', detail)
    } else if (verdict.kind === 'undecided') {
      const detail = `The clocks differ by ${Math.round(verdict.spreadMs)} ms, and too few can be asked to say whose is wrong. Set them by NTP.`
      alarms.raise('clock-skewed', detail)
    } else alarms.clear('clock-skewed')
  }

  #tellStep(verdict: ClockVerdict): void {
    const { alarms, steps } = this.#deps
    if (!steps.trusted && verdict.kind === 'agrees') steps.confirm()
    const { aheadMs } = steps
    if (aheadMs === 0) return alarms.clear('firing-paused')
    const detail = `Its clock went ${Math.round(aheadMs / 1000)} s forward while less time passed, and no other clock confirms it: no job is due by it. Set the clock back, or restart the node if it is right.`
    alarms.raise('firing-paused', detail, 'error')
  }
}

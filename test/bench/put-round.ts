import { Child } from '../support/child.ts'
import type { PutTarget } from './putters.ts'

/** What the client process is asked to do. */
export interface PutRound {
  target: PutTarget
  clients: number
  /** Before it counts. */
  warmMs: number
  ms: number
}

export interface PutRoundResult {
  perSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
  errors: number
  /** The last error. */
  said: string
  /** Cores that the client used. */
  cpu: number
}

/** A process that puts when asked to. One per system, so that each is warm for its own work. */
export class PutClient {
  readonly #child = new Child(['--import', 'tsx', 'test/bench/put-client.ts'])
  #rounds = 0

  async round(round: PutRound): Promise<PutRoundResult> {
    const nth = this.#rounds++
    this.#child.process.stdin?.write(`${JSON.stringify(round)}\n`)
    const [, lines = ''] = await this.#child.says(new RegExp(`^((?:\\{.*\\}\\n){${nth + 1}})`, 'm'))
    return JSON.parse(lines.trim().split('\n').at(-1) ?? '') as PutRoundResult
  }

  async stop(): Promise<void> {
    await this.#child.stop('SIGKILL')
  }
}

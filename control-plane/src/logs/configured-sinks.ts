import { readFile } from 'node:fs/promises'
import type { Consensus } from '../cluster/consensus.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Sealer } from '../signing/seal.ts'
import type { Command } from '../state/commands.ts'
import { findSink } from '../state/sinks.ts'
import type { State } from '../state/state.ts'
import { caFault, type ConfiguredSink, PASSWORD_LENGTH_MAX } from './sink-definition.ts'
import type { Sink, SinkChange, SinkConnection } from './sink.ts'

/** When what could not be put is tried again, in milliseconds. */
const AGAIN_MS = 10_000

export interface ConfiguredSinksDeps {
  clock: Clock
  logger: Pick<Logger, 'info' | 'warn'>
  sinks: readonly ConfiguredSink[]
  state(): Pick<State, 'sinks'>
  sealer: Pick<Sealer, 'seal' | 'open'>
  propose(command: Command): Promise<{ kind: 'applied' } | { kind: 'rejected'; rejection: { detail: string } }>
}

/**
 * Puts the sinks that the configuration names whenever this node begins to lead, where they are not as it says. Those that
 * it does not name are left alone; so is one whose password cannot be read.
 */
export class ConfiguredSinks {
  readonly #deps: ConfiguredSinksDeps
  #cancelTimer: () => void = () => undefined
  #stopped = false
  #working: Promise<void> = Promise.resolve()

  constructor(deps: ConfiguredSinksDeps) {
    this.#deps = deps
  }

  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    if (this.#deps.sinks.length === 0) return
    const begin = (signal: AbortSignal) => {
      this.#cancelTimer()
      this.#working = this.#putAll(signal)
    }
    consensus.onLeadership(({ isLeader, signal }) => isLeader && begin(signal))
    const { isLeader, signal } = consensus.leadership()
    if (isLeader) begin(signal)
  }

  /** Resolves when nothing is being put. */
  settled(): Promise<void> {
    return this.#working
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer()
    await this.settled()
  }

  async #putAll(signal: AbortSignal): Promise<void> {
    const { clock, logger, sinks } = this.#deps
    let failed = false
    for (const sink of sinks) {
      if (this.#stopped || signal.aborted) return
      try {
        await this.#put(sink)
      } catch (error) {
        failed = true
        if (!signal.aborted) {
          logger.warn({ sink: sink.name, error: String(error) }, 'a configured sink could not be put')
        }
      }
    }
    if (!failed || this.#stopped || signal.aborted) return
    this.#cancelTimer = clock.after(AGAIN_MS, () => {
      this.#working = this.#putAll(signal)
    })
  }

  async #put({ name, caFile, ...given }: ConfiguredSink): Promise<void> {
    const { clock, logger, propose, sealer, state } = this.#deps
    const { connection: place, ...secret } = given
    const connection = caFile === undefined ? place : { ...place, ca: await certificatesIn(caFile) }
    const password = secret.password ?? (await passwordIn(secret.passwordFile))
    const old = findSink(state(), name)
    if (old?.fromFile && isSame(old.connection, connection) && this.#passwordOf(old) === password) return
    const sealed = password === undefined ? null : sealer.seal(password)
    const change: SinkChange = { connection, password: sealed, fromFile: true }
    const ifVersion = old?.version ?? 'new'
    const outcome = await propose({ kind: 'sink-put', at: clock.now(), name, change, by: 'configuration', ifVersion })
    if (outcome.kind === 'rejected') throw new Error(outcome.rejection.detail)
    logger.info({ sink: name, host: connection.host }, 'a sink is as the configuration says')
  }

  #passwordOf({ password }: Sink): string | undefined {
    return password === undefined ? undefined : this.#deps.sealer.open(password)
  }
}

async function certificatesIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const fault = caFault(text)
  if (fault !== undefined) throw new Error(`${file} ${fault}`)
  return text
}

/** The first line of the file. */
async function passwordIn(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/, 1)
  if (line === '') throw new Error(`${file} holds no password`)
  if (line.length > PASSWORD_LENGTH_MAX)
    throw new Error(`the password in ${file} is longer than ${PASSWORD_LENGTH_MAX}`)
  return line
}

function isSame(one: SinkConnection, other: SinkConnection): boolean {
  const keys = [...Object.keys(one), ...Object.keys(other)] as (keyof SinkConnection)[]
  return keys.every((key) => one[key] === other[key])
}

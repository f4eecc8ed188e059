import type { Outcome } from '../../../control-plane/src/cluster/consensus.ts'
import type { Core } from '../../../control-plane/src/core.ts'
import { Problem } from '../../../control-plane/src/problems.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import { checkHistory } from '../../linearizability/check.ts'
import type { Input, Operation, Output } from '../../linearizability/history.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Checks } from './checks.ts'
import type { NodeProcess } from './machine.ts'
import type { World } from './world.ts'

const KEYS = ['a', 'b', 'c'] as const
/** How long a client waits before it goes on without an answer. */
const PATIENCE_MS = 3000
const READ_TIMEOUT_MS = 2000
/** How often is looked for two leaders, in milliseconds. */
const LOOK_MS = 40

export interface ClientsDeps {
  world: World
  random: SeededRandom
  checks: Checks
  /** A node that is up, whichever. */
  anyNode(): NodeProcess | undefined
  /** Nodes that take themselves for the leader. */
  leaders(): NodeProcess[]
}

/** Clients that write, compare and read keys through any node, and the history of what they were told. */
export class Clients {
  readonly history: Operation[] = []
  /** Answered, by kind. */
  readonly answered = { writes: 0, reads: 0 }
  readonly #deps: ClientsDeps
  #moment = 0
  #value = 0
  #stopped = false
  /** Indexes of values that some client has seen, by key. */
  readonly #seen = new Map<string, number[]>()

  constructor(deps: ClientsDeps, count: number) {
    this.#deps = deps
    for (let client = 1; client <= count; client++) this.#nextOf(client)
    this.#readLater()
  }

  stop(): void {
    this.#stopped = true
  }

  /** Whether one order of all operations explains every answer; for how many keys that could not be decided. */
  check(): number {
    let undecided = 0
    for (const [key, verdict] of checkHistory(this.history, { stepsMax: 300_000 })) {
      if (verdict.kind === 'unknown') undecided++
      if (verdict.kind === 'not-linearizable')
        this.#deps.checks.fail('client history is linearizable', `${key}: ${verdict.why}`)
    }
    return undecided
  }

  /** Where two nodes take themselves for the leader, both are asked how far a read has to go. */
  #readLater(): void {
    const { world, leaders } = this.#deps
    world.later(LOOK_MS, 'look', () => {
      if (this.#stopped) return
      const doubtful = leaders()
      for (const process of doubtful.length > 1 ? doubtful : []) {
        world.laterIn(
          () => process,
          0,
          'read',
          () => void (process.core && this.#readIndex(process.core).catch(() => undefined)),
        )
      }
      this.#readLater()
    })
  }

  #nextOf(client: number): void {
    const { world, random } = this.#deps
    world.later(random.pick([1, 50, 300, 1000]), `client ${client}`, () => {
      if (this.#stopped) return
      const process = this.#deps.anyNode()
      if (process?.core === undefined) return this.#nextOf(client)
      let went = false
      const goOn = () => {
        if (went) return
        went = true
        this.#nextOf(client)
      }
      world.later(PATIENCE_MS, `client ${client} gives up`, goOn)
      world.laterIn(
        () => process,
        1,
        `call ${client}`,
        () => {
          if (process.core !== undefined) void this.#call(client, process.core).finally(goOn)
        },
      )
    })
  }

  async #call(client: number, core: Core): Promise<void> {
    const { random, world } = this.#deps
    const namespace = core.state.namespaceNames.get('default')
    if (namespace === undefined) return
    const key = random.pick(KEYS)
    const operation: Operation = { key, client, input: this.#input(key), call: ++this.#moment }
    this.history.push(operation)
    try {
      const output = await this.#do(core, namespace, operation)
      if (output.kind === 'value' || output.kind === 'written') this.#see(key, output.index)
      operation.output = output
      operation.return = ++this.#moment
      if (operation.input.kind === 'get') this.answered.reads++
      else this.answered.writes++
      world.note(`answer ${client} ${JSON.stringify(output)}`)
    } catch (error) {
      // A problem says that it has certainly not been done; after anything else nobody knows.
      if (error instanceof Problem) this.history.splice(this.history.indexOf(operation), 1)
    }
  }

  #input(key: string): Input {
    const { random } = this.#deps
    const value = `v${++this.#value}`
    const seen = this.#seen.get(key) ?? []
    switch (random.pick(['get', 'get', 'get', 'put', 'put', 'cas', 'cas', 'delete'] as const)) {
      case 'get':
        return { kind: 'get' }
      case 'put':
        return { kind: 'put', value }
      case 'cas':
        return { kind: 'cas', value, expect: random.chance(0.3) ? 0 : (seen.at(-1) ?? 0) }
      case 'delete':
        return { kind: 'delete' }
    }
  }

  async #do(core: Core, namespace: number, { key, input }: Operation): Promise<Output> {
    if (input.kind === 'get') return this.#read(core, namespace, key)
    const at = core.engine.state.now
    if (input.kind === 'delete') {
      const outcome = await core.submit({ kind: 'kv-delete', at, namespace, key })
      if (outcome.kind === 'rejected') return { kind: 'deleted', existed: false }
      return { kind: 'deleted', index: outcome.index, existed: true }
    }
    const condition = input.kind === 'put' ? {} : { condition: input.expect === 0 ? ('absent' as const) : input.expect }
    const command: Command = { kind: 'kv-put', at, namespace, key, value: Buffer.from(input.value), ...condition }
    const outcome: Outcome = await core.submit(command)
    return outcome.kind === 'rejected' ? { kind: 'mismatch' } : { kind: 'written', index: outcome.index }
  }

  async #read(core: Core, namespace: number, key: string): Promise<Output> {
    const index = await this.#readIndex(core)
    await core.consensus.waitApplied(index, READ_TIMEOUT_MS)
    const entry = core.state.kv.get(namespace)?.entries.get(key)
    if (entry === undefined) return { kind: 'absent' }
    return { kind: 'value', value: Buffer.from(entry.value).toString(), index: entry.modIndex }
  }

  async #readIndex(core: Core): Promise<number> {
    const { checks } = this.#deps
    const before = checks.reference.index
    const index = await core.consensus.readIndex()
    if (index < before) checks.fail('a read is not of the past', `it waits for ${index}, ${before} had been applied`)
    return index
  }

  #see(key: string, index: number | undefined): void {
    if (index === undefined) return
    const seen = this.#seen.get(key) ?? []
    seen.push(index)
    this.#seen.set(key, seen)
  }
}

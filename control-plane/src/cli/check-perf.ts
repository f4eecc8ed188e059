import { type Command, Option } from 'commander'
import type { Clock } from '../runtime/clock.ts'
import { systemRandom } from '../runtime/random.ts'
import { wholeNumber } from './arguments.ts'
import { type Client, ENDPOINT } from './client.ts'
import { examples, sessionOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { judge, type Measured, PERF_LOADS, summaryOf, type Verdict } from './perf-verdict.ts'

const KEY_PREFIX = 'cronclave-check-perf/'
const VALUE_BYTES = 256
/** Keys that are written to, over and over; deleted when done. */
const KEYS = 64
const SECONDS_MAX = 300

type Load = keyof typeof PERF_LOADS

/** `cronclave check …` */
export function checkCommands(program: Command, io: Io): void {
  const check = program.command('check').description('whether a cluster is up to its work')
  const command = check
    .command('perf')
    .description('put keys at a steady rate for a while, and hold how long that took against limits; fails beyond one')
    .addOption(
      new Option('--load <size>', 's: 100/s, m: 500/s, l: 2,000/s').choices(Object.keys(PERF_LOADS)).default('s'),
    )
    .option('--seconds <number>', 'for how long', wholeNumber(1, SECONDS_MAX), 10)
    .action(async ({ load, seconds }: { load: Load; seconds: number }) => {
      const { client, output, namespace } = sessionOf(io, command)
      output.note(`Putting ${PERF_LOADS[load].perSecond} keys of ${VALUE_BYTES} bytes a second for ${seconds} s …`)
      const measured = await measure(new Puts(client, namespace), load, seconds, io)
      const verdicts = judge(measured, PERF_LOADS[load])
      if (output.format === 'table') {
        output.list(verdicts, columns, 'Nothing was measured.')
        const { count, p50Ms, p90Ms, p99Ms, slowestMs } = summaryOf(measured)
        output.note(`${count} puts: p50 ${p50Ms} ms, p90 ${p90Ms} ms, p99 ${p99Ms} ms, slowest ${slowestMs} ms`)
      } else output.data({ ...summaryOf(measured), checks: verdicts })
      if (!verdicts.every(({ pass }) => pass))
        throw new CommandFault(EXIT.refused, 'The cluster is not up to this load.')
    })
  examples(command, 'cronclave check perf', 'cronclave check perf --load m --seconds 60')
}

const columns = [
  { head: 'check', of: ({ check }: Verdict) => check },
  { head: 'limit', of: ({ limit }: Verdict) => limit },
  { head: 'measured', of: ({ measured }: Verdict) => measured },
  { head: 'result', of: ({ pass }: Verdict) => (pass ? 'pass' : 'fail'), state: true },
]

class Puts {
  readonly #client: Client
  readonly #base: string
  readonly #value = systemRandom.bytes(VALUE_BYTES)

  constructor(client: Client, namespace: string) {
    this.#client = client
    this.#base = `${ENDPOINT}/v1/namespaces/${namespace}/kv/`
  }

  /** Puts one key; rejects when it was not taken. */
  async put(key: number): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' }
    const body = Buffer.from(this.#value)
    const response = await this.#client.fetch(new Request(this.#url(key), { method: 'PUT', headers, body }))
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
  }

  async clear(): Promise<void> {
    const keys = Array.from({ length: KEYS }, (_, key) => key)
    await Promise.all(
      keys.map((key) => this.#client.fetch(new Request(this.#url(key), { method: 'DELETE' })).catch(() => undefined)),
    )
  }

  #url(key: number): string {
    return this.#base + encodeURIComponent(KEY_PREFIX + key)
  }
}

/** Puts at the rate of the load; a put that waits for a free client is late, and its wait counts. */
async function measure(puts: Puts, load: Load, seconds: number, { clock, signal }: Io): Promise<Measured> {
  const { perSecond, clients } = PERF_LOADS[load]
  const total = perSecond * seconds
  const measured: Measured = { tookMs: 0, latenciesMs: [], faults: [] }
  const began = clock.monotonic()
  let next = 0
  const work = async (): Promise<void> => {
    while (next < total && !signal.aborted) {
      const turn = next++
      const due = began + (turn * 1000) / perSecond
      await until(clock, due)
      try {
        await puts.put(turn % KEYS)
        measured.latenciesMs.push(clock.monotonic() - due)
      } catch (error) {
        measured.faults.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
  measured.tookMs = clock.monotonic() - began
  await puts.clear()
  signal.throwIfAborted()
  return measured
}

function until(clock: Clock, due: number): Promise<void> {
  const wait = due - clock.monotonic()
  return wait <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.after(wait, resolve))
}

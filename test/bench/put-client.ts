/**
 * The client of the bench `kv`, in a process of its own and the same for both systems: closed loops that put, one per
 * client. Reads a round as a line of JSON, prints what it measured as another, ends with its standard input.
 */
import { createInterface } from 'node:readline'
import { percentile } from './figure.ts'
import type { PutRound, PutRoundResult } from './put-round.ts'
import { puttersFor } from './putters.ts'

const VALUE_BYTES = 256
/** Keys that each client writes in turn. */
const KEYS_PER_CLIENT = 100
const value = Buffer.alloc(VALUE_BYTES, 'v')

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await measured(JSON.parse(line) as PutRound)))
}
process.exit(0)

async function measured({ target, clients, warmMs, ms }: PutRound): Promise<PutRoundResult> {
  const putters = puttersFor(target, clients)
  await untilOver(putters, warmMs)
  const cpu = process.cpuUsage()
  const { latencies, errors, seconds, said } = await untilOver(putters, ms)
  const { user, system } = process.cpuUsage(cpu)
  await Promise.all(putters.map((putter) => putter.close()))
  return {
    perSecond: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    errors,
    said,
    cpu: (user + system) / 1e6 / seconds,
  }
}

async function untilOver(putters: ReturnType<typeof puttersFor>, ms: number) {
  const latencies: number[] = []
  const begin = performance.now()
  let errors = 0
  let said = ''
  const lane = async (client: number) => {
    for (let i = 0; performance.now() - begin < ms; i++) {
      const sent = performance.now()
      try {
        await putters[client]?.put(`bench-${client}-${i % KEYS_PER_CLIENT}`, value)
        latencies.push(performance.now() - sent)
      } catch (error) {
        errors++
        said = String(error)
      }
    }
  }
  await Promise.all(putters.map((_, client) => lane(client)))
  return { latencies, errors, said, seconds: (performance.now() - begin) / 1000 }
}

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { percentile } from '../bench/figure.ts'
import { SeededRandom } from '../sim/seeded-random.ts'
import { KINDS, type Fault } from './faults.ts'
import { type Report, runNemesis } from './nemesis.ts'
import { startTogether } from './starts.ts'

const HELP = `npm run nemesis -- [--nodes 5] [--rounds 100] [--seed N] [--ops 200000] [--jobs 36] [--groups 6]
npm run nemesis -- --starts 50 [--nodes 3]

Kills, pauses and cuts off the nodes of a real cluster while jobs fire and clients read and write, then looks whether
everything that was promised held. With --starts: starts all nodes of a new cluster at once, again and again.`

const { values } = parseArgs({
  options: {
    nodes: { type: 'string' },
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    ops: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '36' },
    groups: { type: 'string', default: '6' },
    starts: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(HELP)
else if (values.starts !== undefined) process.exitCode = await starts(Number(values.starts))
else process.exitCode = await rounds()

async function rounds(): Promise<number> {
  const [nodes, seed] = [Number(values.nodes ?? 5), Number(values.seed)]
  console.log(`nemesis: ${nodes} nodes, ${values.rounds} rounds, seed ${seed}`)
  const began = Date.now()
  const report = await runNemesis({
    nodes,
    seed,
    rounds: Number(values.rounds),
    ops: Number(values.ops),
    jobs: Number(values.jobs),
    groups: Number(values.groups),
    say: (line) => console.log(line),
  })
  print(report)
  console.log(`${((Date.now() - began) / 60_000).toFixed(1)} minutes, seed ${seed}`)
  console.log(report.faults.length === 0 ? 'everything held' : `${report.faults.length} FAULTS; ${kept(report, seed)}`)
  return report.faults.length === 0 ? 0 : 1
}

/** Histories and what the nodes said, in a file. */
function kept({ faults, rounds: all, evidence }: Report, seed: number): string {
  const file = join(tmpdir(), `nemesis-${seed}.json`)
  writeFileSync(file, JSON.stringify({ faults, rounds: all, ...evidence }))
  return `histories and logs are in ${file}`
}

function print(report: Report): void {
  const { rounds: all, operations, overlapping, unknown, fires, runs, skipped, attempts, requests, faults } = report
  console.log('\nfault            times   without a write p50 / max   all well again p50 / max')
  for (const kind of KINDS) {
    const of = all.filter(({ fault }) => fault.kind === (kind satisfies Fault['kind']))
    if (of.length === 0) continue
    const silent = of.map(({ silentMs }) => silentMs)
    const recovered = of.map(({ recoveredMs }) => recoveredMs)
    const pair = (ms: number[]) => `${percentile(ms, 0.5)} / ${Math.max(...ms)} ms`
    console.log(`${kind.padEnd(16)} ${String(of.length).padStart(5)}   ${pair(silent).padEnd(25)}   ${pair(recovered)}`)
  }
  const why = [...report.whyUnknown].map(([reason, count]) => `${reason} ${count}`).join(', ')
  console.log(
    `\n${operations} operations on keys, ${overlapping} of them (${((100 * overlapping) / operations).toFixed(0)} %) during a fault`,
  )
  console.log(`${unknown} with an unknown outcome: ${why || 'none'}`)
  console.log(
    `${fires} fires due: ${runs} runs, ${skipped} skipped with a reason; ${attempts} attempts, ${requests} requests seen by the executor`,
  )
  for (const fault of faults.slice(0, 50)) console.log(`FAULT ${fault}`)
}

async function starts(count: number): Promise<number> {
  const seed = Number(values.seed)
  const random = new SeededRandom(seed)
  const sizes = values.nodes === undefined ? [3, 5] : [Number(values.nodes)]
  let wrong = 0
  for (const nodes of sizes) {
    const took: number[] = []
    for (let i = 0; i < count; i++) {
      const { leaderMs, faults } = await startTogether(nodes, random, random.pick([0, 5, 50, 500]))
      took.push(leaderMs)
      wrong += faults.length > 0 ? 1 : 0
      console.log(
        `start ${i + 1} of ${nodes} nodes: a leader after ${leaderMs} ms${faults.map((fault) => `\nFAULT ${fault}`).join('')}`,
      )
    }
    console.log(
      `${nodes} nodes, ${count} starts: a leader after ${percentile(took, 0.5)} ms (median), ${Math.max(...took)} ms at most`,
    )
  }
  console.log(`${wrong === 0 ? 'one cluster each time' : `${wrong} FAULTS`}, seed ${seed}`)
  return wrong === 0 ? 0 : 1
}

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { arch, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { benchAlerts } from './alerts.ts'
import { benchCatchUp } from './catch-up.ts'
import { benchCron } from './cron.ts'
import { benchDispatch } from './dispatch.ts'
import { benchExecutors } from './executors.ts'
import { benchFailover } from './failover.ts'
import type { Figure } from './figure.ts'
import { benchKv } from './kv.ts'
import { benchLateness } from './lateness.ts'
import type { BenchOptions } from './options.ts'
import { benchMetrics } from './metrics.ts'
import { benchPlan } from './plan.ts'
import { benchRaft } from './raft.ts'
import { benchRuns } from './runs.ts'
import { benchScaleOut } from './scale-out.ts'
import { benchScale } from './scale.ts'
import { benchSdk } from './sdk.ts'
import { benchSinks } from './sinks.ts'
import { benchStateStream } from './state-stream.ts'
import { benchStability } from './stability.ts'
import { benchStore } from './store.ts'
import { benchWal } from './wal.ts'

const BENCHES: Record<string, { about: string; run: (options: BenchOptions) => Promise<Figure[]> }> = {
  runs: {
    about: 'runs per second beside bare undici, lateness at half that rate, the ledger after kill -9 (3 min)',
    run: benchRuns,
  },
  lateness: { about: '1,000 and 10,000 jobs due in the same second (1 min)', run: benchLateness },
  scale: { about: 'start, memory and idle cost with 100,000 jobs (1 min)', run: () => benchScale(100_000) },
  million: { about: 'the same with 1,000,000 jobs (5 min)', run: () => benchScale(1_000_000) },
  cron: { about: 'next fire times per second and bytes per expression', run: benchCron },
  wal: { about: 'the log beside bare synced writes', run: benchWal },
  store: { about: 'the store: rows per second, loading', run: () => benchStore() },
  snapshot: { about: 'a state out of a store, into another, and hashed (1 min)', run: benchStateStream },
  plan: {
    about: 'where runs go: plans per second for each strategy, and one run more among thousands',
    run: benchPlan,
  },
  dispatch: { about: 'the dispatcher alone beside bare undici', run: benchDispatch },
  kv: { about: 'puts into three nodes beside three of etcd: 1, 64 and 256 clients (6 min)', run: benchKv },
  raft: { about: 'puts proposed within the leader, three members, beside etcd (5 min)', run: benchRaft },
  failover: {
    about: 'kill -9 of the leader, 50 times, beside etcd, and 20 graceful stops (15 min)',
    run: benchFailover,
  },
  stability: { about: 'elections in ten minutes at full load', run: benchStability },
  'catch-up': { about: 'a follower a gigabyte behind, under load (5 min)', run: benchCatchUp },
  'scale-out': {
    about: 'throughput of one to seven machines, modelled from profiles of three nodes here (1 min)',
    run: benchScaleOut,
  },
  sinks: {
    about: 'rows per second into MySQL beside the bare driver, and dispatch with sinks that are down (5 min)',
    run: benchSinks,
  },
  metrics: { about: 'a scrape of 10,000 jobs, and what counting adds to a run', run: benchMetrics },
  alerts: { about: '10,000 failures at one instant, told to one channel (2 min)', run: benchAlerts },
  executors: { about: '10,000 registered executors that do nothing but send heartbeats (1 min)', run: benchExecutors },
  sdk: { about: 'verifying a call, size of the bundle', run: benchSdk },
}

/** Only when they are named. */
const LONG = ['million', 'failover', 'stability', 'catch-up']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    json: { type: 'string' },
    nodes: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
})
const options: BenchOptions = { nodes: Number(values.nodes), quick: values.quick }
const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHES).filter((name) => !LONG.includes(name))
const unknown = chosen.filter((name) => !BENCHES[name])
if (values.list || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no bench ${unknown.join(', ')}.`)
  for (const [name, { about }] of Object.entries(BENCHES)) console.log(`${name.padEnd(10)} ${about}`)
  process.exitCode = unknown.length > 0 ? 2 : 0
} else await runAll()

async function runAll(): Promise<void> {
  const results: Record<string, Figure[]> = {}
  for (const name of chosen) {
    process.stderr.write(`${name} …\n`)
    results[name] = (await BENCHES[name]?.run(options)) ?? []
    console.log(`\n${name}`)
    for (const figure of results[name]) console.log(line(figure))
  }
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ machine: machine(), figures: results }, undefined, 2)}\n`)
}

function line({ name, value, unit, target, better = 'more', yardstick }: Figure): string {
  const met =
    target === undefined
      ? ''
      : (better === 'more' ? value >= target : value <= target)
        ? `reaches ${target}`
        : `MISSES ${target}`
  const beside = yardstick ? `${yardstick.name}: ${number(yardstick.value)}` : ''
  return `  ${name.padEnd(58)} ${`${number(value)} ${unit}`.trim().padStart(20)}   ${[met, beside].filter(Boolean).join('   ')}`.trimEnd()
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 1000) / 1000)
}

function machine() {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return {
    commit,
    node: process.version,
    arch: arch(),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  }
}

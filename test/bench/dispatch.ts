/** What a call costs the control plane: the whole dispatcher beside bare undici, to the same sink in another process. */
import { type ChildProcess, fork } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Agent, request } from 'undici'
import { Dispatcher } from '../../control-plane/src/dispatch/dispatcher.ts'
import { createEgressPolicy } from '../../control-plane/src/dispatch/egress.ts'
import {
  executor,
  job,
  jobSpec,
  openAttempt,
  openRun,
  SECRET,
  stateWith,
} from '../../control-plane/src/dispatch/fixtures.ts'
import { handlerRequest, type WireRequest } from '../../control-plane/src/dispatch/request.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { parseSecret, signingKey } from '../../control-plane/src/signing/secret.ts'
import type { Figure } from './figure.ts'

const SINK_FLAG = '--dispatch-sink'
const IN_FLIGHT = 128
const ROUNDS = 5
const ROUND_MS = 1500
const WARM_UP_MS = 500
/** Fills the request up to 1 kB. */
const PARAMS = { note: 'x'.repeat(280) }
const target = { kind: 'handler', service: 'billing', handler: 'report' } as const
const clock = systemClock()

interface Round {
  perSecond: number
  perCpuSecond: number
}

export async function benchDispatch(): Promise<Figure[]> {
  const sink = fork(fileURLToPath(import.meta.url), [SINK_FLAG], { execArgv: process.execArgv })
  try {
    const [url] = (await once(sink, 'message')) as [string]
    const ours = dispatcherLoad(url)
    const bare = undiciLoad(url)
    const rounds: [ours: Round, bare: Round][] = []
    await measure(ours.run, WARM_UP_MS)
    await measure(bare.run, WARM_UP_MS)
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push([await measure(ours.run, ROUND_MS), await measure(bare.run, ROUND_MS)])
    }
    await Promise.all([ours.close(), bare.close()])
    return figuresOf(rounds)
  } finally {
    await stopSink(sink)
  }
}

function figuresOf(rounds: readonly [ours: Round, bare: Round][]): Figure[] {
  const middle = (pick: (round: [ours: Round, bare: Round]) => number) => {
    return rounds.map(pick).sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0
  }
  const [ours, bare] = [middle(([own]) => own.perCpuSecond), middle(([, other]) => other.perCpuSecond)]
  const [oursWall, bareWall] = [middle(([own]) => own.perSecond), middle(([, other]) => other.perSecond)]
  return [
    {
      name: 'dispatcher, requests per CPU-second',
      value: ours,
      unit: '/cpu-s',
      yardstick: { name: 'undici Agent.request', value: bare },
    },
    {
      name: 'dispatcher, requests per second',
      value: oursWall,
      unit: '/s',
      yardstick: { name: 'undici Agent.request', value: bareWall },
    },
    { name: 'dispatcher beside undici, per CPU-second', value: ours / bare, unit: 'ratio' },
  ]
}

/** Runs a load for a while and counts what it completed. */
async function measure(run: (until: number) => Promise<number>, ms: number): Promise<Round> {
  const [cpu, from] = [process.cpuUsage(), clock.monotonic()]
  const count = await run(from + ms)
  const used = process.cpuUsage(cpu)
  return {
    perSecond: (count * 1000) / (clock.monotonic() - from),
    perCpuSecond: (count * 1e6) / (used.user + used.system),
  }
}

/** The dispatcher from the started attempt to the reported finish: look-up, signing, sending, verifying. */
function dispatcherLoad(url: string) {
  const state = stateWith(executor('e1', { url }))
  state.jobs.set(3, job(jobSpec({ target, params: PARAMS })))
  let count = 0
  let runs = 0
  let until = 0
  let finished: (() => void) | undefined
  const dispatcher: Dispatcher = new Dispatcher({
    clock,
    random: systemRandom,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    state: () => state,
    node: 'n1',
    inTouch: () => true,
    leads: () => true,
    openSecret: () => SECRET,
    egress: createEgressPolicy({ allowLoopback: true }),
    concurrencyMax: IN_FLIGHT,
    accepted: () => undefined,
    report({ attempt, outcome, error }) {
      if (outcome !== 'succeeded') throw new Error(`${outcome}: ${error?.message}`)
      count++
      state.runs.delete(state.attempts.get(attempt) ?? '')
      state.attempts.delete(attempt)
      if (clock.monotonic() < until) startOne()
      else if (state.attempts.size === 0) finished?.()
    },
  })
  dispatcher.comeUp(1)
  const startOne = () => {
    const id = `zqk7h3v5mjp2c4xw6ybn${++runs}`
    const now = clock.now()
    const attempt = openAttempt(id, { startedAt: now, deadline: now + 60_000 })
    state.runs.set(id, openRun(id, attempt, { params: state.jobs.get(3)?.spec.params ?? {} }))
    state.attempts.set(attempt.id, id)
    dispatcher.start({ run: id, shard: 0, attempt })
  }
  return {
    async run(end: number): Promise<number> {
      count = 0
      until = end
      const over = new Promise<void>((resolve) => (finished = resolve))
      for (let i = 0; i < IN_FLIGHT; i++) startOne()
      await over
      return count
    },
    close: () => dispatcher.stop(0),
  }
}

/** Bare undici with timeouts, the same bytes each time, signed beforehand. */
function undiciLoad(url: string) {
  const agent = new Agent({ connections: IN_FLIGHT, pipelining: 1 })
  const { headers, body = null, path, origin } = sampleRequest(url)
  return {
    async run(until: number): Promise<number> {
      let count = 0
      const lane = async () => {
        while (clock.monotonic() < until) {
          const reply = await request(origin + path, {
            dispatcher: agent,
            method: 'POST',
            headers,
            body,
            headersTimeout: 60_000,
            bodyTimeout: 60_000,
          })
          await reply.body.text()
          count++
        }
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
      return count
    },
    close: () => agent.close(),
  }
}

function sampleRequest(url: string): WireRequest {
  const id = 'zqk7h3v5mjp2c4xw6ybn1234567'
  const attempt = openAttempt(id)
  const run = openRun(id, attempt, { params: PARAMS })
  const [shard] = run.shards
  if (!shard) throw new Error('a run has a shard')
  const sending = {
    cluster: 'c1',
    namespace: 'default',
    service: 'billing',
    executor: executor('e1', { url }),
    job: job(jobSpec({ target, params: PARAMS })),
    run,
    shard,
    attempt,
    keys: [signingKey(SECRET)],
    now: clock.now(),
  }
  return handlerRequest(sending, target, sending.executor)
}

function quiet(): void {}

/** Answers every call with a signed result, as cheaply as can be. */
function runSink(): void {
  const key = parseSecret(SECRET)
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    incoming.resume().on('end', () => {
      const attempt = String(incoming.headers['webhook-id'])
      const runId = attempt.slice(0, attempt.indexOf('-'))
      const body = `{"type":"run.result","timestamp":"2026-11-20T15:00:00.000Z","data":{"runId":"${runId}","attemptId":"${attempt}","outcome":"succeeded","result":{"ok":true}}}`
      const timestamp = Math.floor(Date.now() / 1000)
      const text = `re_${attempt}.${timestamp}.${body}`
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        'webhook-id': `re_${attempt}`,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${createHmac('sha256', key).update(text).digest('base64')}`,
      })
      response.end(body)
    })
  })
  server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))
  process.on('disconnect', () => process.exit())
}

async function stopSink(sink: ChildProcess): Promise<void> {
  const gone = once(sink, 'exit')
  sink.kill()
  await gone
}

if (process.argv.includes(SINK_FLAG)) runSink()
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, value, unit, yardstick } of await benchDispatch()) {
    const beside = yardstick ? `  (${yardstick.name}: ${yardstick.value.toFixed(0)})` : ''
    console.log(`${name.padEnd(45)} ${value.toFixed(unit === 'ratio' ? 2 : 0).padStart(8)} ${unit}${beside}`)
  }
}

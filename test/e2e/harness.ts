import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Attempt, Explanation, Job, JobDefinition, Run, RunState, Stretch } from '@cronclave/openapi'
import { onTestFinished } from 'vitest'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { startExecutor, type TestExecutor } from '../support/executor.ts'
import { HOME, Server, type ServerOptions } from '../support/server.ts'

export { HOME, Server, type TestExecutor }
export { sleepUntil, inParallel, Refused, spawnServer } from '../support/server.ts'

/** How long a condition may take on a machine that has a lot to do, in milliseconds. */
const PATIENCE_MS = 30_000
const PROBE_MS = 50

/** Asks until the answer is neither undefined nor false. What came last stands in the error. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS))
  }
}

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cronclave-e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A server that is killed when the test is over, whatever comes of it. */
export async function serve(folder: string, options: Omit<ServerOptions, 'folder'> = {}): Promise<Server> {
  const server = await Server.start({ folder, ...options })
  onTestFinished(async () => void (await server.stop('SIGKILL')))
  return server
}

export function newSecret(): string {
  return generateSecret(systemRandom)
}

/** An executor of the service `e2e` within this process, known to the server as `e1`. */
export async function mount(server: Server, secret = newSecret(), service = 'e2e'): Promise<TestExecutor> {
  const executor = await startExecutor({ secret, service })
  onTestFinished(() => executor.close())
  await server.call('POST', `${HOME}/services`, { name: service, secret })
  await server.call('PUT', `${HOME}/services/${service}/executors/e1`, { url: executor.url })
  return executor
}

/** A job whose target is the handler `work` of the service `e2e`, unless it says otherwise. */
export function createJob(server: Server, name: string, definition: JobDefinition = {}): Promise<Job> {
  const target = { kind: 'handler' as const, service: 'e2e', handler: 'work' }
  return server.call<Job>('POST', `${HOME}/jobs`, { name, target, ...definition })
}

export function trigger(server: Server, job: string, params: Record<string, unknown> = {}): Promise<Run> {
  return server.call<Run>('POST', `${HOME}/jobs/${job}/trigger`, { params })
}

export function readJob(server: Server, job: string): Promise<Job> {
  return server.call<Job>('GET', `${HOME}/jobs/${job}`)
}

export function readRun(server: Server, id: string): Promise<Run> {
  return server.call<Run>('GET', `${HOME}/runs/${id}`)
}

export async function attemptsOf(server: Server, run: string): Promise<Attempt[]> {
  const { items } = await server.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${run}/attempts`)
  return items
}

export function explainAt(server: Server, job: string, at: number): Promise<Explanation> {
  return server.call<Explanation>('GET', `${HOME}/jobs/${job}/explain?at=${encodeURIComponent(iso(at))}`)
}

export function runsOf(server: Server, job: string): Promise<Run[]> {
  return everything<Run>(server, `${HOME}/runs?job=${job}`)
}

export function stretchesOf(server: Server, job: string): Promise<Stretch[]> {
  return everything<Stretch>(server, `${HOME}/jobs/${job}/stretches?`)
}

/** The run once it is in one of these states. */
export function runIn(server: Server, id: string, ...states: RunState[]): Promise<Run> {
  let last: RunState | undefined
  return eventually(`run ${id} is ${states.join(' or ')}`, async () => {
    const run = await readRun(server, id)
    last = run.state
    return states.includes(last) && run
  })
}

/** All pages of a list; `path` ends in a query. */
export async function everything<T>(server: Server, path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await server.call<{ items: T[]; nextCursor?: string }>('GET', `${path}&limit=500${after}`)
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return items
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** The first whole second at or after an instant. */
export function wholeSecond(at: number): number {
  return Math.ceil(at / 1000) * 1000
}

export function fireOf(run: Run): number {
  return Date.parse(run.fireTime)
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Agent, request } from 'undici'

const ROOT = join(import.meta.dirname, '../..')
const TICKS_PER_SECOND = 100

/** A process of the bench: a line that it prints first, and what it costs. */
export class Child {
  readonly process: ChildProcess
  readonly ready: Promise<string>

  constructor(args: string[], env: Record<string, string>, ready: RegExp) {
    this.process = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.ready = firstMatch(this.process, ready)
  }

  /** CPU seconds used so far, user and system. */
  cpu(): number {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  /** Resident memory, in MB. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const exited = once(this.process, 'exit')
    this.process.kill(signal)
    await exited
  }
}

/** A control plane in a process of its own, as its users start it. */
export class Server extends Child {
  readonly #agent = new Agent({ connections: 64, keepAliveTimeout: 30_000 })
  readonly #folder: string
  url = ''
  #token = ''

  constructor(folder: string) {
    const flags = [
      '--data-folder',
      folder,
      '--listen-port',
      '0',
      '--egress-allow-loopback',
      'true',
      '--log-level',
      'warn',
    ]
    super(['control-plane/dist/cli/main.js', 'server', ...flags], {}, /listens on (\S+)/)
    this.#folder = folder
  }

  async open(): Promise<this> {
    this.url = await this.ready
    this.#token = (await readFile(join(this.#folder, 'admin.token'), 'utf8')).trim()
    return this
  }

  /** Calls the API. Throws with the problem document when it is refused. */
  async call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const reply = await request(`${this.url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await reply.body.text()
    if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
}

/** Does something with every item, at most `width` at once. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < items.length) await task(items[next++] as T)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

export function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())))
}

function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface(stream).on('line', (line) => {
        if (said.length < 100) said.push(line)
        const found = pattern.exec(line)
        if (found) resolve(found[1] ?? line)
      })
    }
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}:\n${said.join('\n')}`)))
  })
}

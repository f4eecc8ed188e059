import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
const TICKS_PER_SECOND = 100
/** Characters kept of what a process printed. */
const SAID_MAX = 200_000

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  said: string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A process of a test or a bench: what it prints, how it ends, what it costs. It never outlives the process that started it. */
export class Child {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  said = ''
  readonly #listeners = new Set<() => void>()

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const { CRONCLAVE_TOKEN: _, ...clean } = process.env
    this.process = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...clean, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    running.add(this.process)
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.said = (this.said + chunk).slice(-SAID_MAX)
        for (const look of this.#listeners) look()
      })
    }
    this.ended = once(this.process, 'close').then(([code, signal]) => {
      running.delete(this.process)
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, said: this.said }
    })
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** The first match in what it has printed or will print. Rejects when it ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const ended = this.ended.then(({ code, signal, said }) => {
      throw new Error(`the process ended with ${code ?? signal}:\n${said}`)
    })
    let look: () => void = () => undefined
    const found = new Promise<RegExpExecArray>((resolve) => {
      look = () => {
        const match = pattern.exec(this.said)
        if (match) resolve(match)
      }
      this.#listeners.add(look)
      look()
    })
    try {
      return await Promise.race([found, ended])
    } finally {
      this.#listeners.delete(look)
      ended.catch(() => undefined)
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (!this.hasEnded) this.process.kill(signal)
    return await this.ended
  }

  /** CPU seconds used so far, user and system. */
  cpu(): number {
    return cpuOf(this.process.pid ?? 0)
  }

  /** Resident memory, in MB. */
  memory(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }
}

/** CPU seconds that a process has used so far, user and system. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** The address that a process prints on a line of its own. */
export async function urlOf(child: Child): Promise<string> {
  const [, url = ''] = await child.says(/^(https?:\S+)$/m)
  return url
}

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What the server says to the process that started it, once it takes requests. */
export interface Ready {
  url: string
  loginLink?: string
  /** Only on the first start. */
  adminToken?: string
  dataFolder: string
}

export interface ControlPlane {
  ready: Ready
  /** Settles with its exit code when it has ended, for whatever reason. */
  ended: Promise<number>
  /** Asks it to stop cleanly; a second time at once. */
  stop(): void
}

const BIN = fileURLToPath(new URL('bin/cronclave.cjs', import.meta.resolve('cronclave/package.json')))

/** Starts `cronclave server` as a process of its own; this machine may be called, so that the demo's executors can be. */
export async function startControlPlane(dataFolder: string): Promise<ControlPlane | number> {
  const flags = ['--data-folder', dataFolder, '--egress-allow-loopback', 'true', '--log-level', 'warn']
  // A process group of its own: Ctrl-C on the terminal reaches the demo, which then stops things in their order.
  const child = spawn(process.execPath, [BIN, 'server', ...flags], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  })
  const ended = exitOf(child)
  const ready = await Promise.race([message(child), ended])
  return typeof ready === 'number' ? ready : { ready, ended, stop: () => void child.kill('SIGTERM') }
}

function message(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    child.once('message', (value) => resolve(value as unknown as Ready))
  })
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

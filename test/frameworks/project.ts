import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { SECRET } from '../../sdk/src/test-kit.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const ENV = { ...process.env, CRONCLAVE_SECRET: SECRET, NEXT_TELEMETRY_DISABLED: '1', DENO_NO_UPDATE_CHECK: '1' }
/** A server that does not listen by then does not work. */
const START_TIMEOUT_MS = 60_000

/** Where a server answers, by what it mounts there. */
export type Urls = Record<'jobs' | 'parsed', string> & { echo?: string; example?: string }

/** A copy of one of the projects beside this file, with what it depends on and the packed SDK installed. */
export class Project {
  readonly folder: string
  #stop: (() => Promise<void>) | undefined

  private constructor(folder: string) {
    this.folder = folder
  }

  static async install(name: string): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), `cronclave-in-${name}-`))
    const project = new Project(folder)
    await cp(join(import.meta.dirname, name), folder, { recursive: true })
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, '-w', 'sdk'], {
      cwd: ROOT,
    })
    const [tarball] = JSON.parse(packed.stdout) as { filename: string }[]
    await project.run('npm', 'install', '--no-audit', '--no-fund', `./${tarball?.filename}`)
    return project
  }

  /** Runs a command in the folder to its end; what it printed. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await run(command, args, { cwd: this.folder, env: ENV })
    return stdout + stderr
  }

  /** What TypeScript finds wrong with a file, where only these types are known. */
  async typeCheck(file: string, types: string): Promise<string> {
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--lib', 'es2023', '--types', types]
    const modules = ['--ignoreConfig', '--module', 'esnext', '--moduleResolution', 'bundler']
    const args = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, ...modules, file]
    const failed = await run(process.execPath, args, { cwd: this.folder }).catch((error: { stdout: string }) => error)
    return failed.stdout
  }

  /** Starts a server, which prints `jobs at URL` and `parsed at URL`; or whose lines `read` knows to read. */
  serve(command: string[], read = readUrls): Promise<Urls> {
    const [file = '', ...args] = command
    const child = spawn(file, args, { cwd: this.folder, env: ENV, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    this.#stop = async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      await ended
    }
    const said: string[] = []
    return new Promise((resolve, reject) => {
      const give = (why: string) => reject(new Error(`${command.join(' ')} ${why}:\n${said.join('\n')}`))
      const timer = setTimeout(give, START_TIMEOUT_MS, 'does not listen')
      const hear = (line: string) => {
        said.push(line)
        const urls = read(said)
        if (urls) resolve(urls)
      }
      for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', hear)
      child.once('error', (error) => give(error.message))
      void ended.then(() => {
        clearTimeout(timer)
        give('ended')
      })
    })
  }

  async remove(): Promise<void> {
    await this.#stop?.()
    await rm(this.folder, { recursive: true, force: true })
  }
}

function readUrls(lines: readonly string[]): Urls | undefined {
  const urls = Object.fromEntries(lines.map((line) => line.split(' at ')))
  return urls.jobs && urls.parsed ? urls : undefined
}

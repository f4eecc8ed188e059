import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const COMMAND = join(ROOT, 'control-plane/bin/cronclave.cjs')
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const SET_UP_MS = 240_000
/** In CI both languages are there. Elsewhere `npm test` says which are not. */
const IN_CI = process.env['CI'] === 'true'
const folder = mkdtempSync(join(tmpdir(), 'cronclave-languages-'))
const started: ChildProcess[] = []
const run = promisify(execFile)

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!IN_CI && !answers('python3', ['-c', 'import ensurepip, venv']))('the executor in Python', () => {
  const python = join(folder, 'venv/bin/python')

  beforeAll(async () => {
    await run('python3', ['-m', 'venv', join(folder, 'venv')])
    const requirements = join(ROOT, 'examples/python/requirements.txt')
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements])
  }, SET_UP_MS)

  test('passes every check of the conformance kit', { timeout: 60_000 }, async () => {
    await conforms([python, join(ROOT, 'examples/python/executor.py')])
  })
})

describe.skipIf(!IN_CI && !hasGo())('the executor in Go', () => {
  const program = join(folder, 'executor')

  beforeAll(async () => {
    await run('go', ['build', '-o', program, '.'], { cwd: join(ROOT, 'examples/go') })
  }, SET_UP_MS)

  test('passes every check of the conformance kit', { timeout: 60_000 }, async () => {
    await conforms([program])
  })
})

async function conforms([command = '', ...args]: string[]): Promise<void> {
  const url = await start(command, args)
  const words = ['conformance', '--url', url, '--service', 'billing', '-o', 'json']
  const { stdout } = await run(process.execPath, [COMMAND, ...words], {
    env: { ...process.env, CRONCLAVE_SECRET: SECRET },
  }).catch((error: { stdout: string }) => error)
  const { items } = JSON.parse(stdout) as { items: { name: string; ok: boolean; found?: string }[] }
  expect(items.filter(({ ok }) => !ok)).toEqual([])
  expect(items.length).toBeGreaterThan(35)
}

async function start(command: string, args: string[]): Promise<string> {
  const env = { ...process.env, PORT: '0', CRONCLAVE_SECRET: SECRET, CRONCLAVE_SERVICE: 'billing' }
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  started.push(child)
  for await (const line of createInterface(child.stdout)) {
    const [url] = /http:\S+/.exec(line) ?? []
    if (url) return url
  }
  throw new Error(`${command} ended with ${child.exitCode} before it listened`)
}

/** The library needs Go 1.21. */
function hasGo(): boolean {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' })
  return Number(/^go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= 21
}

function answers(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

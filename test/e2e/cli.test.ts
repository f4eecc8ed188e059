import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const BIN = fileURLToPath(new URL('../../control-plane/bin/cronclave.cjs', import.meta.url))
const DEMO = fileURLToPath(new URL('../../examples/dist/src/demo.js', import.meta.url))
const started = new Set<ChildProcess>()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cronclave-e2e-cli-'))
})
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

interface Ended {
  exit: number
  out: string
  err: string
}

class Process {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  out = ''
  err = ''
  readonly #listeners = new Set<() => void>()

  constructor(script: string, argv: string[], env: Record<string, string> = {}, stdin = '') {
    const { CRONCLAVE_TOKEN: _, ...clean } = process.env
    this.child = spawn(process.execPath, [script, ...argv], {
      cwd: folder,
      env: { ...clean, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    started.add(this.child)
    this.child.stdin?.end(stdin)
    this.child.stdout?.on('data', (chunk) => this.#heard((this.out += String(chunk))))
    this.child.stderr?.on('data', (chunk) => this.#heard((this.err += String(chunk))))
    this.ended = once(this.child, 'close').then(([code]) => {
      started.delete(this.child)
      return { exit: Number(code ?? -1), out: this.out, err: this.err }
    })
  }

  /** The first match of a pattern in what it has printed so far or will print. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const found = () => pattern.exec(this.out + this.err)
    return await new Promise((resolve, reject) => {
      const look = () => {
        const match = found()
        if (match) resolve(match)
      }
      this.#listeners.add(look)
      look()
      void this.ended.then(({ exit }) => reject(new Error(`ended ${exit} without ${pattern}: ${this.out}${this.err}`)))
    })
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal)
    return this.ended
  }

  #heard(_: string): void {
    for (const look of this.#listeners) look()
  }
}

function server(data: string, ...flags: string[]): Process {
  return new Process(BIN, [
    'server',
    '--data-folder',
    data,
    '--listen-port',
    '0',
    '--egress-allow-loopback',
    'true',
    ...flags,
  ])
}

describe('a server and its command line', () => {
  let node: Process
  let url: string
  let token: string
  let endpoint: Server
  let calls = 0

  const cli = (...argv: string[]) => new Process(BIN, [...argv, '--endpoint', url], { CRONCLAVE_TOKEN: token }).ended
  const json = async (...argv: string[]) => {
    const { out, err, exit } = await cli(...argv, '-o', 'json')
    expect(exit, err).toBe(0)
    return JSON.parse(out) as Record<string, unknown> & { items: Record<string, unknown>[] }
  }
  const apply = (yaml: string) =>
    new Process(BIN, ['job', 'apply', '-f', '-', '--endpoint', url], { CRONCLAVE_TOKEN: token }, yaml).ended

  beforeAll(async () => {
    node = server('data')
    url = (await node.says(/listens on (\S+)/))[1] ?? ''
    token = (await node.says(/Token\s+(cct_\S+)/))[1] ?? ''
    endpoint = createServer((request, response) => {
      if (request.url === '/hang') return
      calls++
      response.end('ok')
    }).listen(0, '127.0.0.1')
    await once(endpoint, 'listening')
  })
  afterAll(async () => {
    await node.stop()
    endpoint.closeAllConnections()
    endpoint.close()
  })

  test('S001 S021 from nothing to a run that succeeded, and to one that was cancelled', async () => {
    const address = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`
    const created = await json('service', 'create', 'shop', '--description', 'A shop')
    expect(created['secret']).toMatch(/^whsec_/)
    expect((await cli('executor', 'put', 'shop', 'shop-1', '--url', address, '--weight', '2')).exit).toBe(0)
    const applied = await apply(`
jobs:
  - { name: warm, target: { kind: http, service: shop, path: /warm } }
  - { name: slow, target: { kind: http, service: shop, path: /hang }, schedules: [{ cron: '0 0 1 1 *', zone: Asia/Shanghai }] }
`)
    expect(applied.out).toMatch(/warm\s+created\s+1[\s\S]*slow\s+created\s+1/)

    const run = await json('job', 'trigger', 'warm', '--wait')
    expect(run).toMatchObject({ job: 'warm', state: 'succeeded', cause: 'api' })
    expect(calls).toBe(1)
    expect((await cli('run', 'get', String(run['id']))).out).toMatch(/shop-1\s+succeeded\s+200/)

    const hanging = await json('job', 'trigger', 'slow')
    const open = await json('run', 'ls', '--job', 'slow', '--state', 'queued,running')
    expect(open.items).toMatchObject([{ id: hanging['id'] }])
    expect((await cli('run', 'cancel', String(hanging['id']))).out).toContain('cancelled')
    expect(await cli('run', 'cancel', String(hanging['id']))).toMatchObject({
      exit: 1,
      err: expect.stringContaining('run-ended'),
    })
  })

  test('what is applied twice is unchanged, and what is shown can be applied again', async () => {
    const shown = await cli('job', 'get', 'slow', '--definition')
    expect((await apply(shown.out)).out).toMatch(/slow\s+unchanged/)
    expect((await apply(shown.out.replace('Asia/Shanghai', 'Europe/Berlin'))).out).toMatch(/slow\s+updated\s+2/)
    expect((await cli('job', 'get', 'slow')).out).toContain('0 0 1 1 * Europe/Berlin')
  })

  test('a job is paused, resumed and removed', async () => {
    expect((await cli('job', 'pause', 'slow', 'warm')).out).toMatch(/slow\s+paused[\s\S]*warm\s+paused/)
    expect((await json('job', 'ls', '--state', 'paused')).items).toHaveLength(2)
    expect((await cli('job', 'resume', 'slow')).out).toMatch(/slow\s+active/)
    expect(await cli('job', 'rm', 'slow')).toMatchObject({ exit: 1, err: expect.stringContaining('job-not-paused') })
    expect((await cli('job', 'rm', 'slow', '--force')).exit).toBe(0)
    expect((await cli('job', 'get', 'slow')).exit).toBe(3)
  })

  test('what the server refuses ends with 1 and says where', async () => {
    const { exit, err } = await apply('name: lost\ntarget: { kind: handler, service: nowhere, handler: a }')
    expect(exit).toBe(1)
    expect(err).toMatch(/stdin: lost: .*\(unknown-service\)/)
  })

  test('a watcher sees a run from its start to its end, and Ctrl-C ends it', async () => {
    const watcher = new Process(BIN, ['run', 'watch', '--endpoint', url, '-o', 'json'], { CRONCLAVE_TOKEN: token })
    // The stream is open once a first event came through: trigger until it did.
    const stop = new AbortController()
    const triggering = (async () => {
      while (!stop.signal.aborted) await cli('job', 'resume', 'warm').then(() => cli('job', 'trigger', 'warm'))
    })()
    await watcher.says(/"state":"succeeded"/)
    stop.abort()
    await triggering
    expect((await watcher.stop('SIGINT')).exit).toBe(0)
  })

  test('a token opens what its scope says, until it is revoked', async () => {
    const made = await json('token', 'create', '--name', 'ci', '--scope', 'namespace:default', '--expires-in', '1h')
    const secret = String(made['secret'])
    const as = (...argv: string[]) => new Process(BIN, [...argv, '--endpoint', url], { CRONCLAVE_TOKEN: secret }).ended
    expect((await as('job', 'ls')).exit).toBe(0)
    expect((await as('token', 'ls')).exit).toBe(4)
    const { id } = made['token'] as { id: string }
    expect((await cli('token', 'revoke', id)).exit).toBe(0)
    expect((await as('job', 'ls')).exit).toBe(4)
  })

  test('while it runs its folder is refused to another node and to reset-admin, with 74 and the next step', async () => {
    for (const argv of [
      ['server', '--listen-port', '0'],
      ['token', 'reset-admin'],
    ]) {
      const { exit, err } = await new Process(BIN, [...argv, '--data-folder', 'data']).ended
      expect(exit, err).toBe(74)
      expect(err).toContain(join(folder, 'data'))
      expect(err).toMatch(/Next step: \S/)
    }
  })

  test('an address that is taken ends with 69', async () => {
    const { exit, err } = await new Process(BIN, [
      'server',
      '--data-folder',
      'other',
      '--listen-port',
      new URL(url).port,
    ]).ended
    expect(exit).toBe(69)
    expect(err).toContain('Something else listens on')
  })

  test('the rest is told apart by the exit code', async () => {
    expect((await cli('job', 'get', 'nothing')).exit).toBe(3)
    expect((await cli('job', 'gte')).exit).toBe(2)
    expect(
      (await new Process(BIN, ['job', 'ls', '--endpoint', 'http://127.0.0.1:9'], { CRONCLAVE_TOKEN: 'x' }).ended).exit,
    ).toBe(69)
    expect((await new Process(BIN, ['server'], { CRONCLAVE_LISTEN_PROT: '1' }).ended).exit).toBe(2)
  })
})

test('a second start goes on from the same data; a stopped node can be given a new administrator token', async () => {
  const first = server('again')
  const token = (await first.says(/Token\s+(cct_\S+)/))[1] ?? ''
  await first.says(/Data/)
  expect(await first.stop('SIGINT')).toMatchObject({ exit: 0 })
  expect((await stat(join(folder, 'again', 'admin.token'))).mode & 0o777).toBe(0o600)

  const reset = await new Process(BIN, ['token', 'reset-admin', '--data-folder', 'again', '-o', 'json']).ended
  const { secret } = JSON.parse(reset.out) as { secret: string }
  expect((await readFile(join(folder, 'again', 'admin.token'), 'utf8')).trim()).toBe(secret)

  const second = server('again')
  const url = (await second.says(/listens on (\S+)/))[1] ?? ''
  await second.says(/Data/)
  expect(second.err).not.toContain('cct_')
  const listed = (text: string) => new Process(BIN, ['job', 'ls', '--endpoint', url], { CRONCLAVE_TOKEN: text }).ended
  expect((await listed(token)).exit).toBe(4)
  expect((await listed(secret)).exit).toBe(0)
  await second.stop()
})

test('log lines go to the file that the configuration names, and to no other place', async () => {
  await writeFile(join(folder, 'log.yaml'), 'log: { target: file, path: logs/node.log, level: debug }\n')
  const node = server('logged', '--config', 'log.yaml')
  await node.says(/Data/)
  await node.stop()
  expect(node.out).toBe('')
  expect(await readdir(join(folder, 'logs'))).toEqual(['node.log'])
  const [first = ''] = (await readFile(join(folder, 'logs', 'node.log'), 'utf8')).split('\n')
  expect(JSON.parse(first)).toMatchObject({ level: expect.any(String), msg: expect.any(String) })
})

test('S041 the demo fires its jobs, and its second start goes on from the same data', async () => {
  const demo = () => new Process(DEMO, [], { CRONCLAVE_DATA_FOLDER: 'demo', CRONCLAVE_LISTEN_PORT: '0' })
  const first = demo()
  const url = (await first.says(/Cronclave\s+(\S+)/))[1] ?? ''
  const token = (await first.says(/Token\s+(cct_\S+)/))[1] ?? ''
  await first.says(/Log in\s+\S+code=/)
  await first.says(/heartbeat\s+succeeded/)
  const greeted = await new Process(BIN, ['job', 'trigger', 'greet', '-p', 'name=Ada', '--wait', '--endpoint', url], {
    CRONCLAVE_TOKEN: token,
  }).ended
  expect(greeted.out).toContain('Hello, Ada')
  await first.says(/greet\s+succeeded/)
  await first.says(/plain-ping\s+succeeded/)
  expect((await first.stop('SIGINT')).exit).toBe(0)

  const second = demo()
  await second.says(/heartbeat\s+succeeded/)
  expect(second.out).not.toContain('cct_')
  expect((await second.stop('SIGTERM')).exit).toBe(0)
})

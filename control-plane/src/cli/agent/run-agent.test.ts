import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testSecret } from '@cronclave/sdk/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderLocked, StorageFailed } from '../../store/storage-errors.ts'
import { lockFolder } from '../../store/folder-lock.ts'
import { systemClock } from '../../runtime/clock.ts'
import { type AgentSettings, runAgent } from './run-agent.ts'

const HOUR_MS = 3_600_000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cronclave-agent-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A result of an earlier process. */
function leaveBehind(attemptId: string, expiresAt = Date.now() + HOUR_MS): void {
  const callback = { url: `http://old:7420/v1/attempts/${attemptId}`, token: `token-of-${attemptId}` }
  const entry = { runId: 'r', attemptId, callback: { ...callback, expiresAt: new Date(expiresAt).toISOString() } }
  mkdirSync(join(folder, 'results'), { recursive: true })
  const body = { outcome: 'succeeded', result: 1 }
  writeFileSync(join(folder, 'results', `${attemptId}.json`), JSON.stringify({ ...entry, body }))
}

const settings = (more: Partial<AgentSettings> = {}): AgentSettings => ({
  ...{ namespace: 'default', service: 'near', id: 'a1', slots: 2, weight: undefined, labels: undefined },
  ...{
    revision: 'v1',
    token: 'registration',
    signing: { secret: testSecret() },
    endpoints: ['http://n1', 'http://n2'],
  },
  ...{ dataFolder: folder, plugins: [], drainMs: 1000, statusMs: 0 },
  ...more,
})

/** Runs an agent against nodes that are a function of the request, until it has polled. */
async function agentUntilPoll(answer: (name: string, token: string) => Response | undefined, given = settings()) {
  const asked: string[] = []
  const leave = new AbortController()
  const lines: string[] = []
  const send = async (input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> => {
    const { hostname, pathname } = new URL(input as string)
    const token = new Headers(init.headers).get('authorization') ?? ''
    const name = `${init.method} ${hostname} ${pathname.split('/').slice(-2).join('/')}`
    asked.push(name)
    const said = answer(name, token)
    if (said) return said
    if (!pathname.endsWith('/poll')) return Response.json({ answer: 'ok', heartbeatMs: 10_000 })
    leave.abort()
    return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(new Error('broken off'))))
  }
  const port = {
    clock: systemClock(),
    fetch: send,
    log: silent,
    signal: leave.signal,
    say: (line: string) => void lines.push(line),
  }
  await runAgent(given, port)
  return { asked, lines }
}

const kept = () => readdirSync(join(folder, 'results'))

test('an agent registers, polls, drains and leaves, and says what it is', async () => {
  const { asked, lines } = await agentUntilPoll(() => undefined)
  expect(asked).toEqual(['PUT n1 executors/a1', 'POST n1 a1/poll', 'POST n1 a1/drain', 'DELETE n1 executors/a1'])
  expect(lines[0]).toBe('Agent      a1 of default/near, 2 slots')
})

test('results of an earlier process go out before it takes its place, each with its own token, to nodes that it knows', async () => {
  leaveBehind('a')
  const tokens: string[] = []
  const { asked } = await agentUntilPoll((name, token) => {
    if (name.endsWith('a/result')) tokens.push(token)
    return name === 'POST n1 a/result' ? new Response('bad gateway', { status: 502 }) : undefined
  })
  expect(asked.slice(0, 3)).toEqual(['POST n1 a/result', 'POST n2 a/result', 'PUT n1 executors/a1'])
  expect(tokens).toEqual(['Bearer token-of-a', 'Bearer token-of-a'])
  expect(kept()).toEqual([])
})

test('a result is given up that nobody will ever take, or whose token is over', async () => {
  leaveBehind('late', Date.now() - 1)
  leaveBehind('unknown')
  const { asked } = await agentUntilPoll((name) =>
    name.endsWith('unknown/result') ? Response.json({ code: 'attempt-not-found' }, { status: 404 }) : undefined,
  )
  expect(asked.filter((name) => name.endsWith('/result'))).toEqual(['POST n1 unknown/result'])
  expect(kept()).toEqual([])
})

test('a result that nobody takes at the moment stays on disk when it ends', async () => {
  leaveBehind('a')
  const asked: string[] = []
  const leave = new AbortController()
  const send = (input: Parameters<typeof fetch>[0]) => {
    asked.push(new URL(input as string).pathname)
    leave.abort()
    return Promise.resolve(new Response('', { status: 503 }))
  }
  const clock = systemClock()
  const port = {
    // What is waited for takes no time here.
    clock: { ...clock, after: (ms: number, task: () => void) => clock.after(ms / 100, task) },
    fetch: send,
    log: silent,
    signal: leave.signal,
    say: () => undefined,
  }
  await runAgent(settings(), port)
  expect(asked).toContain('/v1/attempts/a/result')
  expect(kept()).toEqual(['a.json'])
})

test('an agent that is refused says why, and lets go of its folder', async () => {
  const refused = () => Response.json({ code: 'unauthenticated', title: 'Who are you?' }, { status: 401 })
  await expect(agentUntilPoll(refused)).rejects.toMatchObject({
    exitCode: 1,
    message: 'The control plane does not register this executor: 401 unauthenticated Who are you?.',
  })
  await (await lockFolder(folder)).release()
})

test('an agent that nobody answers when it begins ends as soon as it is asked to, once it has said so', async () => {
  const leave = new AbortController()
  const asked: string[] = []
  const send: typeof fetch = (input, init) =>
    new Promise((_, reject) => {
      asked.push(`${init?.method} ${new URL(input as string).hostname}`)
      const brokenOff = () => reject(new Error('broken off'))
      if (init?.signal?.aborted) brokenOff()
      init?.signal?.addEventListener('abort', brokenOff)
      leave.abort()
    })
  const clock = systemClock()
  // What takes longer than leaving may is never over here.
  const after = (ms: number, run: () => void) => (ms <= 2000 ? clock.after(0, run) : () => {})
  await runAgent(settings(), { clock: { ...clock, after }, fetch: send, log: silent, signal: leave.signal, say() {} })
  // It may have been taken in although nobody said so.
  expect(asked).toEqual(['PUT n1', 'PUT n2', 'DELETE n1', 'DELETE n2'])
})

test('an issuer whose keys cannot be asked for is told before anything is asked', async () => {
  const given = settings({ signing: { issuer: 'nowhere' } })
  await expect(agentUntilPoll(() => undefined, given)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('https URL') as string,
  })
})

test('a folder that cannot hold results is told before anything is asked, and let go of', async () => {
  writeFileSync(join(folder, 'results'), 'no folder')
  const error: unknown = await agentUntilPoll(() => undefined).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(StorageFailed)
  expect(String(error)).toContain('opening the results')
  await (await lockFolder(folder)).release()
})

test('a wrong secret is told before anything is asked, and the folder of another agent is left alone', async () => {
  const never = () => {
    throw new Error('nothing should be asked')
  }
  const wrong = settings({ signing: { secret: 'letmein' } })
  await expect(agentUntilPoll(never, wrong)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^A signing secret/) as string,
  })
  const lock = await lockFolder(folder)
  await expect(agentUntilPoll(never)).rejects.toBeInstanceOf(FolderLocked)
  await lock.release()
})

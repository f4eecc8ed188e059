import { systemClock } from '../runtime/clock.ts'
import type { Io } from './io.ts'
import { runCommandLine } from './program.ts'

export interface Call {
  method: string
  url: string
  headers: Headers
  body: unknown
}

export type Answer = (call: Call) => Response | Promise<Response>

/** Runs a command line against a server that is a function, and answers everything that can be seen of it. */
export async function run(argv: string | string[], { answer = never, env = {}, stdin = '', ...more }: Options = {}) {
  const seen = { out: '', err: '', calls: [] as Call[] }
  const io: Io = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    env: { CRONCLAVE_TOKEN: 'cct_test', ...env },
    clock: systemClock(),
    stdin: () => Promise.resolve(stdin),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: async (input, init) => {
      const body = init?.body ? (JSON.parse(Buffer.from(init.body as Uint8Array).toString()) as unknown) : undefined
      const call = {
        method: init?.method ?? 'GET',
        url: new URL(input as URL | string).href,
        headers: new Headers(init?.headers),
        body,
      }
      seen.calls.push(call)
      return await answer(call)
    },
    ...more,
  }
  const words =
    typeof argv === 'string' ? (argv.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')) : argv
  const exit = await runCommandLine(words, io, '1.2.3')
  return { exit, ...seen }
}

export interface Options extends Partial<Omit<Io, 'stdin' | 'env'>> {
  answer?: Answer
  env?: Record<string, string>
  stdin?: string
}

export const never: Answer = () => {
  throw new Error('nothing should be asked')
}
export const reply = (body: unknown, status = 200) => Response.json(body, { status })
export const problem = (status: number, code: string, errors?: object[]) =>
  reply({ type: '', title: 'It is wrong', status, code, errors }, status)
export const broken = (code: string) => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.test'))

/** What the examples take for granted. */
const PRELUDE = `
import { createServer } from 'node:http'
import { Hono } from 'hono'
import expressApp, { json } from 'express'
import Fastify from 'fastify'
import { captureRawBody, express } from './express.ts'
import { fastify } from './fastify.ts'
import { hono } from './hono.ts'
import { next } from './next.ts'
import { listen, node, start } from './node.ts'
import { createVerifier } from './verify.ts'
import { jwt } from './jwt.ts'
import { kv } from './kv.ts'
import { harness, schedule, testClock, testControlPlane, testSecret, testTokens } from './testing.ts'
import { traced } from './tracing.ts'
import { workers } from './workers.ts'
import { createExecutor, isCronclaveError, NonRetryableError, RetryAfterError, SkipError } from './index.ts'
import type { Executor, JobContext, JsonObject } from './index.ts'
declare const ctx: JobContext<JsonObject>
declare const req: import('node:http').IncomingMessage & { method: string; url: string }
declare const rawBytes: Uint8Array
declare const url: string, token: string
declare function importRows(cursor: string | undefined, fencingToken: bigint, signal: AbortSignal): Promise<void>
declare function copyRows(signal: AbortSignal): Promise<void>
declare function writeReport(params: JsonObject, signal: AbortSignal): Promise<number>
const http = { createServer }
`
const GIVEN = { executor: 'declare const executor: Executor', app: 'const app = expressApp()' }

function examples(): { name: string; code: string }[] {
  return sources.flatMap((file) => {
    const text = readFileSync(folder + file, 'utf8')
    return [...text.matchAll(/@example\n((?: +\*(?!\/).*\n)+)/g)].map(([, lines = ''], index) => ({
      name: `${file} #${index + 1}`,
      code: lines.replaceAll(/^ +\* ?/gm, ''),
    }))
  })
}

function sourceOf(code: string): string {
  const given = Object.entries(GIVEN).filter(([name]) => !code.includes(`const ${name} =`))
  const body = /^export /m.test(code) ? code : `export async function example() {\n${code}\n}`
  return `${PRELUDE}${given.map(([, line]) => line).join('\n')}\n${body}\n`
}

test('every example in a doc comment compiles', { timeout: 60_000 }, () => {
  const all = examples()
  const marks = sources.flatMap((file) => [...readFileSync(folder + file, 'utf8').matchAll(/@example\b/g)])
  expect(all.length).toBe(marks.length)
  expect(all.length).toBeGreaterThan(15)
  const wrong = { name: 'a wrong one', code: 'createExecutor({ servise: 1 })' }
  expect(faultsOf([...all, wrong])).toEqual([expect.stringMatching(/^a wrong one: .*servise/)])
})

function faultsOf(all: readonly { name: string; code: string }[]): string[] {
  const files = new Map(all.map(({ code }, index) => [`${folder}example-${index}.ts`, sourceOf(code)]))
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    const text = files.get(name)
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, rest[0])
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files.keys()].flatMap((name, index) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => `${all[index]?.name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  )
}

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { Io } from '../control-plane/src/cli/io.ts'
import { runCommandLine } from '../control-plane/src/cli/program.ts'
import { resolveConfig } from '../control-plane/src/config.ts'
import { resolveJob } from '../control-plane/src/jobs/definition.ts'
import { systemClock } from '../control-plane/src/runtime/clock.ts'
import { NOT_FOUND, PageFiles } from './support/page-files.ts'

const ROOT = join(import.meta.dirname, '..')
/** Pages whose blocks of TypeScript are whole programs. */
const COMPILED = /README\.md$|typed-parameters\.md$/
/** What the blocks of TypeScript take for granted. */
const PRELUDE = `import type { JsonObject } from '@cronclave/sdk'
import expressApp from 'express'
const app = expressApp()
declare function writeReport(params: JsonObject, signal: AbortSignal): Promise<number>
`
/** Commands that work on files alone; of the files that they are given here they can say nothing bad. */
const OFFLINE = /^(next|key|recover|snapshot (status|restore)) /
/** What a call that may be answered later names. */
const CALLBACK_URL = 'http://127.0.0.1:7420/v1/attempts/r1-0-1'
const DATA_LOSS = '--yes-i-accept-data-loss'
const folder = mkdtempSync(join(tmpdir(), 'cronclave-readme-'))

const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((page) => page !== '' && !page.startsWith('.changeset/') && existsSync(join(ROOT, page)))
const blocks = pages.flatMap((page) =>
  [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    page,
    language,
    text,
  })),
)
const files = new PageFiles(
  folder,
  blocks.find(({ page, language }) => page === 'README.md' && language === 'yaml')?.text ?? '',
)
beforeAll(() => files.begin())
afterAll(() => {
  files.end()
  rmSync(folder, { recursive: true, force: true })
})
const contract = parse(read('openapi/openapi.yaml')) as { paths: Record<string, Record<string, unknown>> }

test('every link leads to a file, and to a heading in it', () => {
  const broken = pages.flatMap((page) => linksOf(page).filter((link) => !leadsSomewhere(page, link)))
  expect(broken).toEqual([])
})

test('every file that the architecture names exists, and every folder is on its map', () => {
  const page = read('ARCHITECTURE.md')
  const named = [...page.matchAll(/`([\w-]+\/[\w./-]*)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(60)
  const bases = ['', 'control-plane/src']
  expect(named.filter((path) => !bases.some((base) => existsSync(join(ROOT, base, path))))).toEqual([])
  const folders = readdirSync(join(ROOT, 'control-plane/src'), { withFileTypes: true }).filter((e) => e.isDirectory())
  expect(folders.map(({ name }) => `${name}/`).filter((folder) => !named.includes(folder))).toEqual([])
})

test('every npm script that is named exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = pages.flatMap((page) => [
    ...read(page).matchAll(/\bnpm (?:run ([\w:-]+)(?![\w:-]| -w)|(test|start)\b)/g),
  ])
  expect(named.length).toBeGreaterThan(5)
  const missing = named.map(([, run, plain]) => run ?? plain ?? '').filter((name) => scripts[name] === undefined)
  expect(missing).toEqual([])
})

test('TypeScript compiles against the SDK', { timeout: 60_000 }, () => {
  const code = blocks.filter(({ language, page }) => language === 'ts' && COMPILED.test(page))
  expect(code.length).toBeGreaterThan(1)
  expect(faultsOf(code.map(({ text }) => PRELUDE + text))).toEqual([])
})

test('YAML is a configuration or definitions of jobs without a fault', () => {
  const yaml = blocks.filter(({ language, page }) => language === 'yaml' && page === 'README.md')
  expect(yaml.length).toBe(3)
  for (const { text } of yaml) {
    if (text.includes('dataFolder')) expect(configOf(text)).toMatchObject({ ok: true })
    else for (const job of jobsIn(text)) expect(resolveJob(job)).toMatchObject({ ok: true })
  }
})

const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ page, text }) =>
    linesOf(text)
      .map((line) => /^(?:\$ |umask 077; )?(?:npx )?cronclave (.*)$/.exec(line)?.[1])
      .filter((line) => line !== undefined)
      .map((line) => ({ page, line })),
  )

test.each(commands)('$page: cronclave $line', { timeout: 20_000 }, async ({ line }) => {
  const calls: string[] = []
  const said: string[] = []
  const words = await files.instead(wordsOf(line))
  const run = (given: string[]) => runCommandLine(given, world(calls, said), '0.0.0')
  // What may lose data is first only said.
  if (words[0] === 'recover' && !words.includes(DATA_LOSS)) {
    expect(await run(words)).toBe(2)
    expect(said.join('')).toMatch(/Nothing was changed/)
    words.push(DATA_LOSS)
  }
  const exit = await run(words)
  expect(exit, `a command with faults in its usage ends with 2: ${said.join('')}`).not.toBe(2)
  if (OFFLINE.test(line)) expect(exit, said.join('')).toBe(0)
  expect([...calls, ...files.asked.splice(0)].filter((call) => !inContract(call))).toEqual([])
})

const requests = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ page, text }) =>
    linesOf(text)
      .filter((line) => line.startsWith('curl '))
      .map((line) => ({ page, line })),
  )

test.each(requests)('$page: $line', ({ line }) => {
  const written = line.replace('$CRONCLAVE_CALLBACK_URL', CALLBACK_URL)
  const url = /"?(https?:\/\/[\w.-]+:7420[^"\s]*)/.exec(written)?.[1] ?? ''
  const method = /-X (\w+)/.exec(line)?.[1] ?? (line.includes(' -d ') ? 'POST' : 'GET')
  expect(inContract(`${method} ${new URL(url).pathname}`)).toBe(true)
})

function linksOf(page: string): string[] {
  const prose = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^(https?:|\/)/.test(link))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(ROOT, target))) return false
  return heading === undefined || headingsOf(target).includes(heading)
}

function headingsOf(page: string): string[] {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text.toLowerCase())
  return headings.map((text) => text.replaceAll(/[^\w\s-]/g, '').replaceAll(' ', '-'))
}

/** Commands without their comments, those that go on over several lines put together. */
function linesOf(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
}

/** The words of a line as a shell would make them, without its variables, and without where it writes what they print. */
function wordsOf(line: string): string[] {
  const command = line.replace(/\s+> \S+$/, '')
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
}

/** A world whose server knows nothing, and which notes what it was asked. */
function world(calls: string[], said: string[]): Io {
  const quiet = { write: (text: string | Uint8Array) => said.push(String(text)) }
  return {
    stdout: quiet,
    stderr: quiet,
    env: { CRONCLAVE_TOKEN: 'cct_test' },
    clock: systemClock(),
    stdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: (input, init) => {
      calls.push(`${init?.method ?? 'GET'} ${(input as URL).pathname}`)
      return Promise.resolve(Response.json(NOT_FOUND, { status: 404 }))
    },
  }
}

function inContract(call: string): boolean {
  const [method = '', path = ''] = call.split(' ')
  return Object.entries(contract.paths).some(
    ([template, operations]) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path) && method.toLowerCase() in operations,
  )
}

function configOf(text: string) {
  const file = { path: 'cronclave.yaml', text }
  return resolveConfig({ file, env: {}, flags: {}, absolute: (path) => path, hostname: 'node' })
}

function jobsIn(text: string): unknown[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value = document.toJS() as { jobs?: unknown[] }
    return value.jobs ?? [value]
  })
}

function faultsOf(sources: string[]): string[] {
  const files = sources.map((_, index) => join(ROOT, 'examples', 'src', `readme-${index}.ts`))
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  const textOf = (name: string) => sources[files.indexOf(name)]
  host.fileExists = (name) => textOf(name) !== undefined || fileExists(name)
  host.readFile = (name) => textOf(name) ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    const text = textOf(name)
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, rest[0])
  }
  const program = ts.createProgram(files, options, host)
  return files.flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  )
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

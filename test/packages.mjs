// `npm run packages`: what a stranger gets from the registry. Packs both packages, looks inside, installs them in an
// empty folder, starts the server there, and imports and type-checks every export of the SDK; calls the SDK from modules
// and from CommonJS on every version of Node that it is for; holds it to its sizes and to the promises in sdk/api.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = ['sdk', 'control-plane']
const TEST_FILE = /\.test\.|\.test-helper\.|(^|\/)(fixtures|test-kit|arbitrary)\.|\.tsbuildinfo$/
const REQUIRED = {
  '@cronclave/sdk': ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts'],
  cronclave: [
    'LICENSE',
    'README.md',
    'bin/cronclave.cjs',
    'dist/cli/main.js',
    'dist/openapi.json',
    'dist/docs-assets/index.html',
    'dist/dashboard/index.html',
    'dist/dashboard/licenses.md',
    'dist/licenses/inter.txt',
  ],
}
/** A server that has not said where it listens by then does not work. */
const START_TIMEOUT_MS = 30_000

/** Versions of Node that the SDK is for, of two the oldest; they come from the registry. */
const NODES = ['20.19', '22.12', '24']
/** Packages that installing the SDK brings along, itself included. */
const INSTALLED_MAX = 2
/** What the entries of the SDK need beside it for their types. */
const PEERS = ['@opentelemetry/api', 'hono', 'fastify']

const folder = mkdtempSync(join(tmpdir(), 'cronclave-packages-'))
try {
  const tarballs = PACKAGES.map((name) => pack(name))
  for (const name of PACKAGES) await lint(name)
  checkTypes(tarballs[0])
  run(ROOT, 'size-limit')
  run(ROOT, 'node', join(ROOT, 'test/api-report.mjs'), '--check')
  run(ROOT, 'typedoc', '--emit', 'none')
  callFromEveryNode(tarballs[0])
  const app = join(folder, 'app')
  install(app, tarballs)
  await importEveryExport(app)
  typeCheckEveryExport(app)
  await startServer(app)
  console.log('packages ok')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Removes what was compiled from a source that is gone; a fresh clone has none of it. */
function sweep(workspace) {
  const dist = join(ROOT, workspace, 'dist')
  for (const file of readdirSync(dist, { recursive: true })) {
    const compiled = /^(?!dashboard|docs-assets)(.+?)\.(js|d\.ts|js\.map)$/.exec(file)
    if (compiled && !existsSync(join(ROOT, workspace, 'src', `${compiled[1]}.ts`))) rmSync(join(dist, file))
  }
}

function pack(workspace) {
  sweep(workspace)
  const [packed] = JSON.parse(npm(ROOT, 'pack', '--json', '--pack-destination', folder, '-w', workspace))
  const files = packed.files.map(({ path }) => path)
  const { name } = manifestOf(workspace)
  assert.deepEqual(
    files.filter((file) => TEST_FILE.test(file)),
    [],
    `${name} carries tests`,
  )
  assert.deepEqual(
    REQUIRED[name].filter((file) => !files.includes(file)),
    [],
    `${name} lacks files`,
  )
  console.log(
    `${name}: ${files.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`,
  )
  return join(folder, packed.filename)
}

async function lint(workspace) {
  const { messages } = await publint({ pkgDir: join(ROOT, workspace), strict: true })
  const manifest = manifestOf(workspace)
  const said = messages.map((message) => `${message.type}: ${formatMessage(message, manifest)}`)
  assert.deepEqual(said, [], `publint on ${manifest.name}`)
}

/** Each kind of importer finds the types that belong to what it loads. */
function checkTypes(tarball) {
  run(ROOT, 'attw', tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--format', 'ascii')
  console.log('@cronclave/sdk: every importer finds its types')
}

/** The SDK alone in an empty project: signed calls from a module and from CommonJS, then every entry from CommonJS. */
function callFromEveryNode(tarball) {
  const app = join(folder, 'alone')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n')
  npm(app, 'install', '--no-audit', '--no-fund', tarball)
  const { packages } = JSON.parse(readFileSync(join(app, 'node_modules/.package-lock.json'), 'utf8'))
  assert.ok(Object.keys(packages).length <= INSTALLED_MAX, `the SDK brings along ${Object.keys(packages).join(', ')}`)
  cpSync(join(ROOT, 'test/packages'), app, { recursive: true })
  for (const version of NODES) for (const file of ['module.mjs', 'common.cjs']) runOn(version, app, file)
  npm(app, 'install', '--no-audit', '--no-fund', ...PEERS.map(pinned))
  for (const version of NODES) runOn(version, app, 'every.cjs')
}

/** Runs a file of a project on a version of Node, which the file is to print. */
function runOn(version, app, file) {
  const said = execFileSync('npx', ['-y', '-p', `node@${version}`, 'node', file], {
    cwd: app,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  assert.ok(said.startsWith(`v${version}.`), `Node ${version} runs ${file}, and says ${said}`)
  console.log(`@cronclave/sdk: ${file} on Node ${version}`)
}

function install(app, tarballs) {
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n')
  npm(app, 'install', '--no-audit', '--no-fund', ...tarballs, ...PEERS.map(pinned))
  const installed = readdirSync(join(app, 'node_modules', '@cronclave'))
  assert.deepEqual(installed, ['sdk'], 'only the SDK comes along under @cronclave')
}

function exportsOf() {
  const { name, exports } = manifestOf('sdk')
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => name + path.slice(1))
}

async function importEveryExport(app) {
  const { resolve } = createRequire(join(app, 'package.json'))
  for (const path of exportsOf()) {
    const names = Object.keys(await import(pathToFileURL(resolve(path)).href))
    assert.ok(names.length > 0, `${path} exports nothing`)
    console.log(`${path}: ${names.length} exports`)
  }
}

function typeCheckEveryExport(app) {
  const imports = exportsOf().map((path, index) => `export * as part${index} from '${path}'\n`)
  writeFileSync(join(app, 'every-export.ts'), imports.join(''))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const typeRoots = join(ROOT, 'node_modules', '@types')
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom']
  execFileSync(process.execPath, [tsc, ...flags, '--typeRoots', typeRoots, '--types', 'node', 'every-export.ts'], {
    cwd: app,
    stdio: 'inherit',
  })
}

async function startServer(app) {
  const began = performance.now()
  const server = spawn('npx', ['--no-install', 'cronclave', 'server', '--listen-port', '0', '--log-level', 'warn'], {
    cwd: app,
    detached: true,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  try {
    const url = await listening(server)
    console.log(`cronclave server: listens after ${Math.round(performance.now() - began)} ms`)
    await serves(`${url}/healthz`, /ok|healthy|pass/i)
    await serves(`${url}/docs`, /Cronclave API/)
    await serves(`${url}/`, /<script type="module"[^>]*src="[^"]+"/)
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM')
    await ended
  }
}

function listening(server) {
  return new Promise((resolve, reject) => {
    const said = []
    const timer = setTimeout(() => reject(new Error(`no address within 30 s: ${said.join('\n')}`)), START_TIMEOUT_MS)
    createInterface({ input: server.stderr }).on('line', (line) => {
      said.push(line)
      const url = /listens on (http\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
    server.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the server ended with ${code}: ${said.join('\n')}`))
    })
  })
}

async function serves(url, pattern) {
  const reply = await fetch(url)
  assert.equal(reply.status, 200, url)
  assert.match(await reply.text(), pattern, url)
}

/** A package in the version that this repository is tested with. */
function pinned(name) {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
  return `${name}@${manifest.version}`
}

/** Runs a tool of this repository; what it says is shown when it fails. */
function run(cwd, ...command) {
  try {
    execFileSync('npx', ['--no-install', ...command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    throw new Error(`${command.join(' ')}\n${error.stdout}\n${error.stderr}`, { cause: error })
  }
}

function npm(cwd, ...args) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function manifestOf(workspace) {
  return createRequire(import.meta.url)(join(ROOT, workspace, 'package.json'))
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1000)} kB`
}

// `npm test`: installs what the tests need where it can, runs them, and ends with one line that counts them.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
provideChromium()
provideMariaDb()
provideLanguages()
const folder = mkdtempSync(join(tmpdir(), 'cronclave-test-'))
const report = join(folder, 'report.json')
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs')
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, UV_THREADPOOL_SIZE: '16' } },
)
const counts = JSON.parse(readFileSync(report, 'utf8'))
rmSync(folder, { recursive: true, force: true })
const failed = counts.numFailedTests + failedFiles(counts)
console.log(
  `${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests + counts.numTodoTests} skipped`,
)
process.exitCode = status !== 0 || failed > 0 ? 1 : 0

/** Files that failed before any of their tests ran. */
function failedFiles({ testResults }) {
  return testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
}

/** The dashboard is tried in Chromium. As root on Debian or Ubuntu it is installed; elsewhere what is there is used. */
function provideChromium() {
  if (process.env.CRONCLAVE_CHROMIUM || has('chromium') || has('chromium-browser') || has('google-chrome')) return
  if (!canInstall()) {
    console.log('No Chromium on PATH and none named by CRONCLAVE_CHROMIUM: the tests of the dashboard are left out.')
    return
  }
  install('Chromium', 'the tests of the dashboard', ['chromium'])
}

/** Sinks are tried with a MariaDB of the tests' own, likewise. */
function provideMariaDb() {
  if (['mariadbd', 'mariadb-install-db'].every(has)) return
  if (!canInstall()) {
    console.log('No mariadbd and mariadb-install-db on PATH: the tests of sinks in MySQL are left out.')
    return
  }
  install('MariaDB', 'the tests of sinks in MySQL', ['mariadb-server-core', 'mariadb-client-core'])
}

/** The example executors in other languages. */
function provideLanguages() {
  if (!runs('python3', '-c', 'import ensurepip, venv')) provideLanguage('Python', 'python3-venv')
  if (!has('go')) provideLanguage('Go', 'golang')
  if (has('go') && goMinor() < 21) provideNewerGo()
}

function goMinor() {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' })
  return Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0)
}

/** Debian's may be older than the library wants: the newer one comes as a module, which an old one can fetch. */
function provideNewerGo() {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const module = `golang.org/toolchain@v0.0.1-go1.22.12.${process.platform}-${arch}`
  const { status, stdout } = spawnSync('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), encoding: 'utf8' })
  if (status !== 0) return console.log('No newer Go could be fetched: the tests of the executor in Go are left out.')
  const { Dir: folder } = JSON.parse(stdout)
  // Modules carry no permissions.
  spawnSync('chmod', ['-R', 'u+x', join(folder, 'bin'), join(folder, 'pkg', 'tool')])
  process.env.PATH = `${join(folder, 'bin')}:${process.env.PATH}`
}

function provideLanguage(name, debianPackage) {
  const tests = `the tests of the executor in ${name}`
  if (canInstall()) install(name, tests, [debianPackage])
  else console.log(`No ${name} that is whole on PATH: ${tests} are left out.`)
}

function runs(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function canInstall() {
  return process.getuid?.() === 0 && has('apt-get')
}

function install(what, whatFor, packages) {
  console.log(`Installing ${what} for ${whatFor} …`)
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const update = spawnSync('apt-get', ['update', '-q'], quiet)
  const done = spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], quiet)
  if (update.status !== 0 || done.status !== 0) console.log(`${what} could not be installed: ${whatFor} are left out.`)
}

function has(command) {
  try {
    execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/usr/local/sbin command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

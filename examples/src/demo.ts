import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Api } from './demo/api.ts'
import { type ControlPlane, type Ready, startControlPlane } from './demo/control-plane.ts'
import { startExecutor } from './demo/executor.ts'
import { followRuns } from './demo/follow.ts'
import { type DemoSecret, demoSecret } from './demo/secret.ts'
import { setUp } from './demo/set-up.ts'
import { start as startPlain } from '../plain/main.ts'
import type { Started } from './run.ts'

/** The usual ports of the demo's executors; another one is taken when something else listens there. */
const EXECUTOR_PORT = 7430
const PLAIN_PORT = 7431

/** `npm start`: a control plane, an executor with the SDK and one without, three jobs, and a line for everything that fires. */
async function main(): Promise<number> {
  const dataFolder = resolve(process.env['CRONCLAVE_DATA_FOLDER'] ?? 'cronclave-data')
  const secret = await demoSecret(dataFolder)
  const executor = await onPort(EXECUTOR_PORT, (port) => startExecutor(port, secret.secret))
  const plain = await onPort(PLAIN_PORT, (port) => startPlain({ port, secret: secret.secret }))
  try {
    const controlPlane = await startControlPlane(dataFolder)
    if (typeof controlPlane === 'number') return controlPlane
    return await run(controlPlane, { executor: executor.url, plain: plain.url }, secret)
  } finally {
    await Promise.all([executor.close(), plain.close()])
  }
}

async function run(
  controlPlane: ControlPlane,
  urls: { executor: string; plain: string },
  secret: DemoSecret,
): Promise<number> {
  const stopping = new AbortController()
  const stop = () => {
    stopping.abort()
    controlPlane.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  const { ready, ended } = controlPlane
  try {
    const token = ready.adminToken ?? (await readFile(join(ready.dataFolder, 'admin.token'), 'utf8')).trim()
    const api = new Api(ready.url, token)
    await setUp(api, urls, secret)
    announce(ready, urls)
    await Promise.race([followRuns(api, stopping.signal, (line) => console.log(line)), ended])
  } catch (error) {
    if (!stopping.signal.aborted) {
      console.error((error as Error).message)
      stop()
      await ended
      return 1
    }
  }
  return await ended
}

function announce({ url, loginLink, adminToken, dataFolder }: Ready, urls: { executor: string; plain: string }): void {
  console.log(`\n  Cronclave    ${url}`)
  if (loginLink !== undefined) console.log(`  Log in       ${loginLink}   (works once, for 60 s)`)
  if (adminToken !== undefined) console.log(`  Token        ${adminToken}   (administrator; shown this once)`)
  console.log(`  Data         ${dataFolder}`)
  console.log(`  Executors    ${urls.executor} with the SDK, ${urls.plain} without`)
  console.log('  Try          npx cronclave job ls')
  console.log('               npx cronclave job trigger greet -p name=Ada -p times=3 --wait')
  console.log('  Stop         Ctrl-C; the next start goes on from the same data\n')
}

async function onPort(usual: number, start: (port: number) => Promise<Started>): Promise<Started> {
  try {
    return await start(usual)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return await start(0)
  }
}

process.exitCode = await main().catch((error: Error) => {
  console.error(`The demo could not start: ${error.message}`)
  return 1
})

/** An executor that registers itself, in a process of its own. Prints what it does; leaves when it is asked to end. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createExecutor } from '@cronclave/sdk'
import { node, start } from '@cronclave/sdk/node'

const { E2E_SECRET: secret, E2E_TOKEN: token = '', E2E_NODES = '', E2E_ID: id, E2E_SERVICE: service = '' } = process.env
/** The code with which a program that listens for SIGTERM itself ends. */
const { E2E_EXIT_CODE: exitCode } = process.env

const executor = createExecutor({ service, id, secret, controlPlane: E2E_NODES.split(','), logger: false }).job(
  'work',
  async (ctx) => {
    console.log(`runs ${ctx.runId} at ${Date.now()}`)
    const { ms = 0 } = ctx.params as { ms?: number }
    await new Promise((resolve) => setTimeout(resolve, ms))
    return id ?? null
  },
)
const server = createServer(node(executor)).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const begun = Date.now()
const started = await start(executor, { url: `http://127.0.0.1:${port}/`, token, revision: 'v1', drain: '10s' })
console.log(`registered at ${begun}`)
if (exitCode !== undefined) {
  process.on('SIGTERM', () => void started.stop().then(() => process.exit(Number(exitCode))))
}

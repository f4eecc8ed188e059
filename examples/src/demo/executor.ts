import type { Server } from 'node:http'
import { createExecutor } from '@cronclave/sdk'
import { hono as mount } from '@cronclave/sdk/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { closed, listening } from '../listen.ts'
import type { Started } from '../run.ts'

/** The service `demo`: two handlers behind the SDK, in a Hono application. */
export async function startExecutor(port: number, secret: string): Promise<Started> {
  let beats = 0
  const executor = createExecutor({ service: 'demo', secret, logger: false })
    .job('heartbeat', () => ({ beats: ++beats }))
    .job('greet', async (ctx) => {
      const { name = 'world', times = 1 } = ctx.params as { name?: string; times?: number }
      for (let greeted = 0; greeted < times; greeted++) {
        ctx.signal.throwIfAborted()
        ctx.log.info(`Hello, ${name}`)
        ctx.progress(greeted + 1, times)
      }
      return { greeting: `Hello, ${name}`, times }
    })
  const app = new Hono().post('/jobs', mount(executor)).get('/', (c) => c.json({ busy: executor.inFlight }))
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server
  const url = await listening(server, '/jobs')
  const close = async () => {
    await executor.drain({ timeout: '5s' })
    await closed(server)
  }
  return { url, close }
}

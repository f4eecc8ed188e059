import type { Server } from 'node:http'
import { hono as mount } from '@cronclave/sdk/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createExampleExecutor } from '../src/handlers.ts'
import { closed, listening } from '../src/listen.ts'
import { runDirectly, type Started, type StartOptions } from '../src/run.ts'

/** A Hono application whose service has handlers; the same lines run on Workers, Deno and Bun, without `serve`. */
export async function start(options: StartOptions): Promise<Started> {
  const executor = createExampleExecutor(options)
  const app = new Hono().post('/jobs', mount(executor)).get('/', (c) => c.json({ busy: executor.inFlight }))
  const { port, host: hostname = '127.0.0.1' } = options
  const server = serve({ fetch: app.fetch, port, hostname }) as Server
  const url = await listening(server, '/jobs')
  const close = async () => {
    await executor.drain({ timeout: '5s' })
    await closed(server)
  }
  return { url, close }
}

await runDirectly(import.meta.url, start)

import { fastify as mount } from '@cronclave/sdk/fastify'
import fastify from 'fastify'
import { createExampleExecutor } from '../src/handlers.ts'
import { runDirectly, type Started, type StartOptions } from '../src/run.ts'

/** A Fastify application whose service has handlers, beside routes of its own. */
export async function start(options: StartOptions): Promise<Started> {
  const executor = createExampleExecutor(options)
  const app = fastify({ forceCloseConnections: 'idle' })
  await app.register(mount(executor), { prefix: '/jobs' }) // reads bodies in a scope of its own
  app.get('/', () => ({ busy: executor.inFlight }))
  const address = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' })
  const close = async () => {
    await executor.drain({ timeout: '5s' })
    await app.close()
  }
  return { url: `${address}/jobs`, close }
}

await runDirectly(import.meta.url, start)

import { express as mount } from '@cronclave/sdk/express'
import express from 'express'
import { createExampleExecutor } from '../src/handlers.ts'
import { closed, listening } from '../src/listen.ts'
import { runDirectly, type Started, type StartOptions } from '../src/run.ts'

/** An Express 5 application whose service has handlers, beside routes of its own. */
export async function start(options: StartOptions): Promise<Started> {
  const executor = createExampleExecutor(options)
  const app = express()
    .use('/jobs', mount(executor)) // before anything that parses bodies: the signature is over the raw bytes
    .use(express.json())
    .get('/', (_req, res) => {
      res.json({ busy: executor.inFlight })
    })
  const server = app.listen(options.port, options.host ?? '127.0.0.1')
  const url = await listening(server, '/jobs')
  const close = async () => {
    await executor.drain({ timeout: '5s' })
    await closed(server)
  }
  return { url, close }
}

await runDirectly(import.meta.url, start)

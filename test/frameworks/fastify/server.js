import { once } from 'node:events'
import { createExecutor } from '@cronclave/sdk'
import { fastify } from '@cronclave/sdk/fastify'
import Fastify from 'fastify'

const executor = createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET, logger: false }).job(
  'report',
  (ctx) => ctx.params,
)
const app = Fastify()
app.post('/echo', (request) => request.body)
await app.register(fastify(executor), { prefix: '/jobs' })
await app.register(async (scope) => {
  scope.addHook('preParsing', async (_request, _reply, payload) => {
    await once(payload.resume(), 'end')
  })
  await scope.register(fastify(executor), { prefix: '/parsed' })
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
for (const name of ['echo', 'jobs', 'parsed']) console.log(`${name} at ${url}/${name}`)

import { createExecutor } from '@cronclave/sdk'
import { hono } from '@cronclave/sdk/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const executor = createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET, logger: false }).job(
  'report',
  (ctx) => ctx.params,
)
const app = new Hono()
app.post('/echo', async (c) => c.json(await c.req.json()))
app.post('/jobs', hono(executor))
app.use('/parsed', async (c, next) => {
  await c.req.raw.json()
  await next()
})
app.post('/parsed', hono(executor))
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  for (const name of ['echo', 'jobs', 'parsed']) console.log(`${name} at http://127.0.0.1:${port}/${name}`)
})

import { createExecutor } from '@cronclave/sdk'

const executor = createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET, logger: false }).job(
  'report',
  (ctx) => ctx.params,
)
const server = Bun.serve({ fetch: executor.fetch, hostname: '127.0.0.1', port: 0 })
console.log(`jobs at http://127.0.0.1:${server.port}/`)
const late = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    await request.json()
    return executor.fetch(request)
  },
})
console.log(`parsed at http://127.0.0.1:${late.port}/`)

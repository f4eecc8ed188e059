import { createExecutor } from '@cronclave/sdk'

const secret = Deno.env.get('CRONCLAVE_SECRET')
const executor = createExecutor({ service: 'billing', secret, logger: false }).job('report', (ctx) => ctx.params)
const listens = (name: string) => ({
  port: 0,
  hostname: '127.0.0.1',
  onListen: ({ port }: { port: number }) => console.log(`${name} at http://127.0.0.1:${port}/`),
})
Deno.serve(listens('jobs'), executor.fetch)
Deno.serve(listens('parsed'), async (request) => {
  await request.json()
  return executor.fetch(request)
})

/** An executor that nothing can call, in a process of its own: it polls. Prints what it does; leaves when it is asked to end. */
import { createExecutor } from '@cronclave/sdk'
import { listen } from '@cronclave/sdk/node'

const { E2E_SECRET: secret, E2E_TOKEN: token = '', E2E_NODES = '', E2E_ID: id, E2E_SERVICE: service = '' } = process.env

const executor = createExecutor({ service, id, secret, logger: false }).job('work', async (ctx) => {
  console.log(`runs ${ctx.runId} at ${Date.now()}`)
  const { ms = 0 } = ctx.params as { ms?: number }
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    ctx.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      console.log(`aborts ${ctx.runId} ${String(ctx.signal.reason)}`)
      reject(ctx.signal.reason as Error)
    })
  })
  return id ?? null
})
const begun = Date.now()
const labels = { id: id ?? '' }
await listen(executor, { token, controlPlane: E2E_NODES.split(','), revision: 'v1', labels, drain: '10s' })
console.log(`listens at ${begun}`)

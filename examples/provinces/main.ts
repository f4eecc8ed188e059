import { createServer } from 'node:http'
import { createExecutor, NonRetryableError, type Executor } from '@cronclave/sdk'
import { node, start as announce } from '@cronclave/sdk/node'
import { closed, listening } from '../src/listen.ts'
import { runDirectly, type Started, type StartOptions } from '../src/run.ts'
import { differences, readBooks } from './books.ts'

/** The service `reconciliation`: each of its executors compares the books of the provinces that it was given. */
export function createReconciliation({ secret, id }: Pick<StartOptions, 'secret' | 'id'>): Executor {
  return createExecutor({ service: 'reconciliation', secret, id, logger: false }).job(
    'reconcile-orders',
    async (ctx) => {
      const { items: provinces } = ctx.shard
      if (!provinces) throw new NonRetryableError('the job names no provinces: give it `sharding.items`')
      const day = ctx.fireTime.toISOString().slice(0, 10)
      const found: Record<string, string[]> = {}
      for (const [done, province] of provinces.entries()) {
        ctx.progress(done, provinces.length, province)
        found[province] = differences(await readBooks(province, day, ctx.signal))
        if (found[province].length > 0) ctx.log.warn('the books differ', { province, orders: found[province] })
      }
      ctx.progress(provinces.length, provinces.length)
      return found
    },
  )
}

/** One executor. With a token it announces itself, so that the next run is divided among one more. */
export async function start(options: StartOptions): Promise<Started> {
  const executor = createReconciliation(options)
  const server = createServer(node(executor)).listen(options.port, options.host ?? '127.0.0.1')
  const url = await listening(server, '')
  const { token, controlPlane } = options
  const announced = token !== undefined ? await announce(executor, { url, token, controlPlane }) : undefined
  const close = async () => {
    await (announced ? announced.stop({ drain: '5s' }) : executor.drain({ timeout: '5s' }))
    await closed(server)
  }
  return { url, close }
}

await runDirectly(import.meta.url, start)

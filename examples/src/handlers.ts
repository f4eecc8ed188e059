import { createExecutor, SkipError, type Executor } from '@cronclave/sdk'
import type { StartOptions } from './run.ts'

const ROWS = 20

/** The executor that the examples mount: the same handlers, whatever the framework. */
export function createExampleExecutor({ secret, namespace = 'default', service = 'examples' }: StartOptions): Executor {
  return createExecutor({ service, namespace, secret, logger: false })
    .job('greet', (ctx) => {
      const { name } = ctx.params
      if (typeof name !== 'string') throw new SkipError('nobody to greet')
      ctx.log.info('greeting', { name })
      return { greeting: `Hello, ${name}` }
    })
    .job('count-rows', async (ctx) => {
      let counted = 0
      for (let row = 0; row < ROWS; row++) {
        ctx.signal.throwIfAborted()
        if (ctx.shard.owns(row)) counted += await readRow()
        ctx.progress(row + 1, ROWS)
      }
      return { counted, token: String(ctx.fencingToken) }
    })
    .job('wait', ({ signal }) => untilAborted(signal))
}

/** Stands for work that takes a moment, such as a query. */
async function readRow(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve))
  return 1
}

/** Ends only when someone stops it: the deadline, a cancelled run, a shutdown. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

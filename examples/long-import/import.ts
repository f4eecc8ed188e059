import { createExecutor, type Executor, type ExecutorOptions } from '@cronclave/sdk'
import type { Source } from './readings.ts'
import type { ImportTable } from './table.ts'

const BATCH = 100
/** With less time left than this it asks for more, in milliseconds. */
const SHORT_OF_TIME_MS = 60_000

/** The service `meters`, whose handler goes on where the last attempt ended, and stops where a newer one has begun. */
export function createImport(table: ImportTable, source: Source, options: Omit<ExecutorOptions, 'service'>): Executor {
  return createExecutor({ logger: false, ...options, service: 'meters' }).job('import-readings', async (ctx) => {
    const { fencingToken, signal } = ctx
    let after = await table.claim(fencingToken)
    ctx.log.info('goes on', { after, attempt: ctx.attempt })
    let written = 0
    for (;;) {
      const rows = await source.read(after, BATCH, signal)
      const last = rows.at(-1)
      if (!last) return { written, total: source.total }
      await table.write(rows, fencingToken)
      written += rows.length
      after = last.id
      ctx.progress(after, source.total)
      if (ctx.deadline.getTime() - Date.now() < SHORT_OF_TIME_MS) await ctx.extend('10m')
    }
  })
}

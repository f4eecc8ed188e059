import { createExecutor, NonRetryableError } from '@cronclave/sdk'
import { workers } from '@cronclave/sdk/workers'

const URLS_MAX = 20

/** The secret is a binding of each request: `npx wrangler secret put CRONCLAVE_SECRET`. */
const executor = createExecutor({ service: 'edge', secret: (env) => env['CRONCLAVE_SECRET'] }).job(
  'check-pages',
  async (ctx) => {
    const { urls } = ctx.params
    if (!Array.isArray(urls) || urls.length > URLS_MAX) throw new NonRetryableError(`give at most ${URLS_MAX} urls`)
    const pages = []
    for (const url of urls.map(String)) {
      const { status } = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: ctx.signal })
      pages.push({ url, status })
      ctx.progress(pages.length, urls.length)
    }
    return { pages, broken: pages.filter(({ status }) => status >= 400).length }
  },
)

export default workers(executor)

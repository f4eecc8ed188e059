import { createExecutor } from '@cronclave/sdk'

export const executor = createExecutor({
  service: 'billing',
  secret: (env) => env.CRONCLAVE_SECRET,
  logger: false,
}).job('report', (ctx) => ctx.params)

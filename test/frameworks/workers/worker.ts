import { createExecutor } from '@cronclave/sdk'
import { workers } from '@cronclave/sdk/workers'

interface Bindings {
  CRONCLAVE_SECRET: string
}

const executor = createExecutor({
  service: 'billing',
  secret: (env) => env['CRONCLAVE_SECRET'],
  logger: false,
}).job('report', (ctx) => ctx.params)

export default workers(executor) satisfies ExportedHandler<Bindings>

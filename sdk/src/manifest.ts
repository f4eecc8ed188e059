import type { Registered } from './handler.ts'
import type { Logger } from './logger.ts'
import { paramsSchemas } from './params-schema.ts'
import type { JsonSchema } from './schema.ts'

/** A handler as the control plane is told of it. */
export interface DescribedHandler {
  name: string
  description?: string
  /** JSON Schema of its parameters. */
  params?: JsonSchema
}

/** What an executor can do, for the control plane. Loaded when it is asked for or told. */
export function describeHandlers(handlers: ReadonlyMap<string, Registered>, logger?: Logger): DescribedHandler[] {
  const schemas = paramsSchemas(handlers, logger)
  return [...handlers].map(([name, { options }]) => {
    const params = schemas.get(name)
    return {
      name,
      ...(options.description !== undefined && { description: options.description }),
      ...(params && { params }),
    }
  })
}

import type { Registered } from './handler.ts'

/** A handler as the control plane is told of it. */
export interface DescribedHandler {
  name: string
  description?: string
}

/** What an executor can do, for the control plane. Loaded when it is asked for or told. */
export function describeHandlers(handlers: ReadonlyMap<string, Registered>): DescribedHandler[] {
  return [...handlers].map(([name, { options }]) => ({
    name,
    ...(options.description !== undefined && { description: options.description }),
  }))
}

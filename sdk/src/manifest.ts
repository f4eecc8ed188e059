import type { ExecutorConfig } from './config.ts'
import { describeJob } from './describe-job.ts'
import type { Registered } from './handler.ts'
import type { JsonObject } from './json.ts'
import type { Logger } from './logger.ts'
import { paramsSchemas } from './params-schema.ts'
import type { JsonSchema } from './schema.ts'
import { VERSION } from './version.ts'

/** A handler as the control plane is told of it. */
export interface DescribedHandler {
  name: string
  description?: string
  /** JSON Schema of its parameters. */
  params?: JsonSchema
  /** The job that the code keeps for it, as the API has it. */
  job?: JsonObject
}

/** What the program of a service says of itself: what it can do, and the jobs that it keeps. */
export interface Manifest {
  namespace: string
  service: string
  /** Of the program: a version, a commit. */
  revision?: string
  /** The larger is the newer. */
  revisionOrder?: number
  handlers: DescribedHandler[]
}

type ManifestConfig = Pick<ExecutorConfig, 'namespace' | 'service' | 'options' | 'logger'>

/** What an executor says of itself. Loaded when it is asked for or told. */
export function manifestOf(
  { namespace, service, options, logger }: ManifestConfig,
  handlers: ReadonlyMap<string, Registered>,
): Manifest {
  const { revision, revisionOrder } = options
  return {
    namespace,
    service,
    ...(revision !== undefined && { revision }),
    ...(revisionOrder !== undefined && { revisionOrder }),
    handlers: describeHandlers(handlers, logger),
  }
}

/** What an executor says when it is asked with `manifest.get`. */
export function manifestAnswer(config: ExecutorConfig, handlers: ReadonlyMap<string, Registered>): object {
  return { bootId: config.bootId, sdk: `js/${VERSION}`, ...manifestOf(config, handlers) }
}

/** Handlers, and the jobs that are kept for them. `logger` is told which schemas of parameters are left out, and why. */
function describeHandlers(handlers: ReadonlyMap<string, Registered>, logger: Logger): DescribedHandler[] {
  const schemas = paramsSchemas(handlers, logger)
  return [...handlers].map(([name, { options }]) => {
    const params = schemas.get(name)
    const job = describeJob(options)
    return {
      name,
      ...(options.description !== undefined && { description: options.description }),
      ...(params && { params }),
      ...(job && { job }),
    }
  })
}

/** SHA-256 of the canonical JSON of what is said, in hex: another one whenever something in it is another. */
export async function manifestHash({ revision, revisionOrder, handlers }: Manifest): Promise<string> {
  const text = canonicalJson({ revision, revisionOrder, handlers })
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** JSON without blanks, the fields of each object in the order of their UTF-16 code units (RFC 8785). */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, of]) => of !== undefined)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, of]) => `${JSON.stringify(name)}:${canonicalJson(of)}`).join()}}`
}

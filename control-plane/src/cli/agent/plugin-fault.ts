import { type Duration, isCronclaveError, NonRetryableError, RetryAfterError } from '@cronclave/sdk'

/** How a plugin fails: what scripts read, and whether another try may help. */
export interface FaultOptions {
  code: string
  retryable?: boolean
  retryAfterMs?: number
}

/** An error of a plugin that steers what follows. */
export class PluginFault extends Error {
  override name = 'PluginFault'
  readonly code: string
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(message: string, { code, retryable = true, retryAfterMs }: FaultOptions) {
    super(message)
    this.code = code
    this.retryable = retryable
    this.retryAfterMs = retryAfterMs
  }
}

/** What a plugin threw, as the SDK understands it. Plugins of files need no SDK: they say it in fields of any error. */
export function steered(error: unknown): unknown {
  if (!(error instanceof Error) || isCronclaveError(error)) return error
  const { code, retryable, retryAfterMs } = error as Error & Partial<Record<keyof FaultOptions, unknown>>
  const options = { cause: error, ...(typeof code === 'string' && { code }) }
  if (retryable === false) return named(new NonRetryableError(error.message, options), error)
  if (typeof retryAfterMs !== 'number' || !(retryAfterMs >= 0 && retryAfterMs < Infinity)) return error
  return named(new RetryAfterError(error.message, retryAfterMs satisfies Duration, options), error)
}

function named<Steering extends Error>(steering: Steering, { name }: Error): Steering {
  return Object.assign(steering, { name })
}

import type { Env } from './keys.ts'

const NAMES = ['AWS_LAMBDA_FUNCTION_NAME', 'FUNCTION_TARGET', 'FUNCTIONS_WORKER_RUNTIME', 'VERCEL']

/** Whether this is a host that freezes the process once it has answered. */
export function isFrozen(env: Env): boolean {
  return NAMES.some((name) => env[name])
}

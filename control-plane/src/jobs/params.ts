import { JOB_LIMITS } from './defaults.ts'

/** What is wrong with parameters: not JSON, too deep, too large. `undefined`: nothing. Used for jobs and for triggers. */
export function checkJson(value: unknown): string | undefined {
  const objection = checkDepth(value, 1)
  if (objection !== undefined) return objection
  const bytes = Buffer.byteLength(JSON.stringify(value))
  return bytes > JOB_LIMITS.paramsBytes ? `is ${bytes} bytes of JSON, more than ${JOB_LIMITS.paramsBytes}` : undefined
}

function checkDepth(value: unknown, depth: number): string | undefined {
  if (depth > JOB_LIMITS.paramsDepth) return `is nested more than ${JOB_LIMITS.paramsDepth} levels deep`
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} is not JSON`
  if (typeof value !== 'object') return `a ${typeof value} is not JSON`
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') return '"__proto__" may not be used as a name'
    const objection = checkDepth(item, depth + 1)
    if (objection !== undefined) return objection
  }
  return undefined
}

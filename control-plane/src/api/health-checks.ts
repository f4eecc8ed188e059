import type { ServiceDefinition } from '@cronclave/openapi'
import type { HealthCheck } from '../discovery/executor.ts'
import { type Fault, Problem } from '../problems.ts'
import { formatDuration, parseDuration } from '../runtime/duration.ts'

/** In milliseconds; the rest is in the contract. */
const RULES = {
  interval: { default: 10_000, min: 1000, max: 3_600_000 },
  timeout: { default: 5000, min: 100, max: 60_000 },
}
const UNHEALTHY_AFTER = 3
const HEALTHY_AFTER = 2

type Definition = NonNullable<ServiceDefinition['healthCheck']>

/** A health check as it was sent, with every default filled in; a Problem for durations out of bounds. */
export function readHealthCheck(definition: Definition): HealthCheck {
  const faults: Fault[] = []
  const read = (name: keyof typeof RULES): number => {
    const text = definition[name]
    const rule = RULES[name]
    const ms = text === undefined ? rule.default : parseDuration(text)
    if (ms !== undefined && ms >= rule.min && ms <= rule.max) return ms
    const detail = `must be ${formatDuration(rule.min)} to ${formatDuration(rule.max)}`
    faults.push({ pointer: `/healthCheck/${name}`, detail })
    return rule.default
  }
  const check = {
    path: definition.path,
    intervalMs: read('interval'),
    timeoutMs: read('timeout'),
    unhealthyAfter: definition.unhealthyAfter ?? UNHEALTHY_AFTER,
    healthyAfter: definition.healthyAfter ?? HEALTHY_AFTER,
  }
  if (check.timeoutMs > check.intervalMs)
    faults.push({ pointer: '/healthCheck/timeout', detail: 'is longer than interval' })
  if (faults.length > 0) throw new Problem('invalid-service', undefined, faults)
  return check
}

export function describeHealthCheck({ intervalMs, timeoutMs, ...rest }: HealthCheck): Required<Definition> {
  return { ...rest, interval: formatDuration(intervalMs), timeout: formatDuration(timeoutMs) }
}

import type { Service } from '../discovery/executor.ts'
import { Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'

/** Refuses an address that the egress policy, or the service's own list of hosts, does not let through. */
export function checkExecutorUrl({ egress }: Pick<ApiContext, 'egress'>, service: Service, url: string): void {
  const refused = egress.checkUrl(url)
  const detail = refused?.detail ?? hostFault(service.allowedHosts, url)
  if (detail !== undefined) {
    throw new Problem(refused ? 'egress-refused' : 'invalid-executor', undefined, [{ pointer: '/url', detail }])
  }
}

/** What is wrong with a URL that the service's own list of hosts does not name. */
function hostFault(allowed: readonly string[], url: string): string | undefined {
  const host = new URL(url).hostname
  if (allowed.length === 0) return undefined
  const named = allowed.some((entry) => {
    const wanted = entry.toLowerCase()
    return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted
  })
  return named ? undefined : `the service allows ${allowed.slice(0, 10).join(', ')} only`
}

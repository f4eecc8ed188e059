import type { ManifestReport } from '@cronclave/openapi'
import type { Principal } from '../auth/authenticator.ts'
import type { Service } from '../discovery/executor.ts'
import { manifestView, reportView } from '../manifests/manifest-views.ts'
import { reconcile } from '../manifests/reconcile.ts'
import { Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'
import { checkExecutorUrl } from './executor-url.ts'
import type { Handlers } from './handlers.ts'
import { serviceAt } from './lookup.ts'

type Operations = 'getServiceManifest' | 'putServiceManifest' | 'syncService'

interface Wishes {
  dryRun?: boolean
  rollback?: boolean
  prune?: boolean
  adopt?: boolean
}

export function manifestHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state } = context

  async function take(service: Service, sent: unknown, wishes: Wishes, by: Principal): Promise<ManifestReport> {
    const done = await reconcile(context, service, sent, { ...wishes, by: by.name })
    if ('plan' in done) return reportView(state(), done)
    if (done.outcome === 'refused') throw new Problem('invalid-manifest', undefined, done.faults)
    throw new Problem(
      'manifest-older',
      `service ${service.name} is at ${currentOf(service)}: roll back on purpose, or not`,
    )
  }

  function currentOf({ uid }: Service): string {
    const current = state().manifests.get(uid)?.current
    return current?.revision === undefined ? 'another manifest' : `revision ${current.revision}`
  }

  return {
    getServiceManifest: ({ path }) => ({ status: 200, body: manifestView(state(), serviceAt(state(), path)) }),

    async putServiceManifest({ path, query, body, principal }) {
      return { status: 200, body: await take(serviceAt(state(), path), body, query, principal) }
    },

    async syncService({ path, query, body, principal }) {
      const service = serviceAt(state(), path)
      if (body?.url !== undefined) checkExecutorUrl(context, service, body.url)
      const said = await context.executors.askManifest(service, body?.url)
      if ('fault' in said) throw new Problem('manifest-unavailable', said.fault)
      return { status: 200, body: await take(service, said.manifest, query, principal) }
    },
  }
}

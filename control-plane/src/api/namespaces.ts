import type { Namespace as NamespaceView, NamespaceDefinition } from '@cronclave/openapi'
import { readsNamespace } from '../auth/scopes.ts'
import { readRetention } from '../jobs/definition.ts'
import { describeRetention } from '../jobs/describe.ts'
import { Fields } from '../jobs/fields.ts'
import type { RetentionRule } from '../jobs/job.ts'
import { type Fault, Problem } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { QUEUED_RUNS_MAX } from '../state/namespaces.ts'
import type { Namespace } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { nameInPath } from './names.ts'
import { pausedView } from './paused-view.ts'
import { timeText } from './times.ts'

/** Slots of a namespace that asks for no number. */
const SLOTS = 1000

type Operations =
  | 'listNamespaces'
  | 'createNamespace'
  | 'getNamespace'
  | 'putNamespace'
  | 'renameNamespace'
  | 'deleteNamespace'

const BY_NAME: Order<Namespace> = { name: 'namespaces:ss', key: ({ name }) => [name, ''] }

export function namespaceHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  async function put(name: string, definition: NamespaceDefinition, condition: { ifVersion?: number | 'new' }) {
    const change = {
      description: definition.description ?? '',
      slots: definition.slots ?? SLOTS,
      queuedRunsMax: definition.queuedRunsMax ?? QUEUED_RUNS_MAX,
      ...present({ retention: retentionIn(definition) }),
    }
    await submit(context, { kind: 'namespace-put', at: clock.now(), name, change, ...condition })
    const view = namespaceView(namespaceNamed(state(), name))
    return { body: view, headers: etag(view.version) }
  }

  return {
    async listNamespaces({ query, principal }) {
      const visible = ({ name }: Namespace) => readsNamespace(principal.scope, name)
      const page = await pageOf(state().namespaces.values(), visible, BY_NAME, query)
      return { status: 200, body: { ...page, items: page.items.map(namespaceView) } }
    },

    async createNamespace({ body }) {
      const made = await put(body.name, body, { ifVersion: 'new' })
      return { status: 201, ...made, headers: { ...made.headers, location: `/v1/namespaces/${body.name}` } }
    },

    getNamespace({ path }) {
      const body = namespaceView(namespaceNamed(state(), path.namespace))
      return { status: 200, body, headers: etag(body.version) }
    },

    async putNamespace({ path, header, body }) {
      const name = nameInPath(body.name, path.namespace)
      const present = state().namespaceNames.has(name)
      refuseAbsent(header, present, `namespace ${name}`)
      const made = await put(name, body, ifVersion(header))
      if (present) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: `/v1/namespaces/${name}` } }
    },

    async renameNamespace({ path, header, body }) {
      const { name } = namespaceNamed(state(), path.namespace)
      await submit(context, { kind: 'namespace-rename', at: clock.now(), name, to: body.name, ...ifVersion(header) })
      const view = namespaceView(namespaceNamed(state(), body.name))
      return { status: 200, body: view, headers: { ...etag(view.version), location: `/v1/namespaces/${view.name}` } }
    },

    async deleteNamespace({ path, header }) {
      const { name } = namespaceNamed(state(), path.namespace)
      await submit(context, { kind: 'namespace-delete', at: clock.now(), name, ...ifVersion(header) })
      return { status: 204 }
    },
  }
}

export function namespaceView(namespace: Namespace): NamespaceView {
  const { createdAt, updatedAt, pause, retention, goneUpTo: _goneUpTo, ...rest } = namespace
  const kept = retention && { retention: describeRetention(retention) }
  return { ...rest, ...kept, ...pausedView(pause), createdAt: timeText(createdAt), updatedAt: timeText(updatedAt) }
}

function retentionIn({ retention }: NamespaceDefinition): RetentionRule | undefined {
  const faults: Fault[] = []
  const rule = readRetention(new Fields({ retention }, '', faults))
  if (faults.length > 0) throw new Problem('invalid-namespace', undefined, faults)
  return rule
}

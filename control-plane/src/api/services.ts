import type { Service as ServiceView, ServiceDefinition, ServiceWithSecret } from '@cronclave/openapi'
import type { SealedSecret, Service } from '../discovery/executor.ts'
import { Problem } from '../problems.ts'
import { generateSecret, parseSecret } from '../signing/secret.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { describeHealthCheck, readHealthCheck } from './health-checks.ts'
import { namespaceNamed, serviceAt } from './lookup.ts'
import { nameInPath } from './names.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { describeSigning, readSigning } from './service-signing.ts'
import { timeText } from './times.ts'

type Operations =
  | 'listServices'
  | 'createService'
  | 'getService'
  | 'putService'
  | 'deleteService'
  | 'rotateServiceSecret'
  | 'dropServiceSecret'

const BY_NAME: Order<Service> = { name: 'services:ss', key: ({ name }) => [name, ''] }

export function serviceHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, random, sealer } = context

  /** A secret to keep; the generated one also to show, once. */
  function newSecret(given: string | undefined): { sealed: SealedSecret; shown: { secret?: string } } {
    if (given === undefined) {
      const secret = generateSecret(random)
      return { sealed: sealer.seal(secret), shown: { secret } }
    }
    refuseWeak(given)
    return { sealed: sealer.seal(given), shown: {} }
  }

  async function put(
    namespace: number,
    name: string,
    definition: ServiceDefinition,
    secret: ReturnType<typeof newSecret> | undefined,
    condition: { ifVersion?: number | 'new' },
  ): Promise<{ body: ServiceWithSecret; headers: { etag: string } }> {
    const change = {
      description: definition.description ?? '',
      allowedHosts: definition.allowedHosts ?? [],
      ...(definition.healthCheck ? { healthCheck: readHealthCheck(definition.healthCheck) } : {}),
      ...(await readSigning(context, definition.signing, findService(state(), namespace, name))),
      ...(secret ? { secrets: [secret.sealed] } : {}),
    }
    await submit(context, { kind: 'service-put', at: clock.now(), namespace, name, change, ...condition })
    return shown(namespace, name, secret?.shown)
  }

  function shown(namespace: number, name: string, secret: { secret?: string } = {}) {
    const service = findService(state(), namespace, name)
    if (!service) throw new Problem('service-not-found', `there is no service ${name}`)
    const view = serviceView(state(), service)
    return { body: { service: view, ...secret }, headers: etag(view.version) }
  }

  async function changeSecrets(service: Service, secrets: SealedSecret[], condition: { ifVersion?: number }) {
    const { description, allowedHosts, healthCheck, version } = service
    await submit(context, {
      kind: 'service-put',
      at: clock.now(),
      namespace: service.namespace,
      name: service.name,
      change: { description, allowedHosts, ...(healthCheck ? { healthCheck } : {}), secrets },
      ifVersion: condition.ifVersion ?? version,
    })
  }

  return {
    async listServices({ path, query }) {
      const namespace = namespaceNamed(state(), path.namespace)
      const wanted = query.name?.toLowerCase() ?? ''
      const matches = (service: Service) =>
        service.namespace === namespace.uid && service.name.toLowerCase().includes(wanted)
      const page = await pageOf(state().services.values(), matches, BY_NAME, query)
      return { status: 200, body: { ...page, items: page.items.map((service) => serviceView(state(), service)) } }
    },

    async createService({ path, body }) {
      const namespace = namespaceNamed(state(), path.namespace)
      const made = await put(namespace.uid, body.name, body, newSecret(body.secret), { ifVersion: 'new' })
      return { status: 201, ...made, headers: { ...made.headers, location: addressOf(path.namespace, body.name) } }
    },

    getService({ path }) {
      const body = serviceView(state(), serviceAt(state(), path))
      return { status: 200, body, headers: etag(body.version) }
    },

    async putService({ path, header, body }) {
      const namespace = namespaceNamed(state(), path.namespace)
      const name = nameInPath(body.name, path.service)
      const present = findService(state(), namespace.uid, name)
      refuseAbsent(header, present !== undefined, `service ${name}`)
      const secret = present && body.secret === undefined ? undefined : newSecret(body.secret)
      // Without a version the decision above, to generate a secret or to keep them, would be a guess.
      const condition = present
        ? { ifVersion: ifVersion(header).ifVersion ?? present.version }
        : { ifVersion: 'new' as const }
      const made = await put(namespace.uid, name, body, secret, condition)
      if (present) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: addressOf(path.namespace, name) } }
    },

    async deleteService({ path, header }) {
      const { uid } = serviceAt(state(), path)
      await submit(context, { kind: 'service-delete', at: clock.now(), service: uid, ...ifVersion(header) })
      return { status: 204 }
    },

    async rotateServiceSecret({ path, header, body }) {
      const service = serviceAt(state(), path)
      if (service.secrets.length > 1) throw new Problem('in-use', 'two secrets are in force: drop the older one first')
      const secret = newSecret(body?.secret)
      await changeSecrets(service, [...service.secrets, secret.sealed], ifVersion(header))
      return { status: 200, ...shown(service.namespace, service.name, secret.shown) }
    },

    async dropServiceSecret({ path, header }) {
      const service = serviceAt(state(), path)
      if (service.secrets.length < 2) throw new Problem('in-use', 'it is the only secret')
      await changeSecrets(service, service.secrets.slice(-1), ifVersion(header))
      const view = serviceView(state(), serviceAt(state(), path))
      return { status: 200, body: view, headers: etag(view.version) }
    },
  }
}

function serviceView(state: State, service: Service): ServiceView {
  const executors = { online: 0, offline: 0, draining: 0, joining: 0, suspect: 0 }
  for (const { status } of state.executors.get(service.uid)?.values() ?? []) executors[status] += 1
  return {
    uid: service.uid,
    namespace: state.namespaces.get(service.namespace)?.name ?? '',
    name: service.name,
    description: service.description,
    allowedHosts: service.allowedHosts,
    ...(service.healthCheck ? { healthCheck: describeHealthCheck(service.healthCheck) } : {}),
    signing: describeSigning(state, service),
    secrets: service.secrets.length,
    executors,
    version: service.version,
    createdAt: timeText(service.createdAt),
    updatedAt: timeText(service.updatedAt),
  }
}

function refuseWeak(secret: string): void {
  try {
    parseSecret(secret)
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'is not a secret'
    throw new Problem('invalid-service', undefined, [{ pointer: '/secret', detail }])
  }
}

function addressOf(namespace: string, service: string): string {
  return `/v1/namespaces/${namespace}/services/${service}`
}

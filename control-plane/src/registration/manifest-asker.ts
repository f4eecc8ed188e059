import type { Executor, SealedSecret, Service } from '../discovery/executor.ts'
import { KeyRing } from '../dispatch/prepare.ts'
import { isGojob } from '../dispatch/request.ts'
import { schemeOf, type Signing } from '../dispatch/scheme.ts'
import type { State } from '../state/state.ts'
import { type AskDeps, askManifest, type SaidManifest } from './ask-manifest.ts'

/** How long a program may take to say what it has, in milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000
/** Executors of a service that are asked, one after the other, until one answers. */
const ASKED_MAX = 3

export interface AskerDeps extends AskDeps {
  state(): State
  openSecret(sealed: SealedSecret): string
}

/** Asks the programs of services what they have. */
export class ManifestAsker {
  readonly #deps: AskerDeps
  readonly #ring: KeyRing

  constructor(deps: AskerDeps) {
    this.#deps = deps
    this.#ring = new KeyRing((sealed) => deps.openSecret(sealed))
  }

  /** What is found at a URL, or at one of the executors that are online. */
  async ask(service: Service, url?: string): Promise<SaidManifest> {
    if (url !== undefined) return this.#ask(service, url, '')
    let fault = `no executor of service ${service.name} is online that could be called`
    for (const executor of this.#callable(service)) {
      const said = await this.askOne(service, executor)
      if ('manifest' in said) return said
      fault = `executor ${executor.id}: ${said.fault}`
    }
    return { fault }
  }

  askOne(service: Service, { url, id }: Executor): Promise<SaidManifest> {
    return this.#ask(service, url, id)
  }

  #callable({ uid }: Service): Executor[] {
    const all = [...(this.#deps.state().executors.get(uid)?.values() ?? [])]
    const online = all.filter(({ status, url }) => status === 'online' && /^https?:/.test(url))
    return online.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, ASKED_MAX)
  }

  async #ask(service: Service, url: string, executor: string): Promise<SaidManifest> {
    const state = this.#deps.state()
    const keys = this.#signingOf(service)
    if (!keys) return { fault: `service ${service.name} has no secret that its program could be called with` }
    const namespace = state.namespaces.get(service.namespace)?.name ?? ''
    const whom = { cluster: state.cluster, namespace, service, executor, url, keys }
    return askManifest(this.#deps, whom, ANSWER_TIMEOUT_MS)
  }

  #signingOf(service: Service): Signing | undefined {
    try {
      const signing = this.#ring.signingOf(service.secrets, schemeOf(this.#deps.state(), service))
      return isGojob(signing) || ('length' in signing && signing.length === 0) ? undefined : signing
    } catch {
      return undefined
    }
  }
}

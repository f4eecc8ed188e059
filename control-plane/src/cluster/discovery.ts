import type { Logger } from '../runtime/logger.ts'
import type { DiscoverySource } from './discovery-source.ts'
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts'

/** Addresses that are taken from all sources together, at most. */
export const ADDRESSES_MAX = 64

/** What looking up needs of the world. Each rejects when it cannot say, and ends by itself. */
export interface Lookups {
  /** Addresses of a host name, IPv4 and IPv6. */
  hosts(name: string): Promise<string[]>
  services(name: string): Promise<{ name: string; port: number }[]>
  /** A JSON document. */
  document(url: string): Promise<unknown>
}

/** Looks up where members are. It says where to look and nothing more: who is a member is never decided by it. */
export class Discovery {
  readonly #sources: readonly DiscoverySource[]
  readonly #lookups: Lookups
  readonly #logger: Logger
  readonly #failing = new Set<DiscoverySource>()

  constructor(sources: readonly DiscoverySource[], lookups: Lookups, logger: Logger) {
    this.#sources = sources
    this.#lookups = lookups
    this.#logger = logger
  }

  get isEmpty(): boolean {
    return this.#sources.length === 0
  }

  /** Addresses of all sources that answer, each once, in order; a source that fails is logged once and left out. */
  async addresses(): Promise<string[]> {
    const found = await Promise.all(this.#sources.map((source) => this.#from(source)))
    const all = [...new Set(found.flat())].sort()
    if (all.length > ADDRESSES_MAX)
      this.#logger.warn(
        { found: all.length, taken: ADDRESSES_MAX },
        'discovery found more addresses than are looked at',
      )
    return all.slice(0, ADDRESSES_MAX)
  }

  async #from(source: DiscoverySource): Promise<string[]> {
    try {
      const found = await this.#lookUp(source)
      this.#failing.delete(source)
      return found
    } catch (error) {
      if (!this.#failing.has(source))
        this.#logger.warn({ source: shown(source), error: String(error) }, 'discovery found nothing')
      this.#failing.add(source)
      return []
    }
  }

  async #lookUp(source: DiscoverySource): Promise<string[]> {
    switch (source.kind) {
      case 'address':
        return [source.address]
      case 'dns':
        return (await this.#lookups.hosts(source.name)).map((host) => formatPeerAddress({ host, port: source.port }))
      case 'srv': {
        const services = await this.#lookups.services(source.name)
        return services.map(({ name, port }) => formatPeerAddress({ host: name.replace(/\.$/, ''), port }))
      }
      case 'https':
        return addressesIn(await this.#lookups.document(source.url))
    }
  }
}

/** What a log says of a source: what comes after the path of a URL may be a secret. */
function shown(source: DiscoverySource): DiscoverySource {
  return source.kind === 'https' ? { ...source, url: source.url.replace(/[?#].*$/, '') } : source
}

/** A list of addresses, or `{"addresses": […]}`; what is no address in it is a fault of the whole. */
function addressesIn(document: unknown): string[] {
  const list: unknown = Array.isArray(document) ? document : (document as { addresses?: unknown } | null)?.addresses
  if (!Array.isArray(list)) throw new Error('the document is no list of addresses')
  return list.map((address: unknown) => {
    if (typeof address === 'string' && parsePeerAddress(address)) return address
    throw new Error(`${JSON.stringify(address)?.slice(0, 80)} in the document is no address such as 10.0.0.1:7421`)
  })
}

import { lookup, Resolver } from 'node:dns/promises'
import type { Lookups } from './discovery.ts'

/** How long a name server, or the server of a list, may take to answer, in milliseconds. */
const TIMEOUT_MS = 5000
const DOCUMENT_BYTES_MAX = 65_536

/** Looks up with the machine's name service, the configured name servers, and over HTTPS with verified certificates. */
export function systemLookups(): Lookups {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 })
  return {
    // As every other program of this machine finds a host, /etc/hosts included.
    hosts: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
    services: async (name) => (await resolver.resolveSrv(name)).map(({ name: host, port }) => ({ name: host, port })),
    async document(url) {
      const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
      if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
      return JSON.parse(await limited(response.body)) as unknown
    },
  }
}

async function limited(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > DOCUMENT_BYTES_MAX) throw new Error(`the document is larger than ${DOCUMENT_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

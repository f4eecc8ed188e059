import { parsePeerAddress } from './peer-address.ts'

/** Where addresses of members are looked up. */
export type DiscoverySource =
  | { kind: 'address'; address: string }
  | { kind: 'dns'; name: string; port: number }
  | { kind: 'srv'; name: string }
  | { kind: 'https'; url: string }

const SRV_NAME = /^_[A-Za-z0-9-]{1,62}\._tcp(\.[A-Za-z0-9_-]{1,63})+$/

/** Reads `dns://name:port`, `srv://_service._tcp.name`, `https://host/list.json` or `host:port`; undefined for anything else. */
export function parseDiscovery(text: string): DiscoverySource | undefined {
  if (text.startsWith('dns://')) {
    const found = parsePeerAddress(text.slice('dns://'.length))
    return found && { kind: 'dns', name: found.host, port: found.port }
  }
  if (text.startsWith('srv://')) {
    const name = text.slice('srv://'.length)
    return SRV_NAME.test(name) ? { kind: 'srv', name } : undefined
  }
  if (text.startsWith('https://')) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return url && url.username === '' && url.password === '' ? { kind: 'https', url: url.href } : undefined
  }
  return parsePeerAddress(text) && { kind: 'address', address: text }
}

/** What is wrong with a source, for people; undefined when it is good. */
export function discoveryFault(text: string): string | undefined {
  if (parseDiscovery(text)) return undefined
  return `"${text}" is none of dns://name:port, srv://_service._tcp.name, https://host/list.json and host:port`
}

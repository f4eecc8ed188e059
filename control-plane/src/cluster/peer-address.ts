/** Where the peer port of a member is: `host:port`, an IPv6 address in brackets. */
export interface HostPort {
  host: string
  port: number
}

const FORM = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))$/
const PORT_MAX = 65_535

/** Reads `host:port`; undefined when it is none. The host comes without brackets. */
export function parsePeerAddress(text: string): HostPort | undefined {
  const [, host, digits] = FORM.exec(text) ?? []
  const port = Number(digits)
  if (host === undefined || port < 1 || port > PORT_MAX) return undefined
  return { host: host.replace(/^\[|\]$/g, ''), port }
}

export function formatPeerAddress({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** What is wrong with an address, for people; undefined when it is good. */
export function peerAddressFault(text: string): string | undefined {
  return parsePeerAddress(text) ? undefined : `"${text}" is not an address such as 10.0.0.1:7421`
}

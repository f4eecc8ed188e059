const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The host name of a `Host` header without its port, lower-case; undefined when it is not one. */
export function hostName(header: string): string | undefined {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9][a-z0-9._-]{0,252})(:[0-9]{1,5})?$/.exec(header.toLowerCase())
  return match?.[1]
}

/** Whether a `Host` header names this machine itself. */
export function isLoopbackHost(header: string): boolean {
  return LOOPBACK_NAMES.has(hostName(header) ?? '')
}

/**
 * Whether a `Host` header names this node. A page of a foreign site that points its own name at our address
 * (DNS rebinding) still sends that name, so it gets nowhere.
 */
export function isOwnHost(header: string, hosts: ReadonlySet<string>): boolean {
  const name = hostName(header)
  return name !== undefined && (LOOPBACK_NAMES.has(name) || hosts.has(name))
}

/** Whether an `Origin` is the page's own: same host and port as the request. */
export function isSameOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.host === withoutDefaultPort(url.protocol, host)
}

function withoutDefaultPort(protocol: string, host: string): string {
  const lower = host.toLowerCase()
  return protocol === 'https:' ? lower.replace(/:443$/, '') : lower.replace(/:80$/, '')
}

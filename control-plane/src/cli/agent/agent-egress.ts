import { createEgressPolicy, type EgressPolicy } from '../../dispatch/egress.ts'

/**
 * What `rest` may call: addresses as everywhere else, and never the nodes that the agent is given, neither by their address
 * nor by their name. No job calls the scheduler itself, here as little as there. Who else shares the address behind a name,
 * as sites behind one proxy do, may be called.
 */
export function agentEgress(endpoints: readonly string[], allowLoopback: boolean): EgressPolicy {
  const nodes = endpoints.map(placeOf)
  const policy = createEgressPolicy({ allowLoopback, ownListeners: nodes.map(wholeLoopback) })
  const own = new Set(nodes.map(({ host, port }) => `${host} ${port}`))
  return {
    judge: policy.judge,
    checkUrl(url) {
      const fault = policy.checkUrl(url)
      if (fault) return fault
      const { host, port } = placeOf(url)
      if (!own.has(`${host} ${port}`)) return undefined
      return {
        pointer: '',
        detail: `the egress policy refuses it: ${host} is this cluster's own listener on port ${port}`,
      }
    },
  }
}

interface Place {
  host: string
  port: number
}

function placeOf(url: string): Place {
  const { hostname, port, protocol } = new URL(url)
  const usual = protocol === 'https:' ? 443 : 80
  return { host: hostname.replace(/^\[|\]$|\.$/g, ''), port: port === '' ? usual : Number(port) }
}

/** Whoever listens on one address of the machine itself is likely to listen on the others. */
function wholeLoopback({ host, port }: Place): Place {
  return { host: host === '::1' || host.startsWith('127.') ? 'localhost' : host, port }
}

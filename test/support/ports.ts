import { createServer } from 'node:net'
import { once } from 'node:events'

/** Below the range from which Linux takes the ports of outgoing connections, so that a restart finds its port free. */
const FROM = 15_000
/** Each process of the tests has its own, so that nobody takes the port of a server that is down for a while. */
const SHARE = 1000
const own = FROM + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 17) * SHARE
let next = Math.floor(Math.random() * SHARE)

/** Ports of the loopback address that nobody listens on, each given once. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    // Others ask meanwhile.
    next = (next + 1) % SHARE
    const port = own + next
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

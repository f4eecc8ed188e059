import { createServer } from 'node:net'
import { once } from 'node:events'

/** Below the range from which Linux takes the ports of outgoing connections, so that a restart finds its port free. */
const FROM = 15_000
const TO = 32_000
let next = FROM + Math.floor(Math.random() * (TO - FROM))

/** Ports of the loopback address that nobody listens on, each given once. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    // Others ask meanwhile.
    const port = (next = next + 1 < TO ? next + 1 : FROM)
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

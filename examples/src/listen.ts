import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The address of a server once it listens. */
export async function listening(server: Server, path: string): Promise<string> {
  if (!server.listening) {
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', reject)
    })
  }
  const { address, port } = server.address() as AddressInfo
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`
}

/** Ends a server: no new connections, and idle ones are closed. */
export async function closed(server: Server): Promise<void> {
  const end = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await end
}

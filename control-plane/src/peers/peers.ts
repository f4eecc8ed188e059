import type { Peers, PeersOptions } from './options.ts'

/** Opens the port for other members; connections to them are made once `setPeers` says who they are. */
export async function openPeers(options: PeersOptions): Promise<Peers> {
  await Promise.resolve()
  throw new Error(`not open: ${options.listen.host}`)
}

import { type Network, PeerUnreachable } from './network.ts'

/** No network: for a member that is opened alone, while its process does not run. */
export const noNetwork: Network = {
  setPeers: () => undefined,
  send: () => false,
  request: () => Promise.reject(new PeerUnreachable('there is no network')),
  sendSnapshot: () => Promise.reject(new PeerUnreachable('there is no network')),
  silence: () => undefined,
  clockOffsets: () => new Map(),
  close: () => Promise.resolve(),
}

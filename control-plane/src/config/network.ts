import { type NamedAddress, parseNamedAddress } from '../cluster/initial-cluster.ts'
import type { TlsPaths } from '../runtime/tls-files.ts'
import type { SettingKey } from './settings.ts'
import type { ConfigFault, ReadSettings, Sources } from './sources.ts'

/** How the node's connections are protected, and how fast a state goes to another member. Paths are absolute. */
export interface NetworkConfig {
  /** Of the API port; absent: it speaks plain HTTP. `ca`: who signs the certificates that clients then need. */
  tls?: TlsPaths
  /** Between members; absent: they prove the cluster key to each other. */
  peerCertificates?: { cert: string; key: string; ca: string }
  /** Addresses to dial instead of the known one. */
  peerDial: NamedAddress[]
  snapshotBytesPerSecondMax: number
}

/** Certificates that a node shows, by what they are for. */
export function certificateFiles({ tls, peerCertificates }: NetworkConfig): { name: string; path: string }[] {
  return [
    ...(tls ? [{ name: 'api', path: tls.cert }] : []),
    ...(peerCertificates ? [{ name: 'peer', path: peerCertificates.cert }] : []),
  ]
}

/** What the settings say of TLS, and what of it does not go together. */
export function networkConfig(
  read: ReadSettings,
  { absolute }: Sources,
): { network: NetworkConfig; faults: ConfigFault[] } {
  const path = (key: PathKey) => {
    const given = read.get(key)
    return given === undefined ? undefined : absolute(given)
  }
  const [cert, key, ca] = [path('tls.cert'), path('tls.key'), path('tls.clientCa')]
  const [peerCert, peerKey, peerCa] = [path('peer.cert'), path('peer.key'), path('peer.ca')]
  return {
    network: {
      ...(cert === undefined || key === undefined ? {} : { tls: { cert, key, ...(ca === undefined ? {} : { ca }) } }),
      ...(peerCert === undefined || peerKey === undefined || peerCa === undefined
        ? {}
        : { peerCertificates: { cert: peerCert, key: peerKey, ca: peerCa } }),
      peerDial: read.get('peer.dial').map(parseNamedAddress),
      snapshotBytesPerSecondMax: read.get('snapshotRateMax'),
    },
    faults: [
      ...together(read, ['tls.cert', 'tls.key'], ['tls.clientCa']),
      ...together(read, ['peer.cert', 'peer.key', 'peer.ca'], []),
    ],
  }
}

type PathKey = Extract<SettingKey, 'tls.cert' | 'tls.key' | 'tls.clientCa' | 'peer.cert' | 'peer.key' | 'peer.ca'>

/** Either all of `needed` are given, or none, and `further` only with them: nothing that was asked for is left out silently. */
function together(read: ReadSettings, needed: PathKey[], further: PathKey[]): ConfigFault[] {
  const given = [...needed, ...further].filter((key) => read.get(key) !== undefined)
  const missing = needed.filter((key) => read.get(key) === undefined)
  const [first] = given
  if (first === undefined || missing.length === 0) return []
  const where = read.settings.find((setting) => setting.key === first)?.from ?? first
  return [{ where, key: first, detail: `needs ${missing.join(' and ')} too` }]
}

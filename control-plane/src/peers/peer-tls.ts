import { hkdfSync } from 'node:crypto'
import type { ConnectionOptions, PeerCertificate, TlsOptions, TLSSocket } from 'node:tls'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { watchTlsFiles } from '../runtime/tls-files.ts'
import { type Bearer, bearerFault } from './certificate-names.ts'
import { certificateFault } from './handshake-faults.ts'
import type { Credentials } from './options.ts'

/** What the node that dialled has proved by TLS. */
export type Proven = { kind: 'psk'; identity: string } | { kind: 'certificate'; certificate: PeerCertificate }

export const BOOTSTRAP_IDENTITY = 'bootstrap'
export const JOIN_IDENTITY = 'join:'

/** As whom this node dials: with the key of the cluster under an identity, or with the key of a join token. */
export interface PskAs {
  identity: string
  /** Absent: derived from the cluster key. */
  key?: Uint8Array
}

/** Both sides of TLS between members. Nothing here can be switched off. */
export interface PeerTls {
  kind: Credentials['kind']
  server(): TlsOptions
  /** To dial somebody who has to be `bearer`. */
  client(bearer: Bearer, as: PskAs): ConnectionOptions
  /** Once the handshake is done, on the side that was dialled. */
  proven(socket: TLSSocket): Proven | { fault: string }
  /** Called when `server()` has become another. */
  onChange(listener: () => void): void
  close(): void
}

const TLS = { minVersion: 'TLSv1.2' } as const
/** With forward secrecy all of them; Node's pre-shared keys are used by TLS 1.3 too. */
const PSK_CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:ECDHE-PSK-CHACHA20-POLY1305'
const PSK_INFO = 'cronclave-peer-psk-v1'
const PSK_BYTES = 32
const IDENTITY_MAX = 128

export async function peerTls(credentials: Credentials, deps: { clock: Clock; logger: Logger }): Promise<PeerTls> {
  return credentials.kind === 'cluster-key' ? pskTls(credentials) : certificateTls(credentials, deps)
}

/** The key that members of a cluster prove to each other: another one for every identity. */
export function peerPsk(clusterKey: Uint8Array, identity: string): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, identity, PSK_INFO, PSK_BYTES))
}

function pskTls({ key, joinKey }: Extract<Credentials, { kind: 'cluster-key' }>): PeerTls {
  const identities = new WeakMap<TLSSocket, string>()
  const keyOf = (identity: string): Uint8Array | undefined => {
    if (identity.length > IDENTITY_MAX) return undefined
    return identity.startsWith(JOIN_IDENTITY) ? joinKey?.(identity.slice(JOIN_IDENTITY.length)) : peerPsk(key, identity)
  }
  return {
    kind: 'cluster-key',
    server: () => ({
      ...TLS,
      ciphers: PSK_CIPHERS,
      pskCallback(socket, identity) {
        const psk = keyOf(identity)
        if (psk === undefined) return null
        identities.set(socket, identity)
        return psk
      },
    }),
    client: (_, as) => ({
      ...TLS,
      ciphers: PSK_CIPHERS,
      // No certificate is ever good here, whoever signed it.
      ca: [],
      checkServerIdentity: (_host, { subject }) =>
        subject === undefined
          ? undefined
          : new Error('it shows a certificate instead of proving the key of the cluster'),
      pskCallback: () => ({ identity: as.identity, psk: as.key ?? peerPsk(key, as.identity) }),
    }),
    proven(socket) {
      const identity = identities.get(socket)
      return identity === undefined ? { fault: 'no key was proved' } : { kind: 'psk', identity }
    },
    onChange: () => undefined,
    close: () => undefined,
  }
}

async function certificateTls(
  { cert, key, ca }: Extract<Credentials, { kind: 'certificates' }>,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<PeerTls> {
  let changed: () => void = () => undefined
  const files = await watchTlsFiles({ cert, key, ca }, { clock, logger, onChange: () => changed() })
  return {
    kind: 'certificates',
    // Who is not verified is told why, in the frame that refuses him, and nothing that he sends is read: see `proven`.
    server: () => ({ ...TLS, ...files.current(), requestCert: true, rejectUnauthorized: false }),
    client: (bearer) => ({
      ...TLS,
      ...files.current(),
      rejectUnauthorized: true,
      checkServerIdentity(_host, certificate) {
        const fault = bearerFault(certificate, bearer)
        return fault === undefined
          ? undefined
          : Object.assign(new Error(fault), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
      },
    }),
    proven(socket) {
      const certificate = socket.getPeerCertificate()
      if (certificate.subject === undefined) return { fault: 'a certificate is needed, and none came' }
      if (!socket.authorized) return { fault: `the certificate ${certificateFault(String(socket.authorizationError))}` }
      return { kind: 'certificate', certificate }
    },
    onChange(listener) {
      changed = listener
    },
    close: () => files.close(),
  }
}

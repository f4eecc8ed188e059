const UNSIGNED = 'is not signed by the given CA'

const CERTIFICATE_FAULTS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  CERT_REVOKED: 'was revoked',
  INVALID_PURPOSE: 'is not one for this purpose',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNSIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNSIGNED,
  UNABLE_TO_GET_ISSUER_CERT: UNSIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNSIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNSIGNED,
  CERT_SIGNATURE_FAILURE: UNSIGNED,
}

/** What is wrong with a certificate, after "the certificate". */
export function certificateFault(code: string): string {
  return CERTIFICATE_FAULTS[code] ?? `cannot be verified (${code})`
}

/** Why a TLS connection did not come about, for people. */
export function handshakeFault(error: NodeJS.ErrnoException, kind: 'certificates' | 'cluster-key'): string {
  const code = error.code ?? ''
  if (kind === 'cluster-key' && CERTIFICATE_FAULTS[code] !== undefined)
    return 'it shows a certificate instead of proving the key of the cluster'
  if (CERTIFICATE_FAULTS[code] !== undefined) return `its certificate ${certificateFault(code)}`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return (error as { reason?: string }).reason ?? error.message
  if (code.startsWith('ERR_SSL_') && kind === 'cluster-key')
    return `it does not prove the same key: another cluster key or join token, certificates on its side, or no peer port (${short(code)})`
  if (code.startsWith('ERR_SSL_'))
    return `no common TLS: it may have no certificates, or be no peer port (${short(code)})`
  return code === '' || code.startsWith('ERR_') ? error.message : code
}

function short(code: string): string {
  return code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ')
}

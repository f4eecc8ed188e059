import { checkServerIdentity, type PeerCertificate } from 'node:tls'

/** Whom a certificate has to be for: the member's name, or the host of an address of its. */
export interface Bearer {
  name?: string
  host?: string
}

/**
 * Why a certificate is not one of the bearer's; undefined when it is. It is when it names the host of its address (DNS
 * or IP, as for any TLS server), the member as DNS name or common name, or `cronclave://<member>` as URI.
 */
export function bearerFault(certificate: PeerCertificate, { name, host }: Bearer): string | undefined {
  if (certificate.subject === undefined) return 'there is no certificate'
  const names = alternativeNames(certificate)
  if (name !== undefined && name !== '') {
    if (names.includes(`URI:cronclave://${name}`)) return undefined
    if (names.some((known) => known.toLowerCase() === `dns:${name.toLowerCase()}`)) return undefined
    if (commonNames(certificate).includes(name)) return undefined
  }
  if (host !== undefined && host !== '' && checkServerIdentity(host, certificate) === undefined) return undefined
  const wanted = [name, host].filter((text) => text !== undefined && text !== '').join(' at ')
  const said = [...commonNames(certificate).map((common) => `CN:${common}`), ...names].join(', ')
  return `the certificate is for ${said || 'nobody'}, not for ${wanted || 'a member'}`
}

/** A name that holds a comma or a quote is quoted by Node, and is one name all the same. */
const ALTERNATIVE_NAME = /(?:"(?:[^"\\]|\\.)*"|[^",\s])(?:"(?:[^"\\]|\\.)*"|[^",])*/g

function alternativeNames({ subjectaltname = '' }: PeerCertificate): string[] {
  return subjectaltname.match(ALTERNATIVE_NAME) ?? []
}

function commonNames({ subject }: PeerCertificate): string[] {
  const common: unknown = subject.CN
  return Array.isArray(common) ? common.map(String) : typeof common === 'string' ? [common] : []
}

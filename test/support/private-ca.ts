import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface CertificateFiles {
  cert: string
  key: string
}

/** A certificate authority of a test's own, in a temporary folder, made with the `openssl` command. */
export class PrivateCa {
  readonly folder = mkdtempSync(join(tmpdir(), 'cronclave-ca-'))
  readonly ca = join(this.folder, 'ca.pem')
  readonly #key = join(this.folder, 'ca.key')
  #serial = 1

  constructor() {
    this.#newKey(this.#key)
    this.#openssl('req', '-x509', '-new', '-key', this.#key, '-subj', '/CN=test CA', '-days', '2', '-out', this.ca)
  }

  /** A certificate with its key; `names` as in `DNS:n1,IP:127.0.0.1`. A negative number of days has expired. */
  issue(name: string, names: string, days = 1): CertificateFiles {
    const serial = ++this.#serial
    const file = (ending: string) => join(this.folder, `${name}-${serial}.${ending}`)
    const [cert, key, request, extensions] = [file('pem'), file('key'), file('csr'), file('ext')]
    this.#newKey(key)
    this.#openssl('req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', request)
    writeFileSync(extensions, names === '' ? '' : `subjectAltName=${names}\n`)
    const signing = ['-CA', this.ca, '-CAkey', this.#key, '-set_serial', String(serial), '-days', String(days)]
    this.#openssl('x509', '-req', '-in', request, ...signing, '-extfile', extensions, '-out', cert)
    return { cert, key }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #newKey(path: string): void {
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path)
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' })
  }
}

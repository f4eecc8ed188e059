import { ConfigError } from './errors.ts'
import { type Hmac, type HmacKey, webKey } from './hmac.ts'

const PREFIX = 'whsec_'
const SECRET_BYTES_MIN = 24
const SECRET_BYTES_MAX = 64
/** Secrets accepted at once; a rotation needs two. */
const SECRETS_MAX = 4

/** What the environment of the process, or of one request on an edge runtime, holds. */
export type Env = Readonly<Record<string, unknown>>

/** One secret, several while it is rotated, or a function that finds them in the environment. Empty entries are skipped. */
export type SecretSource = Secrets | ((env: Env) => unknown)
type Secrets = string | undefined | readonly (string | undefined)[]

/** Finds the keys that a call may be signed with. They are read anew when the secrets are others than for the call before. */
export type Keyring = (env: Env, hmac?: Hmac) => readonly HmacKey[]

/** A keyring over a secret source. Secrets that are given outright are checked at once. */
export function createKeyring(source: SecretSource): Keyring {
  let [known, keys] = ['', [] as ReturnType<typeof webKey>[]]
  const load = (given: unknown) => {
    const secrets = listSecrets(given)
    const text = secrets.join()
    if (text !== known) keys = secrets.map((secret) => webKey(decodeSecret(secret)))
    known = text
  }
  if (typeof source !== 'function') load(source)
  return (env, hmac) => {
    if (typeof source === 'function') load(source(env))
    return hmac ? keys.map(({ bytes }) => hmac(bytes)) : keys
  }
}

/** The bytes of a `whsec_` secret; a `ConfigError` that never quotes it when it is not one. */
export function decodeSecret(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : undefined
  if (!bytes || bytes.length < SECRET_BYTES_MIN || bytes.length > SECRET_BYTES_MAX) {
    throw new ConfigError(
      `a signing secret is ${PREFIX} and the base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes`,
    )
  }
  return bytes
}

/** The bytes of padded standard base64, `undefined` when the text is anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

/** A list of secrets, without the entries that are empty. */
export function listSecrets(given: unknown): string[] {
  const secrets = [given].flat().filter((secret): secret is string => typeof secret === 'string' && secret !== '')
  if (secrets.length === 0) {
    throw new ConfigError('no signing secret: give `secret` that of the service, e.g. `process.env.CRONCLAVE_SECRET`')
  }
  if (secrets.length > SECRETS_MAX) throw new ConfigError(`at most ${SECRETS_MAX} secrets at once`)
  return secrets
}

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { SealedSecret } from '../discovery/executor.ts'
import { assert } from '../runtime/assert.ts'
import type { Random } from '../runtime/random.ts'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts what may not stand readable in the log, and reads it back. */
export interface Sealer {
  /** Id of the key that seals: changes with the key and tells nothing about it. */
  readonly keyId: string
  seal(plain: string): SealedSecret
  /** Throws an `Error` when no known key sealed it or when it was altered. */
  open(sealed: SealedSecret): string
}

/**
 * A sealer under the cluster key, AES-256-GCM with a random nonce each time; the key id is authenticated with the text.
 * `olderKeys` still open what they sealed, so a cluster key can be rotated.
 */
export function createSealer(clusterKey: Buffer, random: Random, olderKeys: readonly Buffer[] = []): Sealer {
  const keys = new Map([...olderKeys, clusterKey].map((key) => [idOf(key), key]))
  const keyId = idOf(clusterKey)
  return {
    keyId,
    seal(plain) {
      const nonce = Buffer.from(random.bytes(NONCE_BYTES))
      const cipher = createCipheriv(CIPHER, clusterKey, nonce).setAAD(Buffer.from(keyId))
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${keyId}.${nonce.toString('base64url')}.${text.toString('base64url')}`
    },
    open(sealed) {
      const [id = '', nonce = '', text = ''] = sealed.split('.', 3)
      const key = keys.get(id)
      if (!key)
        throw new Error(`a secret was sealed with the cluster key ${JSON.stringify(id)}, which is not known here`)
      return decipher(key, id, Buffer.from(nonce, 'base64url'), Buffer.from(text, 'base64url'))
    },
  }
}

function idOf(key: Buffer): string {
  assert(key.length === KEY_BYTES, 'the cluster key is 32 bytes')
  return createHash('sha256').update('cronclave-cluster-key-id').update(key).digest('base64url').slice(0, 8)
}

function decipher(key: Buffer, id: string, nonce: Buffer, text: Buffer): string {
  try {
    const end = text.length - TAG_BYTES
    const plain = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(id))
      .setAuthTag(text.subarray(end))
    return plain.update(text.subarray(0, end), undefined, 'utf8') + plain.final('utf8')
  } catch {
    throw new Error('a sealed secret was altered or cut short')
  }
}

/** A key of HMAC-SHA256. */
export interface HmacKey {
  sign(message: Uint8Array<ArrayBuffer>): ArrayBuffer | Uint8Array | Promise<ArrayBuffer>
  /** In constant time. */
  verify(mac: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): boolean | Promise<boolean>
}

/** Makes a key of its bytes, where a runtime has something quicker than WebCrypto. */
export type Hmac = (bytes: Uint8Array<ArrayBuffer>) => HmacKey

/** A key for WebCrypto, imported when it is first used. */
export function webKey(bytes: Uint8Array<ArrayBuffer>): HmacKey & { bytes: typeof bytes } {
  const { subtle } = crypto
  let imported: Promise<CryptoKey> | undefined
  const key = () =>
    (imported ??= subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']))
  return {
    bytes,
    sign: async (message) => subtle.sign('HMAC', await key(), message),
    verify: async (mac, message) => subtle.verify('HMAC', await key(), mac, message),
  }
}

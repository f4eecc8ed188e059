import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Hmac } from './hmac.ts'

/**
 * HMAC by node:crypto, at once in this thread: WebCrypto hands every call to another one, which costs more than the work.
 * A MAC that is to be verified has 32 bytes, as `findSigner` has seen to.
 */
export const nodeHmac: Hmac = (bytes) => {
  const sign = (message: Uint8Array) => createHmac('sha256', bytes).update(message).digest()
  return { sign, verify: (mac, message) => timingSafeEqual(sign(message), mac) }
}

import { createHmac, hash } from 'node:crypto'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
/** What is longer is hashed where it lies. */
const SCRATCH_BYTES = 16 * 1024

/** A key as both passes of HMAC begin with it. */
interface Pads {
  inner: Buffer
  outer: Buffer
}

const padsOf = new WeakMap<Buffer, Pads>()
const scratch = Buffer.alloc(SCRATCH_BYTES)
const last = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)

/**
 * HMAC-SHA256 (RFC 2104) of a text and the bytes after it. Two hashes in one call each: making an `Hmac` costs several
 * times as much as hashing what a call says. Keys are never changed in place.
 */
export function hmacSha256(
  key: Buffer,
  text: string,
  bytes: Buffer | undefined,
  encoding: 'base64' | 'base64url' | 'binary',
): string {
  const most = BLOCK_BYTES + text.length * 3 + (bytes?.length ?? 0)
  if (most > SCRATCH_BYTES || key.length > BLOCK_BYTES) {
    const hmac = createHmac('sha256', key).update(text)
    return (bytes ? hmac.update(bytes) : hmac).digest(encoding)
  }
  const { inner, outer } = padded(key)
  inner.copy(scratch)
  let end = BLOCK_BYTES + scratch.write(text, BLOCK_BYTES, 'utf8')
  if (bytes) end += bytes.copy(scratch, end)
  outer.copy(last)
  last.write(hash('sha256', scratch.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1')
  return hash('sha256', last, encoding)
}

function padded(key: Buffer): Pads {
  let pads = padsOf.get(key)
  if (!pads) {
    pads = { inner: Buffer.alloc(BLOCK_BYTES, 0x36), outer: Buffer.alloc(BLOCK_BYTES, 0x5c) }
    for (const pad of [pads.inner, pads.outer]) for (const [at, byte] of key.entries()) pad[at] = (pad[at] ?? 0) ^ byte
    padsOf.set(key, pads)
  }
  return pads
}

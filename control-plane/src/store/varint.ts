/** Reads LevelDB's encodings one after the other; `failed` is set when the bytes end too early. */
export class Reader {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  failed = false

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.failed || this.at >= this.end
  }

  /** A varint of up to 53 bits. */
  varint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 56; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    this.failed = true
    return 0
  }

  byte(): number {
    if (this.at >= this.end) {
      this.failed = true
      return 0
    }
    return this.bytes[this.at++] as number
  }

  /** A length and as many bytes. */
  slice(): Uint8Array {
    return this.take(this.varint())
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.end) {
      this.failed = true
      return new Uint8Array()
    }
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }
}

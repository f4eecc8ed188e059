import type { Clock, Millis } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'

/** How long a login code works, in milliseconds. */
export const LOGIN_CODE_MS = 60_000
/** Codes that may wait to be used at once; the oldest gives way. */
const CODES_MAX = 100
const CODE_BYTES = 18

/** Single-use codes that log a browser in as the holder of a token. They live in the memory of one node. */
export class LoginCodes {
  readonly #clock: Clock
  readonly #random: Random
  readonly #codes = new Map<string, { token: string; expiresAt: Millis }>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** A new code for the token with this id. */
  issue(token: string): { code: string; expiresAt: Millis } {
    this.#forgetOld()
    const code = `clc_${Buffer.from(this.#random.bytes(CODE_BYTES)).toString('base64url')}`
    const expiresAt = this.#clock.now() + LOGIN_CODE_MS
    this.#codes.set(code, { token, expiresAt })
    return { code, expiresAt }
  }

  /** The id of the token a code stands for; the code is used up. */
  redeem(code: string): string | undefined {
    this.#forgetOld()
    const known = this.#codes.get(code)
    this.#codes.delete(code)
    return known?.token
  }

  /** Codes are kept oldest first; a wall clock that steps back only makes some live longer. */
  #forgetOld(): void {
    const now = this.#clock.now()
    for (const [code, { expiresAt }] of this.#codes) {
      if (now < expiresAt && this.#codes.size < CODES_MAX) return
      this.#codes.delete(code)
    }
  }
}

import type { Logger } from '../runtime/logger.ts'

const KEYS_MAX = 256

/** Says a thing when it begins to be so, not every time that it is so again. */
export class LogOnce {
  readonly #logger: Logger
  readonly #said = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  warn(key: string, fields: object, message: string): void {
    if (this.#said.has(key)) return
    if (this.#said.size >= KEYS_MAX) this.#said.clear()
    this.#said.add(key)
    this.#logger.warn(fields, message)
  }

  /** It is over, and worth saying should it come again. */
  forget(key: string): void {
    this.#said.delete(key)
  }
}

/** Where the SDK writes lines of its own: pino, `console`, or anything alike. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** For `logger: false`. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

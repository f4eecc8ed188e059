/** What is wrong in a schedule. `pointer` is relative to it, e.g. `/cron`. */
export class ScheduleFault extends Error {
  override name = 'ScheduleFault'
  readonly pointer: string
  readonly detail: string

  constructor(pointer: string, detail: string) {
    super(`${pointer}: ${detail}`)
    this.pointer = pointer
    this.detail = detail
  }
}

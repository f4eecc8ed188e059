/** What is wrong in a cron expression, and where: `position` counts characters from 1. */
export class CronFault extends Error {
  override name = 'CronFault'
  readonly position: number | undefined

  constructor(detail: string, position?: number) {
    super(position === undefined ? detail : `${detail} (at character ${position})`)
    this.position = position
  }
}

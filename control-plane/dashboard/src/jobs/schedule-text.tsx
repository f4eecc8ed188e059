import { scheduleExpression, type ScheduleRule, scheduleWords } from './schedule-words.ts'
import classes from './schedule-text.module.css'
import { ExactTime } from '../ui/time.tsx'

/** When a job runs: in words where they are certain, always with the expression and its zone. */
export function ScheduleText({ schedules, all = false }: { schedules: readonly ScheduleRule[]; all?: boolean }) {
  const [first] = schedules
  if (first === undefined) return <span className="dim">By hand</span>
  if (all) {
    return (
      <ul className={classes.list}>
        {schedules.map((schedule, index) => (
          <li key={`${index} ${JSON.stringify(schedule)}`}>
            <One schedule={schedule} />
          </li>
        ))}
      </ul>
    )
  }
  return (
    <span className={classes.text}>
      <One schedule={first} />
      {schedules.length > 1 && <span className="dim">and {schedules.length - 1} more</span>}
    </span>
  )
}

function One({ schedule }: { schedule: ScheduleRule }) {
  const words = scheduleWords(schedule)
  const expression = scheduleExpression(schedule)
  const zoned = schedule.cron !== undefined
  return (
    <span className={classes.one}>
      {words !== undefined && <span>{words}</span>}
      <span className={classes.rule}>
        {schedule.cron !== undefined && <code>{expression}</code>}
        {schedule.at !== undefined && <ExactTime at={schedule.at} zone={schedule.zone} />}
        {zoned && <span className={classes.zone}>{schedule.zone ?? 'UTC'}</span>}
      </span>
    </span>
  )
}

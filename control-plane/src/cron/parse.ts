import { RULE, type CompiledCron, type RareDays } from './compiled.ts'
import { readMonthDays, readWeekdays } from './day-fields.ts'
import { CronFault } from './fault.ts'
import { HOUR, itemValues, MINUTE, MONTH, SECOND, YEAR, type Field } from './field.ts'
import { listItems, mask, type Token } from './token.ts'

/** As long as cron-parser allows; naming every value of every field takes half of it. */
const EXPRESSION_LENGTH_MAX = 1024

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@weekdays': '0 0 * * 1-5',
  '@weekends': '0 0 * * 0,6',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@minutely': '* * * * *',
}

/** The masks of an expression; zone and clock-change policies come from the schedule. */
export type CronFields = Omit<CompiledCron, 'zone'>

/** An expression without its zone prefix and without `@every`, which is no cron expression. */
export type Preamble = { zone?: Token } & ({ every: Token } | { fields: Token[] })

/** Takes `CRON_TZ=` and `TZ=` off, resolves descriptors, and counts the fields. */
export function splitExpression(expression: string): Preamble {
  if (expression.length > EXPRESSION_LENGTH_MAX) {
    throw new CronFault(`the expression is longer than ${EXPRESSION_LENGTH_MAX} characters`)
  }
  const tokens = [...expression.matchAll(/\S+/g)].map((match) => ({ text: match[0], position: match.index + 1 }))
  const prefix = /^(?:CRON_TZ|TZ)=(.*)$/.exec(tokens[0]?.text ?? '')
  const zone =
    prefix === null ? {} : { zone: { text: prefix[1] as string, position: tokens[0]!.text.indexOf('=') + 2 } }
  if (prefix !== null) tokens.shift()
  const [head, second] = tokens
  if (head === undefined) throw new CronFault('the expression is empty')
  if (head.text.startsWith('@')) {
    if (head.text.toLowerCase() === '@every' && second !== undefined && tokens.length === 2)
      return { ...zone, every: second }
    return { ...zone, fields: descriptorFields(head, second) }
  }
  if (tokens.length < 5 || tokens.length > 7) {
    throw new CronFault(`the expression has ${tokens.length} field${tokens.length === 1 ? '' : 's'}, 5 to 7 are needed`)
  }
  return { ...zone, fields: tokens }
}

/** The masks of five fields, six with seconds first, or seven with a year last. `spread` decides what `H` means. */
export function readFields(fields: readonly Token[], spread: number, quartzWeekdays: boolean): CronFields {
  const zeroSecond: Token = { text: '0', position: 1 }
  const [second, minute, hour, day, month, weekday, year] = (
    fields.length === 5 ? [zeroSecond, ...fields] : fields
  ) as [Token, Token, Token, Token, Token, Token, Token | undefined]
  const seconds = values(SECOND, second, spread)
  const minutes = values(MINUTE, minute, spread)
  const hours = mask(values(HOUR, hour, spread))
  const days = readMonthDays(day, spread)
  const months = mask(values(MONTH, month, spread).map((value) => value - 1))
  const weekdays = readWeekdays(weekday, spread, quartzWeekdays)
  const years = year === undefined || isStar(year) ? undefined : values(YEAR, year, spread).toSorted((a, b) => a - b)
  const rare: RareDays = { ...days.rare, ...weekdays.rare, ...(years === undefined ? {} : { years }) }
  return {
    secondsLow: mask(seconds.filter((value) => value < 30)),
    secondsHigh: mask(seconds.filter((value) => value >= 30).map((value) => value - 30)),
    minutesLow: mask(minutes.filter((value) => value < 30)),
    minutesHigh: mask(minutes.filter((value) => value >= 30).map((value) => value - 30)),
    hours,
    days: days.mask,
    months,
    weekdays: weekdays.mask,
    rules:
      (/[*?/]/.test(hour.text) ? RULE.elapsed : 0) |
      (/^[*?]/.test(day.text) || /^[*?]/.test(weekday.text) ? 0 : RULE.eitherDay),
    ...(Object.keys(rare).length === 0 ? {} : { rare }),
  }
}

function values(field: Field, token: Token, spread: number): number[] {
  const all = listItems(token).flatMap((item) => itemValues(field, item.text, item.position, spread))
  return [...new Set(all)]
}

function isStar(token: Token): boolean {
  return token.text === '*' || token.text === '?'
}

function descriptorFields(head: Token, second: Token | undefined): Token[] {
  const name = head.text.toLowerCase()
  const expression = DESCRIPTORS[name]
  if (name === '@every') throw new CronFault('@every needs one duration, as in "@every 1h30m"', head.position)
  if (expression === undefined) {
    const known = [...Object.keys(DESCRIPTORS), '@every'].join(' ')
    throw new CronFault(`"${head.text.slice(0, 40)}" is not one of ${known}`, head.position)
  }
  if (second !== undefined) throw new CronFault(`nothing may follow ${name}`, second.position)
  return expression.split(' ').map((text) => ({ text, position: head.position }))
}

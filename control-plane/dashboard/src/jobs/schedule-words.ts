/** A schedule as the API has it; only the fields that say when. */
export interface ScheduleRule {
  cron?: string
  every?: string
  after?: string
  at?: string
  zone?: string
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const DAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const DESCRIPTORS: Record<string, string> = {
  '@yearly': 'Once a year, 1 January 00:00',
  '@annually': 'Once a year, 1 January 00:00',
  '@monthly': 'On day 1 of the month at 00:00',
  '@weekly': 'Sunday at 00:00',
  '@daily': 'Every day at 00:00',
  '@midnight': 'Every day at 00:00',
  '@hourly': 'Every hour at :00',
}

/** A schedule in words where that is certain, otherwise undefined: the expression itself is shown then. */
export function scheduleWords(rule: ScheduleRule): string | undefined {
  if (rule.every !== undefined) return `Every ${durationWords(rule.every)}`
  if (rule.after !== undefined) return `${durationWords(rule.after)} after the last run ends`
  if (rule.at !== undefined) return 'Once'
  if (rule.cron !== undefined) return cronWords(rule.cron)
  return 'By hand'
}

/** The expression behind the words: what was typed. */
export function scheduleExpression(rule: ScheduleRule): string | undefined {
  return rule.cron ?? rule.at
}

/** Only shapes that cannot be read two ways: anything else stays the expression it is. */
export function cronWords(expression: string): string | undefined {
  const text = expression.trim().replace(/^(CRON_)?TZ=\S+\s+/, '')
  const descriptor = DESCRIPTORS[text]
  if (descriptor !== undefined) return descriptor
  if (text.startsWith('@every ')) return `Every ${durationWords(text.slice(7))}`
  const fields = text.split(/\s+/)
  if (fields.length === 5) fields.unshift('0')
  if (fields.length !== 6) return undefined
  const [second, minute, hour, day, month, weekday] = fields as [string, string, string, string, string, string]
  if (!any(month)) return undefined
  if (any(day) && any(weekday)) return clockWords(second, minute, hour)
  const time = timeOfDay(second, minute, hour)
  if (time === undefined) return undefined
  if (any(day)) return weekdayWords(weekday, time)
  if (any(weekday)) return dayWords(day, time)
  return undefined
}

function clockWords(second: string, minute: string, hour: string): string | undefined {
  const time = timeOfDay(second, minute, hour)
  if (time !== undefined) return `Every day at ${time}`
  if (!any(hour)) return undefined
  if (any(minute))
    return repeated(second, 60, 'second') ?? (numeric(second) ? `Every minute${past(second)}` : undefined)
  if (!numeric(second)) return undefined
  const minutes = second === '0' || second === '00' ? repeated(minute, 60, 'minute') : undefined
  if (minutes !== undefined) return minutes
  if (!numeric(minute)) return undefined
  return `Every hour at :${minute.padStart(2, '0')}${Number(second) === 0 ? '' : `:${second.padStart(2, '0')}`}`
}

function past(second: string): string {
  return Number(second) === 0 ? '' : ` at second ${Number(second)}`
}

/** `*` and steps that divide the whole evenly; an uneven step (a step of 7) has a short last gap, so it has no honest words. */
function repeated(field: string, whole: number, name: string): string | undefined {
  if (any(field)) return `Every ${name}`
  const step = /^(?:\*|0)\/(\d+)$/.exec(field)?.[1]
  if (step === undefined || whole % Number(step) !== 0) return undefined
  return Number(step) === 1 ? `Every ${name}` : `Every ${Number(step)} ${name}s`
}

function timeOfDay(second: string, minute: string, hour: string): string | undefined {
  if (![second, minute, hour].every(numeric)) return undefined
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  return Number(second) === 0 ? time : `${time}:${second.padStart(2, '0')}`
}

function weekdayWords(field: string, time: string): string | undefined {
  const range = /^(\w+)-(\w+)$/.exec(field)
  if (range !== null) {
    const from = weekdayName(range[1])
    const to = weekdayName(range[2])
    return from === undefined || to === undefined ? undefined : `${from} to ${to} at ${time}`
  }
  const names = field.split(',').map(weekdayName)
  if (names.some((name) => name === undefined)) return undefined
  return `${listWords(names as string[])} at ${time}`
}

function weekdayName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const index = /^[0-7]$/.test(text) ? Number(text) % 7 : DAY_NAMES.indexOf(text.toUpperCase())
  return DAYS[index]
}

function dayWords(field: string, time: string): string | undefined {
  if (field === 'L') return `On the last day of the month at ${time}`
  const days = field.split(',')
  if (!days.every(numeric)) return undefined
  return `On day ${listWords(days.map((day) => String(Number(day))))} of the month at ${time}`
}

function listWords(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function any(field: string): boolean {
  return field === '*' || field === '?'
}

function numeric(field: string): boolean {
  return /^\d{1,2}$/.test(field)
}

const UNITS: Record<string, string> = { ms: 'ms', s: 'second', m: 'minute', h: 'hour', d: 'day' }

/** `90s` as `90 seconds`, `1h30m` as `1 hour 30 minutes`. */
function durationWords(text: string): string {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].map(([, count, unit]) => {
    const name = UNITS[unit ?? ''] ?? ''
    if (name === 'ms') return `${count} ms`
    if (count === '1') return `1 ${name}`
    return `${count} ${name}s`
  })
  if (parts.length === 0) return text
  const words = parts.join(' ')
  return words.startsWith('1 ') && parts.length === 1 ? words.slice(2) : words
}

/** One field of an expression: what it says and the values it means. `star` is what Vixie cron calls it. */
export interface NaiveField {
  text: string
  values: number[]
  star: boolean
}

/** An expression that the twin need not read. */
export interface NaiveCron {
  text: string
  minute: NaiveField
  hour: NaiveField
  day: NaiveField
  weekday: NaiveField
}

const MINUTE = 60_000
const DAY = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

/**
 * The fires from `from` up to `to`, by the definition: the instants are walked minute by minute, each is asked what the
 * clock on the wall shows, and each wall time that the expression names is looked up among them.
 */
export function naiveFires(
  cron: NaiveCron,
  zone: string,
  policy: { gap: string; fold: string },
  from: number,
  to: number,
): { at: number; skip: boolean }[] {
  const instantsOf = new Map<number, number[]>()
  const fires = new Map<number, boolean>()
  let last = from - 2 * DAY + naiveOffset(zone, from - 2 * DAY) - MINUTE
  for (let at = from - 2 * DAY; at < to + 2 * DAY; at += MINUTE) {
    const wall = at + naiveOffset(zone, at)
    const instants = instantsOf.get(wall)
    if (instants === undefined) instantsOf.set(wall, [at])
    else instants.push(at)
    if (!cron.hour.star) {
      for (let missing = last + MINUTE; missing < wall; missing += MINUTE) {
        if (names(cron, missing)) fires.set(at, policy.gap === 'skip')
      }
    }
    last = wall
  }
  for (const [wall, instants] of instantsOf) {
    if (!names(cron, wall)) continue
    const both = cron.hour.star || policy.fold === 'both'
    const chosen = both ? instants : [policy.fold === 'last' ? instants[instants.length - 1]! : instants[0]!]
    for (const at of chosen) fires.set(at, false)
  }
  return [...fires]
    .filter(([at]) => at >= from && at < to)
    .sort(([a], [b]) => a - b)
    .map(([at, skip]) => ({ at, skip }))
}

/** What Intl adds to UTC in a zone. */
export function naiveOffset(zone: string, at: number): number {
  const key = `${zone}${at}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  formats.set(zone, format)
  const [, sign, hours = '0', minutes = '0'] = /GMT(?:([+-])(\d+):(\d+))?/.exec(format.format(at)) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1)
  if (offsets.size < 2_000_000) offsets.set(key, offset)
  return offset
}

function names(cron: NaiveCron, wall: number): boolean {
  const date = new Date(wall)
  if (!cron.minute.values.includes(date.getUTCMinutes()) || !cron.hour.values.includes(date.getUTCHours())) return false
  const byDay = cron.day.values.includes(date.getUTCDate())
  const byWeekday = cron.weekday.values.includes(date.getUTCDay())
  return cron.day.star || cron.weekday.star ? byDay && byWeekday : byDay || byWeekday
}

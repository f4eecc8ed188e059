import { CronExpressionParser } from 'cron-parser'
import { CronFault } from './fault.ts'

/** One of the seven fields of an expression. */
export interface Field {
  /** The word for it in messages. */
  name: string
  min: number
  /** The greatest value that may be written; `*` and open steps end at `last`. */
  max: number
  last: number
  names?: readonly string[]
  /** The values among which a bare `H` chooses. */
  hash?: readonly [min: number, max: number]
  /** What cron-parser calls it; absent for the year, which it does not know. */
  key?: 'second' | 'minute' | 'hour' | 'dayOfMonth' | 'month' | 'dayOfWeek'
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const

export const SECOND: Field = { name: 'second', min: 0, max: 59, last: 59, hash: [0, 59], key: 'second' }
export const MINUTE: Field = { name: 'minute', min: 0, max: 59, last: 59, hash: [0, 59], key: 'minute' }
export const HOUR: Field = { name: 'hour', min: 0, max: 23, last: 23, hash: [0, 23], key: 'hour' }
/** `H` stays within the days that every month has. */
export const DAY: Field = { name: 'day of month', min: 1, max: 31, last: 31, hash: [1, 28], key: 'dayOfMonth' }
export const MONTH: Field = { name: 'month', min: 1, max: 12, last: 12, names: MONTHS, hash: [1, 12], key: 'month' }
export const WEEKDAY: Field = {
  name: 'weekday',
  min: 0,
  max: 7,
  last: 6,
  names: WEEKDAYS,
  hash: [0, 6],
  key: 'dayOfWeek',
}
/** Weekdays as Quartz numbers them, from 1 for Sunday. */
export const QUARTZ_WEEKDAY: Field = { ...WEEKDAY, min: 1, max: 7, last: 7, hash: [1, 7] }
export const YEAR: Field = { name: 'year', min: 1970, max: 2199, last: 2199 }

/** Expansions kept: items such as `0` and `1-5` come again in every other expression. */
const EXPANSIONS_MAX = 4096
const ITEM = /^(?:([*?])|(H)(?:\((\w+)-(\w+)\))?|(\w+)(?:-(\w+))?)(?:\/(\w+))?$/i
const PARSER_FIELDS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const

const expansions = new Map<string, readonly number[]>()

/**
 * The values of one item of a list, such as `5`, `MON-FRI`, `5/15` or `H(0-7)`; weekdays count from 0 for Sunday.
 * What the item may hold is checked here, so that a fault names its place; cron-parser then says what it means.
 */
export function itemValues(field: Field, item: string, position: number, spread: number): readonly number[] {
  const match = ITEM.exec(item)
  if (match === null) throw unreadable(field, item, position)
  const [, star, hash, hashFrom, hashTo, from, to, stepText] = match
  let first = field.min
  let last = field.last
  if (star === undefined && hash === undefined) {
    first = readValue(field, from as string, position)
    last = first
    if (to !== undefined) last = readRangeEnd(field, first, to, position + (from as string).length + 1)
    else if (stepText !== undefined) last = Math.max(first, field.last)
  } else if (hash !== undefined) {
    if (field.hash === undefined) throw new CronFault(`H cannot choose a ${field.name}`, position)
    if (hashFrom !== undefined && hashTo !== undefined) {
      first = readValue(field, hashFrom, position + 2)
      last = readRangeEnd(field, first, hashTo, position + 3 + hashFrom.length)
    } else [first, last] = field.hash
  }
  if (last < first) {
    const [low, high] = [field.names?.[first - field.min] ?? first, field.names?.[last - field.min] ?? last]
    throw new CronFault(`${field.name} ${low}-${high} runs backwards; write two ranges`, position)
  }
  const step = stepText === undefined ? 1 : readStep(field, stepText, position + item.length - stepText.length)
  const isHashed = hash !== undefined && !(stepText !== undefined && step === 1)
  return expand(field, first, last, step, isHashed ? spread : undefined)
}

/** The value that a number or a name stands for. */
export function readValue(field: Field, text: string, position: number): number {
  if (/^\d{1,9}$/.test(text)) {
    const value = Number(text)
    if (value >= field.min && value <= field.max) return value
    throw new CronFault(`${field.name} ${text} is outside ${field.min}-${field.max}`, position)
  }
  const index = field.names?.indexOf(text.toUpperCase()) ?? -1
  if (index >= 0) return index + (field.max === 7 ? field.min : 1)
  throw unreadable(field, text, position)
}

/** As a value; `SAT-SUN` ends on the Sunday after. */
function readRangeEnd(field: Field, first: number, text: string, position: number): number {
  const value = readValue(field, text, position)
  const isSunday = field.key === 'dayOfWeek' && /^SUN$/i.test(text)
  return isSunday && value < first ? value + 7 : value
}

function readStep(field: Field, text: string, position: number): number {
  const step = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  const size = field.last - field.min + 1
  if (step >= 1 && step <= size) return step
  throw new CronFault(`step ${text} of the ${field.name} is outside 1-${size}`, position)
}

function unreadable(field: Field, text: string, position: number): CronFault {
  if (text === '') return new CronFault(`${field.name} has an empty place in its list`, position)
  return new CronFault(`${field.name} cannot be "${text.slice(0, 40)}"`, position)
}

function expand(
  field: Field,
  first: number,
  last: number,
  step: number,
  spread: number | undefined,
): readonly number[] {
  const shift = field.key === 'dayOfWeek' ? field.min : 0
  const key = `${field.key}:${first - shift}-${last - shift}/${step}`
  const known = spread === undefined ? expansions.get(key) : undefined
  if (known !== undefined) return known
  const values =
    field.key === undefined
      ? Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step)
      : parsed(field.key, first - shift, last - shift, step, spread)
  if (spread === undefined) {
    if (expansions.size >= EXPANSIONS_MAX) expansions.clear()
    expansions.set(key, values)
  }
  return values
}

/** What cron-parser makes of an item that stands alone in an expression. */
function parsed(
  key: NonNullable<Field['key']>,
  first: number,
  last: number,
  step: number,
  spread: number | undefined,
): readonly number[] {
  const range = spread === undefined ? `${first}-${last}` : `H(${first}-${last})`
  const item = step === 1 ? (first === last ? `${first}` : range) : `${range}/${step}`
  const expression = PARSER_FIELDS.map((name) => (name === key ? item : '*')).join(' ')
  const { fields } = CronExpressionParser.parse(expression, spread === undefined ? {} : { hashSeed: `${spread}` })
  const values = fields[key].values.map(Number)
  return key === 'dayOfWeek' ? [...new Set(values.map((value) => value % 7))] : values
}

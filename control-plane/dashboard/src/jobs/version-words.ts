import type { JobVersion } from '@cronclave/openapi'

type Change = JobVersion['changes'][number]

/** Characters of a value that are shown. */
const VALUE_LENGTH = 120

/** One change of a definition as people read it; what was added has no `from`, what was removed no `to`. */
export interface ChangeWords {
  /** Such as `schedules[0].cron`. */
  place: string
  from?: string
  to?: string
}

export function changeWords({ pointer, from, to, large }: Change): ChangeWords {
  if (large) return { place: placeOf(pointer), to: 'changed, too long to show' }
  return {
    place: placeOf(pointer),
    ...(from === undefined ? {} : { from: valueOf(from) }),
    ...(to === undefined ? {} : { to: valueOf(to) }),
  }
}

/** A JSON pointer as a path in code. */
function placeOf(pointer: string): string {
  const parts = pointer.split('/').slice(1)
  const names = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return names.map((name, i) => (/^\d+$/.test(name) ? `[${name}]` : i === 0 ? name : `.${name}`)).join('') || 'all'
}

function valueOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text
}

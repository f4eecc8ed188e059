import type { ErrorObject } from 'ajv/dist/2020.js'

const UNIONS = new Set(['anyOf', 'oneOf'])

/**
 * What is worth telling of what a check found. Of a union, everything that is wrong with each of its forms is found: told is
 * what is wrong with the only form that has the right type, else that none fits.
 */
export function told(errors: readonly ErrorObject[]): ErrorObject[] {
  let left = [...errors]
  // Inner unions come first, so that each is one error by the time its outer one is looked at.
  for (const union of errors.filter(({ keyword }) => UNIONS.has(keyword))) {
    if (!left.includes(union)) continue
    const inside = left.filter((error) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`))
    const candidates = formsOf(union, inside).filter((form) => !form.some((error) => isOfOtherType(error, union)))
    const [only] = candidates
    const kept = candidates.length === 1 && only !== undefined && only.length > 0 ? only : [union]
    left = left.filter((error) => error !== union && !inside.includes(error)).concat(kept)
  }
  return left
}

/** What was found, by the form that it was found in. */
function formsOf(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject[][] {
  const forms = new Map<string, ErrorObject[]>()
  for (const error of inside) {
    const [form = ''] = error.schemaPath.slice(union.schemaPath.length + 1).split('/')
    forms.set(form, [...(forms.get(form) ?? []), error])
  }
  return [...forms.values()]
}

function isOfOtherType({ keyword, instancePath }: ErrorObject, union: ErrorObject): boolean {
  return instancePath === union.instancePath && (keyword === 'type' || keyword === 'const' || keyword === 'enum')
}

import type { ErrorObject } from 'ajv/dist/2020.js'

const UNIONS = new Set(['anyOf', 'oneOf'])
/** What a check says of a condition beside what is wrong by it. */
const OUTSIDE = new Set(['if'])

/**
 * What is worth telling of what a check found. Of a union, everything that is wrong with each of its forms is found: told is
 * what is wrong with the only form that can be meant, else that none fits. What was found within a union stands right before
 * it, inner unions before outer ones, so one pass will do. `isLater` says what does not count: a form of which nothing else is wrong fits.
 */
export function told(errors: readonly ErrorObject[], isLater: (error: ErrorObject) => boolean): ErrorObject[] {
  const left: ErrorObject[] = []
  for (const error of errors) {
    if (OUTSIDE.has(error.keyword)) continue
    left.push(...(UNIONS.has(error.keyword) ? ofUnion(error, takenInside(left, error), isLater) : [error]))
  }
  return left.filter((error) => !isLater(error))
}

/** Takes from the end what was found within a union, of this very value. */
function takenInside(left: ErrorObject[], union: ErrorObject): ErrorObject[] {
  const from = left.findLastIndex((error) => !isInside(error, union)) + 1
  return left.splice(from)
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  const { instancePath, schemaPath } = error
  return (
    schemaPath.startsWith(`${union.schemaPath}/`) &&
    (instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`))
  )
}

function ofUnion(
  union: ErrorObject,
  inside: readonly ErrorObject[],
  isLater: (error: ErrorObject) => boolean,
): ErrorObject[] {
  if (hasTooMany(union)) return [union]
  const forms = formsOf(union, inside)
  if (forms.some((form) => form.every(isLater))) return []
  const ofRightType = forms.filter((form) => !form.some((error) => isOfOtherType(error, union)))
  const only = ofRightType.length === 1 ? ofRightType : ofRightType.filter((form) => !hasOtherTag(form, union))
  return only.length === 1 ? (only[0] ?? []) : [union]
}

/** More than one of those of which one has to fit. */
function hasTooMany({ params }: ErrorObject): boolean {
  return Array.isArray((params as { passingSchemas?: unknown }).passingSchemas)
}

/** What was found, by the form that it was found in. */
function formsOf(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject[][] {
  const forms = new Map<string, ErrorObject[]>()
  for (const error of inside) {
    const [form = ''] = error.schemaPath.slice(union.schemaPath.length + 1).split('/')
    const found = forms.get(form)
    if (found) found.push(error)
    else forms.set(form, [error])
  }
  return [...forms.values()]
}

function isOfOtherType({ keyword, instancePath }: ErrorObject, union: ErrorObject): boolean {
  return instancePath === union.instancePath && (keyword === 'type' || keyword === 'const' || keyword === 'enum')
}

/** Whether a name within the object says that another form is meant, as `kind` does. */
function hasOtherTag(form: readonly ErrorObject[], union: ErrorObject): boolean {
  return form.some(
    ({ keyword, instancePath }) =>
      (keyword === 'const' || keyword === 'enum') && !instancePath.slice(union.instancePath.length + 1).includes('/'),
  )
}

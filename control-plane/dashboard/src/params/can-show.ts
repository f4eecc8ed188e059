import { lines, numbers } from '../editor/text-forms.ts'
import type { ParamKind } from './param-fields.ts'

/** Whether the input for a parameter shows this value as it is, so that nothing is lost when it is changed there. */
export function canShow(kind: ParamKind, value: unknown): boolean {
  if (value === undefined) return true
  switch (kind.type) {
    case 'text':
      return typeof value === 'string' && !/[\r\n]/.test(value)
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
    case 'date-time':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'switch':
      return typeof value === 'boolean'
    case 'list':
      return Array.isArray(value) && isReadAgain(kind.of === 'text' ? lines : numbers, value)
    case 'group':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return true
  }
}

function isReadAgain(form: typeof numbers, items: readonly unknown[]): boolean {
  const result = form.read(form.show(items))
  return 'value' in result && JSON.stringify(result.value) === JSON.stringify(items)
}

import { unknownName } from '../runtime/suggest.ts'
import type { AlertTemplate } from './channel.ts'

/** What placeholders of a channel's own words stand for; what an alert does not have is empty. */
export interface TemplateValues {
  title: string
  summary: string
  kind: string
  cluster: string
  channel: string
  rule: string
  subject: string
  subjectKind: string
  namespace: string
  since: string
  until: string
  count: string
  run: string
  link: string
}

/** Every placeholder that a channel's own words may hold. */
export const TEMPLATE_NAMES = [
  'title',
  'summary',
  'kind',
  'cluster',
  'channel',
  'rule',
  'subject',
  'subjectKind',
  'namespace',
  'since',
  'until',
  'count',
  'run',
  'link',
] as const satisfies readonly (keyof TemplateValues)[]

export const TEMPLATE_TITLE_CHARS_MAX = 200
export const TEMPLATE_BODY_CHARS_MAX = 4000

/** What is wrong with words of a channel's own, found when it is saved; pointers are relative to the template. */
export function checkTemplate({ title, body }: AlertTemplate): { pointer: string; detail: string }[] {
  return [...faultsOf('/title', title, TEMPLATE_TITLE_CHARS_MAX), ...faultsOf('/body', body, TEMPLATE_BODY_CHARS_MAX)]
}

/** The words with each value put in; nothing in a value is a placeholder. */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => (isKnown(name) ? values[name] : whole))
}

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

function faultsOf(pointer: string, text: string | undefined, charsMax: number): { pointer: string; detail: string }[] {
  if (text === undefined) return []
  if (text.length > charsMax) return [{ pointer, detail: `at most ${charsMax} characters` }]
  const faults = [...text.matchAll(PLACEHOLDER)].flatMap(([, name = '']) =>
    isKnown(name)
      ? []
      : [{ pointer, detail: `{{${name.slice(0, 100)}}} is ${unknownName(name, TEMPLATE_NAMES)}; there are ${KNOWN}` }],
  )
  if (faults.length === 0 && /\{\{|\}\}/.test(text.replace(PLACEHOLDER, '')))
    faults.push({ pointer, detail: '{{ and }} stand around the name of a placeholder and nowhere else' })
  return faults
}

const KNOWN = TEMPLATE_NAMES.map((name) => `{{${name}}}`).join(' ')

function isKnown(name: string): name is keyof TemplateValues {
  return (TEMPLATE_NAMES as readonly string[]).includes(name)
}

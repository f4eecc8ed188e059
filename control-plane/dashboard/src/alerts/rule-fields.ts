import type { FieldSpec } from '../editor/sections.ts'
import { lines } from '../editor/text-forms.ts'
import type { Kind } from './alert-words.ts'

const DURATION = 'Such as 90s, 10m or 1d'
const COUNT: FieldSpec = { pointer: '/condition/count', label: 'So many times', kind: 'number', fallback: '1' }
const WINDOW: FieldSpec = { pointer: '/condition/window', label: 'Within', hint: DURATION, fallback: '1h' }
const FOR: FieldSpec = { pointer: '/condition/for', label: 'For so long', hint: DURATION, fallback: '1m' }
const DEADLINE: readonly FieldSpec[] = [
  {
    pointer: '/condition/cron',
    label: 'By',
    hint: 'At each of these instants: a cron expression such as 0 6 * * *',
  },
  { pointer: '/condition/zone', label: 'Zone', hint: 'IANA name', fallback: 'UTC' },
  { pointer: '/condition/within', label: 'Within', hint: `So long before. ${DURATION}`, fallback: '1d' },
]

/** The fields that a condition has. */
const FIELDS: Partial<Record<Kind, readonly FieldSpec[]>> = {
  'run-ended': [
    COUNT,
    WINDOW,
    {
      pointer: '/condition/states',
      label: 'Ends that count',
      hint: 'failed, timed-out, cancelled or lost, one a line; empty: all but cancelled',
      kind: { form: lines, rows: 3 },
    },
  ],
  'failures-in-row': [{ ...COUNT, label: 'Failures in a row', fallback: '3' }],
  missed: [
    COUNT,
    WINDOW,
    {
      pointer: '/condition/reasons',
      label: 'Reasons that count',
      hint: 'Such as misfire-threshold, no-slot or expired, one a line; empty: those that nobody asked for',
      kind: { form: lines, rows: 3 },
    },
  ],
  'not-started': DEADLINE,
  'not-finished': DEADLINE,
  slow: [{ pointer: '/condition/duration', label: 'Longer than', hint: DURATION }],
  late: [{ pointer: '/condition/lateness', label: 'Later than', hint: DURATION }],
  'executor-gone': [FOR],
  'service-gone': [FOR],
  'node-gone': [FOR],
  'no-leader': [FOR],
  'sink-gone': [FOR],
  'channel-failing': [FOR],
  'certificate-ends': [{ pointer: '/condition/before', label: 'So long before', hint: DURATION, fallback: '14d' }],
  'token-ends': [{ pointer: '/condition/before', label: 'So long before', hint: DURATION, fallback: '14d' }],
}

export function fieldsOfKind(kind: Kind): readonly FieldSpec[] {
  return FIELDS[kind] ?? []
}

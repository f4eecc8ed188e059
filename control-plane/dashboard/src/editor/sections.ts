import { type Draft, read, write } from './pointer.ts'
import { lines, pairs, statuses, type TextForm } from './text-forms.ts'

/** What can be chosen, under its own name or another. */
type Choice = string | { value: string; label: string }

/** One field of the form: where it is in the definition, and how it is written. */
export interface FieldSpec {
  pointer: string
  label: string
  hint?: string
  /** A short text by default. */
  kind?:
    | 'number'
    | 'switch'
    | 'service'
    | 'secret'
    | 'params'
    | { choices: readonly Choice[] }
    | { form: TextForm; rows: number }
  /** What is in force when nothing is chosen. */
  fallback?: string | boolean
  /** Whether it means anything for this draft. */
  when?(draft: Draft): boolean
}

export interface Section {
  title: string
  /** Shown only when it is opened. */
  folded?: boolean
  fields: readonly FieldSpec[]
}

const isHttp = (draft: Draft) => read(draft, '/target/kind') === 'http'
const strategyIs = (strategy: string) => (draft: Draft) => read(draft, '/routing/strategy') === strategy
const isSharded = strategyIs('sharded')
const isSplit = (draft: Draft) => isSharded(draft) || strategyIs('broadcast')(draft)
const DURATION = 'Such as 90s or 10m'

export const TARGET: Section = {
  title: 'What it calls',
  fields: [
    { pointer: '/target/kind', label: 'Target', kind: { choices: ['handler', 'http'] }, fallback: 'handler' },
    { pointer: '/target/service', label: 'Service', kind: 'service' },
    { pointer: '/target/handler', label: 'Handler', when: (draft) => !isHttp(draft) },
    {
      pointer: '/target/method',
      label: 'Method',
      kind: { choices: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] },
      fallback: 'GET',
      when: isHttp,
    },
    { pointer: '/target/path', label: 'Path', hint: "Joined to the executor's URL", when: isHttp },
    { pointer: '/target/url', label: 'or URL', hint: 'Instead of service and path', when: isHttp },
    {
      pointer: '/target/query',
      label: 'Query',
      hint: 'key=value, one a line',
      kind: { form: pairs, rows: 2 },
      when: isHttp,
    },
    {
      pointer: '/target/headers',
      label: 'Headers',
      hint: 'name=value, one a line',
      kind: { form: pairs, rows: 2 },
      when: isHttp,
    },
    {
      pointer: '/target/body',
      label: 'Body',
      kind: { form: { show: String, read: (value) => ({ value: value || undefined }) }, rows: 4 },
      when: isHttp,
    },
    {
      pointer: '/target/successStatuses',
      label: 'Statuses that mean success',
      hint: 'Empty: any 2xx',
      kind: { form: statuses, rows: 1 },
      when: isHttp,
    },
    {
      pointer: '/target/async',
      label: 'It accepts, and reports its outcome later',
      kind: 'switch',
      fallback: false,
      when: isHttp,
    },
    {
      pointer: '/target/acceptStatuses',
      label: 'Statuses that accept',
      hint: 'Empty: 202',
      kind: { form: statuses, rows: 1 },
      when: (draft) => isHttp(draft) && read(draft, '/target/async') === true,
    },
    { pointer: '/params', label: 'Parameters', kind: 'params' },
  ],
}

/** Everything that has a default, in the order in which one comes to think of it. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Where it runs',
    fields: [
      {
        pointer: '/routing/strategy',
        label: 'Routing',
        kind: {
          choices: [
            'round-robin',
            'random',
            'weighted-round-robin',
            'weighted-random',
            'least-loaded',
            'consistent-hash',
            'first',
            'last',
            'least-recently-used',
            'broadcast',
            'sharded',
          ],
        },
        fallback: 'round-robin',
      },
      {
        pointer: '/routing/labels',
        label: 'Only executors with the labels',
        hint: 'key=value, one a line',
        kind: { form: pairs, rows: 1 },
      },
      {
        pointer: '/routing/key',
        label: 'Key',
        hint: 'Text with placeholders; empty: the job',
        when: strategyIs('consistent-hash'),
      },
      { pointer: '/sharding/count', label: 'Items 0 to count − 1', kind: 'number', when: isSharded },
      {
        pointer: '/sharding/items',
        label: 'or named items',
        hint: 'One a line',
        kind: { form: lines, rows: 4 },
        when: isSharded,
      },
      {
        pointer: '/sharding/mode',
        label: 'Requests',
        hint: 'One per executor, or one per item',
        kind: { choices: ['grouped', 'per-item'] },
        fallback: 'grouped',
        when: isSharded,
      },
      {
        pointer: '/placement',
        label: 'When not all shards find a place',
        kind: { choices: ['partial', 'all'] },
        fallback: 'partial',
        when: isSplit,
      },
      {
        pointer: '/priority',
        label: 'Priority',
        hint: '0 to 100; the higher leaves a queue first',
        kind: 'number',
        fallback: '50',
      },
    ],
  },
  {
    title: 'When it fails',
    fields: [
      { pointer: '/timeout', label: 'Timeout of an attempt', hint: DURATION, fallback: '60s' },
      { pointer: '/runTimeout', label: 'Timeout of the whole run', hint: DURATION, fallback: '24h' },
      { pointer: '/retry/max', label: 'Retries on the same executor', kind: 'number', fallback: '0' },
      { pointer: '/retry/delay', label: 'Delay', hint: DURATION, fallback: '1s' },
      {
        pointer: '/retry/backoff',
        label: 'Backoff',
        kind: { choices: ['fixed', 'exponential'] },
        fallback: 'exponential',
      },
      { pointer: '/retry/maxDelay', label: 'Longest delay', hint: DURATION, fallback: '5m' },
      { pointer: '/failover', label: 'Then go on with other executors', kind: 'switch', fallback: true },
      {
        pointer: '/onUncertain',
        label: 'When nobody knows how a request ended',
        kind: { choices: ['redispatch', 'fail'] },
        fallback: 'redispatch',
      },
      {
        pointer: '/pauseAfterFailures',
        label: 'Pause after failures in a row',
        hint: '0: never',
        kind: 'number',
        fallback: '0',
      },
    ],
  },
  {
    title: 'When it is busy',
    folded: true,
    fields: [
      {
        pointer: '/overlap',
        label: 'While a run of it is open',
        kind: { choices: ['skip', 'allow', 'queue', 'cancel-running'] },
        fallback: 'skip',
      },
      { pointer: '/maxConcurrentRuns', label: 'Open runs at most', hint: '0: no limit', kind: 'number', fallback: '0' },
      { pointer: '/whenFull', label: 'When no slot is free', kind: { choices: ['queue', 'fail'] }, fallback: 'queue' },
      { pointer: '/queueMax', label: 'Runs that wait', hint: 'With overlap: queue', kind: 'number', fallback: '10' },
      { pointer: '/queueTtl', label: 'A run waits no longer than', hint: DURATION, fallback: '10m' },
    ],
  },
  {
    title: 'Missed fires',
    folded: true,
    fields: [
      {
        pointer: '/misfire/policy',
        label: 'What becomes of them',
        kind: { choices: ['run-once', 'skip', 'run-all'] },
        fallback: 'run-once',
      },
      { pointer: '/misfire/threshold', label: 'Skip what is later than', hint: DURATION, fallback: '10m' },
      { pointer: '/misfire/max', label: 'Of run-all at most', kind: 'number', fallback: '100' },
    ],
  },
  {
    title: 'How long it is remembered',
    folded: true,
    fields: [
      { pointer: '/retention/maxAge', label: 'Runs', hint: DURATION },
      { pointer: '/retention/failedMaxAge', label: 'Failed runs', hint: DURATION },
      { pointer: '/retention/maxRuns', label: 'Runs at most', kind: 'number' },
    ],
  },
]

/** What a call that may be repeated means for a target that may not like that. */
export function repeatWarning(draft: Draft): string | undefined {
  const method = read(draft, '/target/method')
  if (!isHttp(draft) || (method !== 'POST' && method !== 'PATCH') || read(draft, '/onUncertain') === 'fail')
    return undefined
  return `When a connection breaks after the request was sent, ${method} is sent again: the endpoint may see it twice, with another attempt id. “fail” never repeats it, and ends the run as lost.`
}

/** The fields that a draft has, in a section. */
export function fieldsOf({ fields }: Section, draft: Draft): FieldSpec[] {
  return fields.filter(({ when }) => when?.(draft) ?? true)
}

/** The draft with another value at a place, and without what means nothing any more, which the server would refuse. */
export function changed(draft: Draft, pointer: string, value: unknown): Draft {
  // Targets of different kinds have little in common.
  const next =
    pointer === '/target/kind'
      ? write(draft, '/target', { kind: value, service: read(draft, '/target/service') })
      : write(draft, pointer, value)
  return [TARGET, ...SECTIONS]
    .flatMap(({ fields }) => fields)
    .filter(({ when }) => when !== undefined && !when(next))
    .reduce((kept, { pointer: unused }) => write(kept, unused, undefined), next)
}

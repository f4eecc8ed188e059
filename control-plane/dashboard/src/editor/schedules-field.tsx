import { Button, NativeSelect, TextInput } from '@mantine/core'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { ExactTime } from '../ui/time.tsx'
import classes from './editor.module.css'
import { faultAt, ORDER } from './faults.ts'
import { Field, type FieldProps } from './field.tsx'
import { read } from './pointer.ts'
import type { FieldSpec } from './sections.ts'

const KINDS = ['cron', 'every', 'after', 'at'] as const
type Kind = (typeof KINDS)[number]
type Schedule = Record<string, unknown>

const WORDS: Record<Kind, { label: string; hint: string; example: string }> = {
  cron: { label: 'Expression', hint: '5 fields, or 6 with seconds first', example: '0 9 * * 1-5' },
  every: { label: 'Every', hint: 'Such as 90s or 10m', example: '10m' },
  after: { label: 'After the end of the last', hint: 'Such as 90s or 10m', example: '10m' },
  at: { label: 'Instant', hint: 'Such as 2026-12-24T18:00:00+01:00', example: '2026-12-24T18:00:00Z' },
}

const MORE: readonly FieldSpec[] = [
  { pointer: '/jitter', label: 'Jitter', hint: 'Up to so much later, the same each time' },
  { pointer: '/startAt', label: 'From', hint: 'An instant' },
  { pointer: '/endAt', label: 'Until', hint: 'An instant' },
  { pointer: '/maxFires', label: 'Fires at most', kind: 'number' },
  { pointer: '/gap', label: 'When the clock skips it', kind: { choices: ['next', 'skip'] }, fallback: 'next' },
  {
    pointer: '/fold',
    label: 'When the clock repeats it',
    kind: { choices: ['first', 'last', 'both'] },
    fallback: 'first',
  },
]

/** The schedules of a job, each of one kind, and when they would fire. */
export function SchedulesField(props: FieldProps) {
  const { draft, onChange } = props
  const schedules = (read(draft, '/schedules') ?? []) as Schedule[]
  const preview = api.useMutation('post', '/v1/schedules/preview')
  const change = (next: Schedule[]) => {
    preview.reset()
    onChange('/schedules', next.length === 0 ? undefined : next)
  }
  return (
    <div className={classes.schedules}>
      {schedules.length === 0 && <p className="dim">None: it runs by hand, by API or as a child.</p>}
      {schedules.map((schedule, i) => (
        <One
          key={`${i} of ${schedules.length}`}
          {...props}
          at={i}
          schedule={schedule}
          onKind={(kind) => change(schedules.map((old, j) => (j === i ? rekinded(old, kind) : old)))}
          onRemove={() => change(schedules.filter((_, j) => j !== i))}
        />
      ))}
      <div className={classes.row}>
        <Button size="xs" variant="default" onClick={() => change([...schedules, { cron: '', zone: 'UTC' }])}>
          Add a schedule
        </Button>
        {schedules.length > 0 && (
          <Button
            size="xs"
            variant="default"
            loading={preview.isPending}
            onClick={() => preview.mutate({ body: { schedules: schedules as never, count: 5, seed: 0 } })}
          >
            Preview
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {preview.error !== null && <ErrorNote error={preview.error} />}
        {preview.data !== undefined && (
          <ol className={classes.fires}>
            {preview.data.items.map(({ fireTime }) => (
              <li key={fireTime}>
                <ExactTime at={fireTime} />
              </li>
            ))}
          </ol>
        )}
      </div>
    </div>
  )
}

interface OneProps extends FieldProps {
  at: number
  schedule: Schedule
  onKind(kind: Kind): void
  onRemove(): void
}

function One({ at, schedule, onKind, onRemove, ...props }: OneProps) {
  const { faults, onChange } = props
  const kind = KINDS.find((one) => one in schedule) ?? 'cron'
  const { label, hint, example } = WORDS[kind]
  const base = `/schedules/${at}`
  const text = (name: string) => (typeof schedule[name] === 'string' ? schedule[name] : '')
  return (
    <fieldset className={classes.schedule}>
      <legend>Schedule {at + 1}</legend>
      <div className={classes.fields}>
        <NativeSelect
          label="Kind"
          value={kind}
          onChange={(event) => onKind(event.currentTarget.value as Kind)}
          data={[...KINDS]}
        />
        <TextInput
          label={label}
          description={hint}
          inputWrapperOrder={ORDER}
          placeholder={example}
          value={text(kind)}
          error={faultAt(faults, `${base}/${kind}`)}
          onChange={(event) => onChange(`${base}/${kind}`, event.currentTarget.value)}
        />
        <TextInput
          label="Zone"
          placeholder="UTC"
          value={text('zone')}
          error={faultAt(faults, `${base}/zone`)}
          onChange={(event) => onChange(`${base}/zone`, event.currentTarget.value || undefined)}
        />
      </div>
      <details>
        <summary>Window, jitter, daylight saving</summary>
        <div className={classes.fields}>
          {MORE.map((spec) => (
            <Field key={spec.pointer} spec={{ ...spec, pointer: base + spec.pointer }} {...props} />
          ))}
        </div>
      </details>
      <Button size="compact-xs" variant="default" onClick={onRemove}>
        Remove
      </Button>
    </fieldset>
  )
}

/** The same window and zone for a rule of another kind. */
function rekinded(schedule: Schedule, kind: Kind): Schedule {
  const rest = Object.fromEntries(Object.entries(schedule).filter(([name]) => !KINDS.some((one) => one === name)))
  return { ...rest, [kind]: '' }
}

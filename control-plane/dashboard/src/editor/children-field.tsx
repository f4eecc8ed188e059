import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import classes from './editor.module.css'
import { faultAt } from './faults.ts'
import type { FieldProps } from './field.tsx'
import { read } from './pointer.ts'

interface Child {
  job: string
  on?: string
}

const NOTICES = [
  ['skipped', 'A run was skipped'],
  ['no-slot', 'A run found no slot'],
  ['expired', 'A run waited too long'],
] as const

/** The jobs that start when a run of this one ends, and what the service is told of. */
export function ChildrenField({ draft, faults, onChange }: FieldProps) {
  const children = (read(draft, '/children') ?? []) as Child[]
  const notify = (read(draft, '/notify') ?? []) as string[]
  const change = (next: Child[]) => onChange('/children', next)
  return (
    <div className={classes.schedules}>
      {children.map((child, i) => (
        <div key={`${i} of ${children.length}`} className={classes.child}>
          <TextInput
            label="Starts the job"
            value={child.job}
            error={faultAt(faults, `/children/${i}`)}
            onChange={(event) => onChange(`/children/${i}/job`, event.currentTarget.value)}
          />
          <NativeSelect
            label="At its"
            value={child.on ?? 'success'}
            onChange={(event) => onChange(`/children/${i}/on`, event.currentTarget.value)}
            data={[
              { value: 'success', label: 'success' },
              { value: 'failure', label: 'failure' },
              { value: 'completion', label: 'end' },
            ]}
          />
          <Button variant="default" onClick={() => change(children.filter((_, j) => j !== i))}>
            Remove
          </Button>
        </div>
      ))}
      <div className={classes.row}>
        <Button size="xs" variant="default" onClick={() => change([...children, { job: '', on: 'success' }])}>
          Add a child
        </Button>
      </div>
      <Checkbox.Group
        label="The service is told when"
        value={notify}
        onChange={(next) => onChange('/notify', next)}
        error={faultAt(faults, '/notify')}
      >
        <div className={classes.row}>
          {NOTICES.map(([value, label]) => (
            <Checkbox key={value} value={value} label={label} />
          ))}
        </div>
      </Checkbox.Group>
    </div>
  )
}

import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { ChildrenField } from './children-field.tsx'
import classes from './editor.module.css'
import { faultAt } from './faults.ts'
import { Field, type FieldProps } from './field.tsx'
import { SchedulesField } from './schedules-field.tsx'
import { fieldsOf, repeatWarning, type Section, SECTIONS, TARGET } from './sections.ts'
import { pairs } from './text-forms.ts'

/** Every field of a definition, those that are seldom needed folded away. */
export function EditorForm({ isNew, ...props }: FieldProps & { isNew: boolean }) {
  const warning = repeatWarning(props.draft)
  return (
    <>
      <section className="card" aria-label="What it is">
        <div className={classes.fields}>
          {isNew && <Field spec={{ pointer: '/name', label: 'Name', hint: 'Letters, digits and . _ -' }} {...props} />}
          <Field spec={{ pointer: '/description', label: 'Description' }} {...props} />
          <Field
            spec={{
              pointer: '/labels',
              label: 'Labels',
              hint: 'key=value, one a line',
              kind: { form: pairs, rows: 2 },
            }}
            {...props}
          />
        </div>
      </section>
      <Card title="When it is due">
        <SchedulesField {...props} />
      </Card>
      <Fields section={TARGET} {...props} />
      {warning !== undefined && (
        <Alert
          color="orange"
          variant="light"
          icon={<IconAlertTriangle size={16} aria-hidden />}
          title="It may run twice"
        >
          {warning}
        </Alert>
      )}
      {SECTIONS.map((section) => (
        <Fields key={section.title} section={section} {...props} />
      ))}
      <Card title="What it starts and tells">
        <ChildrenField {...props} />
      </Card>
    </>
  )
}

function Fields({ section, ...props }: FieldProps & { section: Section }) {
  const fields = (
    <div className={classes.fields}>
      {fieldsOf(section, props.draft).map((spec) => (
        <Field key={spec.pointer} spec={spec} {...props} />
      ))}
    </div>
  )
  if (!section.folded) return <Card title={section.title}>{fields}</Card>
  const wrong = section.fields.some(({ pointer }) => faultAt(props.faults, pointer) !== undefined)
  return (
    <details className={`card ${classes.folded}`} open={wrong || undefined}>
      <summary>{section.title}</summary>
      {fields}
    </details>
  )
}

function Card({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
      </div>
      {children}
    </section>
  )
}

import type { SilenceDefinition } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { explain } from '../api/problem.ts'
import { Field } from '../editor/field.tsx'
import { type Draft, write } from '../editor/pointer.ts'
import type { FieldSpec } from '../editor/sections.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { type Of, useCreateSilence } from './alerts-api.ts'
import classes from './alerts.module.css'

const FIELDS: readonly (FieldSpec & { clusterOnly?: boolean })[] = [
  { pointer: '/for', label: 'For so long', hint: 'Such as 30m, 2h or 1d' },
  { pointer: '/reason', label: 'Reason' },
  { pointer: '/match/rule', label: 'Rule', hint: 'Empty: all' },
  { pointer: '/match/job', label: 'Job', hint: 'Empty: all' },
  { pointer: '/match/service', label: 'Service', hint: 'Empty: all' },
  { pointer: '/match/node', label: 'Node', hint: 'Empty: all', clusterOnly: true },
]

/** Tells nobody for a while: of everything, or of what it names. */
export function SilenceForm({
  of,
  opened,
  first = {},
  onClose,
}: {
  of: Of
  opened: boolean
  first?: Record<string, string>
  onClose(): void
}) {
  const [draft, setDraft] = useState<Draft>({})
  const create = useCreateSilence(of)
  const { reset } = create
  const start = JSON.stringify(first)
  useEffect(() => {
    if (!opened) return
    setDraft({ for: '2h', match: JSON.parse(start) as Record<string, string> })
    reset()
  }, [opened, start, reset])
  const faults = new Map(
    create.error === null ? [] : explain(create.error).faults.map((one) => [one.pointer, one.detail]),
  )
  const save = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(draft as unknown as SilenceDefinition, { onSuccess: onClose })
  }
  return (
    <Modal opened={opened} onClose={onClose} title="Silence" lockScroll={false} centered size="lg">
      <form className={classes.form} onSubmit={save} noValidate>
        <div className={classes.fields}>
          {FIELDS.filter(({ clusterOnly }) => of === 'cluster' || clusterOnly !== true).map((spec) => (
            <Field
              key={spec.pointer}
              spec={spec}
              namespace=""
              draft={draft}
              faults={faults}
              onChange={(pointer, value) => setDraft((old) => write(old, pointer, value))}
            />
          ))}
        </div>
        {create.error !== null && <ErrorNote error={create.error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Silence
          </Button>
        </div>
      </form>
    </Modal>
  )
}

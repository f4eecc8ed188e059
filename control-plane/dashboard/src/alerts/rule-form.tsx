import type { AlertRule, AlertRuleDefinition } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { explain } from '../api/problem.ts'
import { Field } from '../editor/field.tsx'
import { type Draft, read, write } from '../editor/pointer.ts'
import type { FieldSpec } from '../editor/sections.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { type Kind, kindsFor } from './alert-words.ts'
import { type Of, usePutRule } from './alerts-api.ts'
import classes from './alerts.module.css'
import { ChannelChoice } from './channel-choice.tsx'
import { fieldsOfKind } from './rule-fields.ts'

const FIRST: Draft = { condition: { kind: 'run-ended' }, channels: [] }

interface Props {
  namespace: string
  of: Of
  /** Absent: the form is closed. */
  rule: AlertRule | 'new' | undefined
  onClose(): void
}

/** Makes a rule, or changes one that is there: each condition has fields of its own. */
export function RuleForm({ namespace, of, rule, onClose }: Props) {
  const [draft, setDraft] = useState<Draft>(FIRST)
  const [name, setName] = useState('')
  const put = usePutRule(of)
  const { reset } = put
  useEffect(() => {
    if (rule === undefined) return
    setDraft(rule === 'new' ? FIRST : definitionOf(rule))
    setName(rule === 'new' ? '' : rule.name)
    reset()
  }, [rule, reset])
  const faults = new Map(put.error === null ? [] : explain(put.error).faults.map((one) => [one.pointer, one.detail]))
  const change = (pointer: string, value: unknown) =>
    setDraft((old) =>
      pointer === '/condition/kind' ? { ...old, condition: { kind: value } } : write(old, pointer, value),
    )
  const isNew = rule === 'new'
  const save = (event: FormEvent) => {
    event.preventDefault()
    const version = rule === undefined || rule === 'new' ? undefined : rule.version
    const body = draft as unknown as AlertRuleDefinition
    put.mutate({ name: name.trim(), version, body }, { onSuccess: onClose })
  }
  const props = { namespace, draft, faults, onChange: change }
  return (
    <Modal
      opened={rule !== undefined}
      onClose={onClose}
      title={isNew ? 'New rule' : 'Change a rule'}
      lockScroll={false}
      centered
      size="lg"
    >
      <form className={classes.form} onSubmit={save} noValidate>
        <div className={classes.fields}>
          {isNew && (
            <Field
              spec={{ pointer: '/name', label: 'Name', hint: 'Letters, digits and . _ -' }}
              namespace={namespace}
              draft={{ name }}
              faults={faults}
              onChange={(_pointer, value) => setName(typeof value === 'string' ? value : '')}
            />
          )}
          {fieldsFor(draft, of === 'cluster').map((spec) => (
            <Field key={`${String(read(draft, '/condition/kind'))} ${spec.pointer}`} spec={spec} {...props} />
          ))}
        </div>
        <ChannelChoice
          of={of}
          chosen={(draft['channels'] ?? []) as string[]}
          legend="Channels that are told"
          none="There are none yet: what fires is on this page only."
          onChange={(chosen) => change('/channels', chosen)}
        />
        {put.error !== null && <ErrorNote error={put.error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={put.isPending} disabled={isNew && name.trim() === ''}>
            {isNew ? 'Create' : 'Save'}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function definitionOf({ scope, condition, channels, notifyResolved, repeatEvery, enabled }: AlertRule): Draft {
  const repeat = repeatEvery === undefined ? {} : { repeatEvery }
  return { scope, condition, channels, notifyResolved, enabled, ...repeat }
}

function fieldsFor(draft: Draft, cluster: boolean): readonly FieldSpec[] {
  const kind = read(draft, '/condition/kind') as Kind
  return [
    { pointer: '/condition/kind', label: 'Fires when', kind: { choices: kindsFor(cluster) } },
    ...fieldsOfKind(kind),
    ...(cluster ? [{ pointer: '/scope/namespace', label: 'Only this namespace', hint: 'Empty: all' }] : []),
    { pointer: '/scope/job', label: 'Only this job', hint: 'Empty: all' },
    { pointer: '/scope/service', label: 'Only this service', hint: 'Empty: all' },
    { pointer: '/repeatEvery', label: 'Tell again every', hint: 'Such as 1h; empty: once only' },
    { pointer: '/notifyResolved', label: 'Also tell when it is over', kind: 'switch', fallback: true },
    { pointer: '/enabled', label: 'It is in force', kind: 'switch', fallback: true },
  ]
}

import { NativeSelect, NumberInput, PasswordInput, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { type Draft, read } from './pointer.ts'
import type { FieldSpec } from './sections.ts'
import classes from './editor.module.css'
import type { TextForm } from './text-forms.ts'

/** Hints stand below, so that inputs side by side are level. */
export const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

export interface FieldProps {
  namespace: string
  draft: Draft
  /** What the server said about places of the draft, by pointer. */
  faults: ReadonlyMap<string, string>
  onChange(pointer: string, value: unknown): void
}

/** The input for one field of a definition, with what is wrong with it. */
export function Field({ spec, ...props }: FieldProps & { spec: FieldSpec }) {
  const { pointer, label, hint, kind, fallback } = spec
  const { draft, faults, onChange } = props
  const value = read(draft, pointer)
  const error = faultAt(faults, pointer)
  const words = { label, description: hint, error, inputWrapperOrder: ORDER }
  if (kind === 'service') return <ServiceField {...props} {...words} pointer={pointer} value={value} />
  if (kind === 'switch')
    return (
      <Switch
        label={label}
        className={classes.wide ?? ''}
        checked={(value ?? fallback) === true}
        onChange={(event) => onChange(pointer, event.currentTarget.checked)}
      />
    )
  if (kind === 'number')
    return (
      <NumberInput
        {...words}
        placeholder={String(fallback ?? '')}
        min={0}
        allowDecimal={false}
        hideControls
        value={typeof value === 'number' ? value : ''}
        onChange={(typed) => onChange(pointer, typeof typed === 'number' ? typed : undefined)}
      />
    )
  if (kind === 'secret')
    return (
      <PasswordInput
        {...words}
        autoComplete="new-password"
        value={typeof value === 'string' ? value : ''}
        onChange={(event) =>
          onChange(pointer, event.currentTarget.value === '' ? undefined : event.currentTarget.value)
        }
      />
    )
  if (kind !== undefined && 'choices' in kind)
    return (
      <NativeSelect
        {...words}
        value={textOf(value ?? fallback)}
        onChange={(event) => onChange(pointer, event.currentTarget.value)}
        data={[...kind.choices]}
      />
    )
  if (kind !== undefined)
    return <WrittenField {...words} {...kind} value={value} onChange={(next) => onChange(pointer, next)} />
  return (
    <TextInput
      {...words}
      placeholder={String(fallback ?? '')}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(pointer, event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
    />
  )
}

interface Words {
  label: string
  description: string | undefined
  error: string | undefined
  inputWrapperOrder: typeof ORDER
}

interface WrittenProps extends Words {
  form: TextForm
  rows: number
  value: unknown
  onChange(value: unknown): void
}

/** Text that stands for a value: what cannot be read is kept, and said. */
function WrittenField({ form, rows, value, error, onChange, ...words }: WrittenProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : form.show(value)))
  const [fault, setFault] = useState<string | undefined>(undefined)
  const change = (typed: string) => {
    setText(typed)
    const result = form.read(typed)
    setFault('fault' in result ? result.fault : undefined)
    if ('value' in result) onChange(result.value)
  }
  return (
    <Textarea
      {...words}
      className={classes.wide ?? ''}
      classNames={{ input: classes.mono ?? '' }}
      error={fault ?? error}
      rows={rows}
      value={text}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => change(event.currentTarget.value)}
    />
  )
}

interface ServiceProps extends FieldProps, Words {
  pointer: string
  value: unknown
}

function ServiceField({ namespace, pointer, value, label, error, inputWrapperOrder, onChange }: ServiceProps) {
  const { data } = api.useQuery('get', '/v1/namespaces/{namespace}/services', {
    params: { path: { namespace }, query: { limit: 500 } },
  })
  const names = (data?.items ?? []).map(({ name }) => name)
  const chosen = typeof value === 'string' ? value : ''
  const missing = chosen !== '' && !names.includes(chosen) ? [chosen] : []
  return (
    <NativeSelect
      label={label}
      error={error}
      inputWrapperOrder={inputWrapperOrder}
      value={chosen}
      onChange={(event) => onChange(pointer, event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      data={[{ value: '', label: 'None' }, ...missing, ...names]}
    />
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** What is wrong with a place or anything in it. */
export function faultAt(faults: ReadonlyMap<string, string>, pointer: string): string | undefined {
  for (const [at, detail] of faults) if (at === pointer || at.startsWith(`${pointer}/`)) return detail
  return undefined
}

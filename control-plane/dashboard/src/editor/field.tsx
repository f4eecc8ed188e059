import { NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from '@mantine/core'
import { api } from '../api/client.ts'
import { ParamsOfJob } from '../params/params-of-job.tsx'
import classes from './editor.module.css'
import { faultAt, ORDER, type Words } from './faults.ts'
import { type Draft, read } from './pointer.ts'
import type { FieldSpec } from './sections.ts'
import { WrittenField } from './written-field.tsx'

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
  if (kind === 'params') return <ParamsOfJob {...props} className={classes.wide ?? ''} />
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

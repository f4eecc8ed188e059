import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { faultAt, ORDER, type Words } from '../editor/faults.ts'
import { type Draft, read } from '../editor/pointer.ts'
import { anyJson, lines, numbers, oneNumber } from '../editor/text-forms.ts'
import { WrittenField } from '../editor/written-field.tsx'
import { localInputValue } from '../jobs/local-input.ts'
import { now } from '../ui/clock.ts'
import { zoneName } from '../ui/format.ts'
import { canShow } from './can-show.ts'
import type { ParamField } from './param-fields.ts'
import classes from './params.module.css'

interface Props {
  field: ParamField
  params: Draft
  /** What holds where nothing is given, if not what the handler takes then. */
  under?: Draft | undefined
  /** What is wrong, by pointer within the parameters. */
  faults: ReadonlyMap<string, string>
  onChange(pointer: string, value: unknown): void
}

/** The input for one parameter, with what is wrong with it. `undefined` is written for nothing. */
export function ParamInput({ field, params, under, faults, onChange }: Props) {
  const { pointer, label, hint, required, fallback } = field
  const value = read(params, pointer)
  // What was there first decides, so that no input becomes another one under the hands.
  const [kind] = useState(() => (canShow(field.kind, value) ? field.kind : JSON_KIND))
  const beneath = read({ ...under, ...params }, pointer)
  const change = (next: unknown) => onChange(pointer, next)
  const words = {
    label,
    description: hint,
    error: faultAt(faults, pointer),
    inputWrapperOrder: ORDER,
    withAsterisk: required,
    'aria-required': required,
    placeholder: placeholderOf(value, beneath, fallback),
  }
  switch (kind.type) {
    case 'group':
      return (
        <fieldset className={classes.group}>
          <legend>{label}</legend>
          {hint !== undefined && <p className="dim">{hint}</p>}
          <div className={classes.fields}>
            {kind.fields.map((inner) => (
              <ParamInput
                key={inner.pointer}
                field={inner}
                params={params}
                under={under}
                faults={faults}
                onChange={onChange}
              />
            ))}
          </div>
        </fieldset>
      )
    case 'choice':
      return <Choice {...words} value={value} values={kind.values} onChange={change} />
    case 'switch':
      // Three states, unless the third is one of the two.
      if (typeof fallback !== 'boolean')
        return <Choice {...words} value={value} values={[true, false]} onChange={change} />
      return (
        <Switch
          label={label}
          description={hint}
          error={words.error}
          checked={(beneath ?? fallback) === true}
          onChange={(event) => change(event.currentTarget.checked)}
        />
      )
    case 'number':
      return (
        <WrittenField
          {...words}
          form={oneNumber}
          inputMode={kind.whole ? 'numeric' : 'decimal'}
          value={value}
          onChange={change}
        />
      )
    case 'list':
      return <WrittenField {...words} {...LISTS[kind.of]} value={value} rows={3} onChange={change} />
    case 'json':
      return <WrittenField {...words} form={anyJson} value={value} rows={3} onChange={change} />
    default:
      return <TextOrTime {...words} type={kind.type} value={value} onChange={change} />
  }
}

const JSON_KIND = { type: 'json' } as const
const LISTS = { text: { form: lines }, number: { form: numbers } }

interface InputProps extends Words {
  value: unknown
  placeholder: string
  'aria-required': boolean
  onChange(value: unknown): void
}

function Choice({ value, values, placeholder, onChange, ...words }: InputProps & { values: readonly unknown[] }) {
  const written = value === undefined ? '' : JSON.stringify(value)
  const known = values.map((one) => ({ value: JSON.stringify(one), label: text(one) }))
  const other =
    written !== '' && !known.some((one) => one.value === written) ? [{ value: written, label: text(value) }] : []
  return (
    <NativeSelect
      {...words}
      value={written}
      onChange={(event) => {
        const chosen = event.currentTarget.value
        onChange(chosen === '' ? undefined : JSON.parse(chosen))
      }}
      data={[{ value: '', label: placeholder === '' ? 'Not given' : placeholder }, ...other, ...known]}
    />
  )
}

function TextOrTime({
  type,
  value,
  placeholder,
  onChange,
  description,
  ...words
}: InputProps & { type: 'text' | 'date' | 'date-time' }) {
  const at = type === 'date-time' && typeof value === 'string' ? Date.parse(value) : Number.NaN
  const isTime = type === 'date-time' && (value === undefined || !Number.isNaN(at))
  const zone = isTime ? `In ${zoneName(Number.isNaN(at) ? now() : at)}` : undefined
  const write = (typed: string) => {
    if (!isTime) return onChange(typed === '' ? undefined : typed)
    const instant = Date.parse(typed)
    return onChange(Number.isNaN(instant) ? undefined : new Date(instant).toISOString())
  }
  const shown = typeof value === 'string' ? value : ''
  return (
    <TextInput
      {...words}
      description={[description, zone].filter((part) => part !== undefined).join('. ') || undefined}
      placeholder={placeholder}
      {...(isTime ? { type: 'datetime-local', step: 1 } : { type: type === 'date' ? 'date' : 'text' })}
      value={isTime && !Number.isNaN(at) ? localInputValue(at) : shown}
      onChange={(event) => write(event.currentTarget.value)}
    />
  )
}

function text(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const SHOWN_LENGTH_MAX = 100

/** What holds while an input is empty. */
function placeholderOf(value: unknown, beneath: unknown, fallback: unknown): string {
  if (value === '') return 'Empty text'
  if (value !== undefined) return ''
  if (beneath !== undefined) return `The job’s: ${text(beneath).slice(0, SHOWN_LENGTH_MAX)}`
  return fallback === undefined ? '' : `Default: ${text(fallback).slice(0, SHOWN_LENGTH_MAX)}`
}

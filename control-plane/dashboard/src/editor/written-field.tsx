import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import classes from './editor.module.css'
import type { Words } from './faults.ts'
import type { TextForm } from './text-forms.ts'
import { useValidity } from './use-validity.ts'

interface Props extends Words {
  form: TextForm
  /** Of one line where there are none. */
  rows?: number
  inputMode?: 'decimal' | 'numeric'
  placeholder?: string
  value: unknown
  onChange(value: unknown): void
}

/** Text that stands for a value: what cannot be read is kept, and said, and keeps its form from being sent. */
export function WrittenField({ form, rows, value, error, onChange, ...words }: Props) {
  const [text, setText] = useState(() => (value === undefined ? '' : form.show(value)))
  const [fault, setFault] = useState<string | undefined>(undefined)
  const area = useValidity<HTMLTextAreaElement>(fault)
  const line = useValidity<HTMLInputElement>(fault)
  const change = (typed: string) => {
    setText(typed)
    const result = form.read(typed)
    setFault('fault' in result ? result.fault : undefined)
    if ('value' in result) onChange(result.value)
  }
  const common = { ...words, error: fault ?? error, value: text }
  if (rows === undefined)
    return (
      <TextInput {...common} ref={line} autoComplete="off" onChange={(event) => change(event.currentTarget.value)} />
    )
  return (
    <Textarea
      {...common}
      ref={area}
      className={classes.wide ?? ''}
      classNames={{ input: classes.mono ?? '' }}
      rows={rows}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => change(event.currentTarget.value)}
    />
  )
}

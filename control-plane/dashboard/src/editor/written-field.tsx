import { Textarea } from '@mantine/core'
import { useState } from 'react'
import classes from './editor.module.css'
import type { Words } from './faults.ts'
import type { TextForm } from './text-forms.ts'

interface Props extends Words {
  form: TextForm
  rows: number
  value: unknown
  onChange(value: unknown): void
}

/** Text that stands for a value: what cannot be read is kept, and said. */
export function WrittenField({ form, rows, value, error, onChange, ...words }: Props) {
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

import { SegmentedControl } from '@mantine/core'
import { useId, useMemo, useRef, useState } from 'react'
import { type Draft, write } from '../editor/pointer.ts'
import { allReadable } from '../editor/use-validity.ts'
import { parseParams } from '../jobs/params.ts'
import { ParamsField } from '../jobs/request-fields.tsx'
import { faultText } from './faults.ts'
import { paramFields, type Schema, unnamed } from './param-fields.ts'
import { ParamInput } from './param-input.tsx'
import classes from './params.module.css'

interface Props {
  /** Of the handler, once it is known. */
  schema: Schema | undefined
  params: Draft
  /** What holds where these say nothing. */
  under?: Draft
  description: string
  rows?: number
  /** What the server said is wrong, by pointer within the parameters. */
  faults: ReadonlyMap<string, string>
  /** `undefined`: what is written is no JSON object. */
  onChange(params: Draft | undefined): void
  onSubmit?(): void
}

/** Parameters as a form where their handler says what they are, and as JSON. */
export function ParamsEditor({ schema, params, under, description, rows = 8, faults, onChange, onSubmit }: Props) {
  const title = useId()
  const part = useRef<HTMLElement>(null)
  const fields = useMemo(() => schema && paramFields(schema), [schema])
  const [written, setWritten] = useState<string | undefined>(undefined)
  const text = written ?? JSON.stringify(params, undefined, 2)
  const parsed = parseParams(text)
  const asForm = fields !== undefined && written === undefined
  const others = schema ? unnamed(schema, params) : []
  return (
    <section ref={part} className={classes.editor} aria-labelledby={fields && title}>
      {fields && (
        <div className={classes.head}>
          <h3 id={title}>Parameters</h3>
          <SegmentedControl
            size="xs"
            aria-label="Parameters written as"
            value={asForm ? 'form' : 'json'}
            onChange={(mode) => allReadable(part.current) && setWritten(mode === 'json' ? text : undefined)}
            disabled={!parsed.ok}
            data={[
              { value: 'form', label: 'Form' },
              { value: 'json', label: 'JSON' },
            ]}
          />
        </div>
      )}
      {asForm ? (
        <>
          <div className={classes.fields}>
            {fields.map((field) => (
              <ParamInput
                key={field.pointer}
                field={field}
                params={params}
                under={under}
                faults={faults}
                onChange={(pointer, value) => onChange(write(params, pointer, value))}
              />
            ))}
          </div>
          {others.length > 0 && <p className="dim">Also given, in the JSON: {others.join(', ')}.</p>}
        </>
      ) : (
        <ParamsField
          value={text}
          parsed={parsed}
          fault={faultText(faults)}
          rows={rows}
          description={description}
          onChange={(typed) => {
            const read = parseParams(typed)
            setWritten(typed)
            onChange(read.ok ? read.params : undefined)
          }}
          {...(onSubmit && { onSubmit })}
        />
      )}
    </section>
  )
}

import type { JobDefinition } from '@cronclave/openapi'
import { type Draft, read } from '../editor/pointer.ts'
import { faultsBelow } from './faults.ts'
import { ParamsEditor } from './params-editor.tsx'
import { useParamsSchema } from './use-params-schema.ts'

interface Props {
  namespace: string
  /** Of the job. */
  draft: Draft
  faults: ReadonlyMap<string, string>
  className: string
  onChange(pointer: string, value: unknown): void
}

/** The parameters of a job that is being written, by the schema of the handler that it names. */
export function ParamsOfJob({ namespace, draft, faults, className, onChange }: Props) {
  const target = read(draft, '/target') as JobDefinition['target']
  const schema = useParamsSchema(namespace, target, true)
  const params = (read(draft, '/params') ?? {}) as Draft
  const below = [...faults].map(([pointer, detail]) => ({ pointer, detail }))
  return (
    <div className={className}>
      <ParamsEditor
        key={target?.kind === 'handler' ? `${target.service} ${target.handler}` : 'http'}
        schema={schema}
        params={params}
        description="JSON"
        rows={4}
        faults={faultsBelow(below, '/params')}
        onChange={(next) => {
          if (next !== undefined) onChange('/params', Object.keys(next).length === 0 ? undefined : next)
        }}
      />
    </div>
  )
}

import type { JobDefinition } from '@cronclave/openapi'
import { NativeSelect, Textarea } from '@mantine/core'
import { api } from '../api/client.ts'
import { useValidity } from '../editor/use-validity.ts'
import type { ParsedParams } from './params.ts'
import classes from './trigger-modal.module.css'

/** Executors offered for a choice. */
const EXECUTORS_MAX = 500

interface ParamsProps {
  value: string
  parsed: ParsedParams
  description: string
  rows?: number
  /** What the server said is wrong with them. */
  fault?: string | undefined
  onChange(text: string): void
  onSubmit?(): void
}

/** Parameters as JSON, checked as they are typed; Ctrl and Enter send them. */
export function ParamsField({ value, parsed, description, rows = 8, fault, onChange, onSubmit }: ParamsProps) {
  const ref = useValidity<HTMLTextAreaElement>(parsed.ok ? undefined : parsed.fault)
  return (
    <Textarea
      ref={ref}
      label="Parameters"
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) onSubmit?.()
      }}
      error={parsed.ok ? fault : parsed.fault}
      rows={rows}
      spellCheck={false}
      autoCapitalize="off"
      classNames={{ input: classes.editor ?? '' }}
      data-autofocus
    />
  )
}

interface ExecutorProps {
  namespace: string
  target: JobDefinition['target']
  value: string
  /** Nothing is asked for before it is needed. */
  enabled: boolean
  onChange(executor: string): void
}

/** The only executor that may take a run, if it is not to be whichever is best; nothing for targets without executors. */
export function ExecutorField({ namespace, target, value, enabled, onChange }: ExecutorProps) {
  const service = serviceOf(target)
  const { data } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/services/{service}/executors',
    { params: { path: { namespace, service: service ?? '' }, query: { limit: EXECUTORS_MAX } } },
    { enabled: enabled && service !== undefined },
  )
  if (service === undefined) return null
  return (
    <NativeSelect
      label="Executor"
      description="No other takes the run, not by failover either"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: 'As the job is routed' },
        ...(data?.items ?? []).map(({ id, status }) => ({
          value: id,
          label: status === 'online' ? id : `${id} (${status})`,
        })),
      ]}
    />
  )
}

function serviceOf(target: JobDefinition['target']): string | undefined {
  if (target === undefined) return undefined
  return target.kind === 'http' && target.url !== undefined ? undefined : target.service
}

/** One key for one intention: pressing twice, or again after a broken connection, makes one run. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

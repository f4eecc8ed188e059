import type { Job } from '@cronclave/openapi'
import { Button, Modal, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { now } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { zoneName } from '../ui/format.ts'
import { explain } from '../api/problem.ts'
import type { Draft } from '../editor/pointer.ts'
import { faultsBelow } from '../params/faults.ts'
import { ParamsEditor } from '../params/params-editor.tsx'
import { useParamsSchema } from '../params/use-params-schema.ts'
import { ExecutorField, randomKey } from './request-fields.tsx'
import classes from './trigger-modal.module.css'

interface Props {
  namespace: string
  job: Job
  opened: boolean
  onClose(): void
}

/** Runs a job now, with parameters that are checked as they are typed, for another time if asked to; then shows the run. */
export default function TriggerModal({ namespace, job, opened, onClose }: Props) {
  const navigate = useNavigate()
  const own: Draft = job.definition.params ?? {}
  const [params, setParams] = useState<Draft | undefined>(own)
  const [time, setTime] = useState('')
  const [executor, setExecutor] = useState('')
  const [key, setKey] = useState(randomKey)
  const trigger = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/trigger')
  const { reset } = trigger
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins anew when it is opened, not when the job changes meanwhile
  useEffect(() => {
    if (!opened) return
    setParams(own)
    setTime('')
    setExecutor('')
    setKey(randomKey())
    reset()
  }, [opened])
  const schema = useParamsSchema(namespace, job.definition.target, opened)
  const instant = Date.parse(time)
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setKey(randomKey())
    }
  const run = () => {
    if (params === undefined) return
    const where = { path: { namespace, job: job.name }, header: { 'Idempotency-Key': key } }
    const body = {
      params,
      ...(Number.isNaN(instant) ? {} : { fireTime: new Date(instant).toISOString() }),
      ...(executor === '' ? {} : { executor }),
    }
    trigger.mutate(
      { params: where, body },
      {
        onSuccess: (made) => {
          onClose()
          void navigate({ to: '/n/$ns/runs/$run', params: { ns: namespace, run: made.id } })
        },
      },
    )
  }
  return (
    <Modal opened={opened} onClose={onClose} title={`Run ${job.name} now`} lockScroll={false} centered size="lg">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          run()
        }}
      >
        <ParamsEditor
          key={String(opened)}
          schema={schema}
          params={params ?? own}
          under={own}
          description="JSON, merged over the job's own"
          faults={faultsBelow(trigger.error === null ? [] : explain(trigger.error).faults, '/params')}
          onChange={changed(setParams)}
          onSubmit={run}
        />
        <div className={classes.pair}>
          <TextInput
            label="Fire time"
            description={`Told to the handler, in ${zoneName(Number.isNaN(instant) ? now() : instant)}; empty: now`}
            type="datetime-local"
            step={1}
            value={time}
            onChange={(event) => changed(setTime)(event.currentTarget.value)}
          />
          <ExecutorField
            namespace={namespace}
            target={job.definition.target}
            value={executor}
            enabled={opened}
            onChange={changed(setExecutor)}
          />
        </div>
        {trigger.error !== null && <ErrorNote error={trigger.error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={params === undefined} loading={trigger.isPending}>
            Run now
          </Button>
        </div>
      </form>
    </Modal>
  )
}

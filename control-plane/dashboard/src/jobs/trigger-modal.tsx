import type { Job } from '@cronclave/openapi'
import { Button, Modal, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { now } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { zoneName } from '../ui/format.ts'
import { parseParams } from './params.ts'
import { ExecutorField, ParamsField, randomKey } from './request-fields.tsx'
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
  const own = JSON.stringify(job.definition.params ?? {}, undefined, 2)
  const [text, setText] = useState(own)
  const [time, setTime] = useState('')
  const [executor, setExecutor] = useState('')
  const [key, setKey] = useState(randomKey)
  const trigger = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/trigger')
  const { reset } = trigger
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins anew when it is opened, not when the job changes meanwhile
  useEffect(() => {
    if (!opened) return
    setText(own)
    setTime('')
    setExecutor('')
    setKey(randomKey())
    reset()
  }, [opened])
  const parsed = parseParams(text)
  const instant = Date.parse(time)
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setKey(randomKey())
    }
  const run = () => {
    if (!parsed.ok) return
    const params = { path: { namespace, job: job.name }, header: { 'Idempotency-Key': key } }
    const body = {
      params: parsed.params,
      ...(Number.isNaN(instant) ? {} : { fireTime: new Date(instant).toISOString() }),
      ...(executor === '' ? {} : { executor }),
    }
    trigger.mutate(
      { params, body },
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
        <ParamsField
          value={text}
          parsed={parsed}
          description="JSON, merged over the job's own"
          onChange={changed(setText)}
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
          <Button type="submit" disabled={!parsed.ok} loading={trigger.isPending}>
            Run now
          </Button>
        </div>
      </form>
    </Modal>
  )
}

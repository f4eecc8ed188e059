import type { Job } from '@cronclave/openapi'
import { Button, Modal, Textarea } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { parseParams } from './params.ts'
import classes from './trigger-modal.module.css'

interface Props {
  namespace: string
  job: Job
  opened: boolean
  onClose(): void
}

/** Runs a job now, with parameters that are checked as they are typed; then shows the run. */
export default function TriggerModal({ namespace, job, opened, onClose }: Props) {
  const navigate = useNavigate()
  const own = JSON.stringify(job.definition.params ?? {}, undefined, 2)
  const [text, setText] = useState(own)
  const [key, setKey] = useState(randomKey)
  const trigger = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/trigger')
  const { reset } = trigger
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins anew when it is opened, not when the job changes meanwhile
  useEffect(() => {
    if (!opened) return
    setText(own)
    setKey(randomKey())
    reset()
  }, [opened])
  const parsed = parseParams(text)
  const change = (typed: string) => {
    setText(typed)
    setKey(randomKey())
  }
  const run = () => {
    if (!parsed.ok) return
    const params = { path: { namespace, job: job.name }, header: { 'Idempotency-Key': key } }
    trigger.mutate(
      { params, body: { params: parsed.params } },
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
        <Textarea
          label="Parameters"
          description="JSON, merged over the job's own"
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) run()
          }}
          error={parsed.ok ? undefined : parsed.fault}
          rows={8}
          spellCheck={false}
          autoCapitalize="off"
          classNames={{ input: classes.editor ?? '' }}
          data-autofocus
        />
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

/** One key for one intention: pressing twice, or again after a broken connection, makes one run. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

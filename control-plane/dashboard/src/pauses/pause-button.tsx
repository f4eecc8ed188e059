import { Button, Modal } from '@mantine/core'
import { IconPlayerPause } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from './pauses.module.css'

/** Stops all schedules of a namespace, after asking once; nothing while they stand still. */
export function PauseNamespace({ namespace }: { namespace: string }) {
  const queries = useQueryClient()
  const { data } = api.useQuery('get', '/v1/namespaces/{namespace}', { params: { path: { namespace } } })
  const pause = api.useMutation('post', '/v1/namespaces/{namespace}/pause', {
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}'] }),
  })
  if (data === undefined || data.paused !== undefined) return null
  return (
    <Asking
      word="Pause all"
      title={`Pause all schedules of ${namespace}?`}
      error={pause.error}
      busy={pause.isPending}
      onPause={(done) => pause.mutate({ params: { path: { namespace } } }, { onSuccess: done })}
      onOpen={() => pause.reset()}
    />
  )
}

/** Stops all schedules of all namespaces, after asking once; nothing while they stand still. */
export function PauseScheduler() {
  const queries = useQueryClient()
  const { data } = api.useQuery('get', '/v1/scheduler', {})
  const pause = api.useMutation('post', '/v1/scheduler/pause', {
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/scheduler'] }),
  })
  if (data === undefined || data.paused !== undefined) return null
  return (
    <Asking
      word="Pause scheduler"
      title="Pause the schedules of all namespaces?"
      error={pause.error}
      busy={pause.isPending}
      onPause={(done) => pause.mutate({}, { onSuccess: done })}
      onOpen={() => pause.reset()}
    />
  )
}

interface AskingProps {
  word: string
  title: string
  error: unknown
  busy: boolean
  onPause(done: () => void): void
  onOpen(): void
}

function Asking({ word, title, error, busy, onPause, onOpen }: AskingProps) {
  const [opened, setOpened] = useState(false)
  const open = () => {
    onOpen()
    setOpened(true)
  }
  const close = () => setOpened(false)
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconPlayerPause size={14} aria-hidden />} onClick={open}>
        {word}
      </Button>
      <Modal opened={opened} onClose={close} title={title} lockScroll={false} centered>
        <div className={classes.body}>
          <p>
            Their fires are recorded as paused and never made up for. Queued and running runs are left alone, and
            whoever asks for a run gets one.
          </p>
          {error !== null && <ErrorNote error={error} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button color="orange" loading={busy} onClick={() => onPause(close)}>
              Pause
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}

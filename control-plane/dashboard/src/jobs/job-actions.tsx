import type { Job } from '@cronclave/openapi'
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconBolt, IconPencil, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { api } from '../api/client.ts'
import { notifyError } from '../ui/notify.ts'
import classes from './job-actions.module.css'

const TriggerModal = lazy(() => import('./trigger-modal.tsx'))

/** Run now, and pause or resume: icons in a row, buttons on the job's own page. */
export function JobActions({ namespace, job, compact = false }: { namespace: string; job: Job; compact?: boolean }) {
  const queries = useQueryClient()
  const [triggering, setTriggering] = useState(false)
  const [asked, setAsked] = useState(false)
  const params = { path: { namespace, job: job.name } }
  const options = {
    onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs'] }),
    onError: notifyError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs/{job}'] }),
  }
  const pause = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/pause', options)
  const resume = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/resume', options)
  const stopped = job.state === 'paused' || job.state === 'quarantined'
  const busy = pause.isPending || resume.isPending
  const toggle = () => (stopped ? resume : pause).mutate({ params })
  const open = () => {
    setAsked(true)
    setTriggering(true)
  }
  const Icon = stopped ? IconPlayerPlay : IconPlayerPause
  const word = stopped ? 'Resume' : 'Pause'
  return (
    <span className={classes.actions}>
      {compact ? (
        <>
          <IconAction label={`Run ${job.name} now`} tip="Run now" onClick={open}>
            <IconBolt size={16} aria-hidden />
          </IconAction>
          <IconAction
            label={`${word} ${job.name}`}
            tip={word}
            onClick={toggle}
            loading={busy}
            disabled={job.state === 'ended'}
          >
            <Icon size={16} aria-hidden />
          </IconAction>
        </>
      ) : (
        <>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon size={14} aria-hidden />}
            loading={busy}
            disabled={job.state === 'ended'}
            onClick={toggle}
          >
            {word}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPencil size={14} aria-hidden />}
            renderRoot={(props) => (
              <Link to="/n/$ns/jobs/$job/edit" params={{ ns: namespace, job: job.name }} {...props} />
            )}
          >
            Edit
          </Button>
          <Button size="xs" leftSection={<IconBolt size={14} aria-hidden />} onClick={open}>
            Run now
          </Button>
        </>
      )}
      {asked && (
        <Suspense fallback={null}>
          <TriggerModal namespace={namespace} job={job} opened={triggering} onClose={() => setTriggering(false)} />
        </Suspense>
      )}
    </span>
  )
}

interface IconActionProps {
  label: string
  tip: string
  onClick(): void
  loading?: boolean
  disabled?: boolean
  children: React.ReactNode
}

function IconAction({ label, tip, onClick, loading = false, disabled = false, children }: IconActionProps) {
  return (
    <Tooltip label={tip} openDelay={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        onClick={onClick}
        loading={loading}
        disabled={disabled}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
